"""Values of JSON are compared as JSON has them, whatever a transport makes of numbers."""

from typing import Any

import pytest

from duologue.testing.conformance.actions.check import is_same


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (1, 1.0),
        ("a", "a"),
        (None, None),
        (True, True),
        ({"a": [1, {"b": 2}]}, {"a": [1.0, {"b": 2.0}]}),
        ([], []),
    ],
)
def test_the_same_value_in_other_clothes_is_the_same(wanted: Any, found: Any) -> None:
    assert is_same(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (1, True),
        (0, False),
        (False, None),
        ("1", 1),
        ("", None),
        ([1, 2], [1]),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": 1}, {}),
        ({}, []),
        ([True], [1]),
    ],
)
def test_another_value_is_another(wanted: Any, found: Any) -> None:
    assert not is_same(wanted, found)
    assert not is_same(found, wanted)
