"""Every lock store keeps the promise of its port."""

import pytest

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.testing.contracts.lock_store import LockStoreContract


class TestInProcessLockStore(LockStoreContract):
    @pytest.fixture
    def store(self) -> InProcessLockStore:
        return InProcessLockStore()
