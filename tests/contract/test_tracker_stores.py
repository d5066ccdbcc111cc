"""Every tracker store keeps the promise of its port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.testing.contracts.tracker_store import TrackerStoreContract


class TestInMemoryTrackerStore(TrackerStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryTrackerStore:
        return InMemoryTrackerStore()


class TestSqliteTrackerStore(TrackerStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteTrackerStore]:
        store = await SqliteTrackerStore.open(tmp_path / "conversations.db")
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(
        self, store: SqliteTrackerStore, tmp_path: Path
    ) -> AsyncIterator[SqliteTrackerStore]:
        second = await SqliteTrackerStore.open(tmp_path / "conversations.db")
        yield second
        await second.close()
