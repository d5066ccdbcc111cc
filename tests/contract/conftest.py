"""The contract suites live in the package; pytest explains their failures as it does those of tests."""

import pytest

pytest.register_assert_rewrite("duologue.testing.contracts")
