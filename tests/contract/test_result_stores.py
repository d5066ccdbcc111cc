"""The result stores that need no server keep the promise of their port."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from duologue.adapters.result_store.memory import InMemoryResultStore
from duologue.adapters.result_store.sqlite import SqliteResultStore
from duologue.core.errors import StorageUnavailableError
from duologue.ports.result_store import Begun, Remembered, ResultStore
from duologue.testing.contracts.result_store import (
    KEEP,
    LEASE,
    NOW,
    Count,
    ResultStoreContract,
    SharedTransactionContract,
    begin,
)


class TestInMemoryResultStore(ResultStoreContract):
    @pytest.fixture
    def store(self) -> ResultStore:
        return InMemoryResultStore()

    @pytest.fixture
    def second_store(self, store: ResultStore) -> ResultStore:
        """It has one process only, where everybody uses the same one."""
        return store

    async def test_the_oldest_results_make_room_for_new_ones(self) -> None:
        store = InMemoryResultStore(most_bytes=25)
        for key in "abc":
            await store.finish(key, await begin(store, key), b"ten bytes.", now=NOW, keep=KEEP)
        assert isinstance(await store.claim("a", now=NOW, lease=LEASE), Begun)
        assert await store.claim("c", now=NOW, lease=LEASE) == Remembered(result=b"ten bytes.")


class TestSqliteResultStore(ResultStoreContract, SharedTransactionContract):
    @pytest.fixture
    def count(self, store: SqliteResultStore, tmp_path: Path) -> Count:
        with closing(sqlite3.connect(tmp_path / "results.db")) as connection:
            connection.execute("CREATE TABLE effects (number INTEGER)")

        async def count_effects() -> int:
            with closing(sqlite3.connect(tmp_path / "results.db")) as connection:
                return connection.execute("SELECT count(*) FROM effects").fetchone()[0]

        return count_effects

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteResultStore]:
        store = await SqliteResultStore.open(tmp_path / "results.db")
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(
        self, store: SqliteResultStore, tmp_path: Path
    ) -> AsyncIterator[SqliteResultStore]:
        second = await SqliteResultStore.open(tmp_path / "results.db")
        yield second
        await second.close()

    async def test_results_and_fences_outlive_the_process(self, tmp_path: Path) -> None:
        first = await SqliteResultStore.open(tmp_path / "results.db")
        await first.finish("a", await begin(first, "a"), b"done", now=NOW, keep=KEEP)
        fence = await begin(first, "b")
        await first.release("b", fence)
        await first.close()
        again = await SqliteResultStore.open(tmp_path / "results.db")
        assert await again.claim("a", now=NOW, lease=LEASE) == Remembered(result=b"done")
        assert await begin(again, "b") > fence
        await again.close()

    async def test_a_file_in_no_folder_is_refused_with_its_name(self, tmp_path: Path) -> None:
        with pytest.raises(StorageUnavailableError, match=r"The folder .*nowhere .* remembered results"):
            await SqliteResultStore.open(tmp_path / "nowhere" / "results.db")

    async def test_a_file_that_is_gone_is_noticed(self, store: SqliteResultStore, tmp_path: Path) -> None:
        await store.check_health()
        (tmp_path / "results.db").unlink()
        with pytest.raises(StorageUnavailableError, match=r"database of remembered results .* was moved"):
            await store.check_health()
