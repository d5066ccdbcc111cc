"""The MySQL tracker store keeps the promise of its port, on a real MariaDB."""

import os
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from duologue.adapters.tracker_store.mysql import MysqlTrackerStore
from duologue.adapters.tracker_store.mysql_options import MysqlOptions
from duologue.testing.contracts.tracker_store import TrackerStoreContract
from tests.peers.mariadb import share_server

_numbers = count()


class TestMysqlTrackerStore(TrackerStoreContract):
    @pytest.fixture
    def options(self) -> Iterator[MysqlOptions]:
        name = f"duologue_{os.getpid()}_{next(_numbers)}"
        yield MysqlOptions(url=share_server().create_database(name))
        share_server().drop_database(name)

    @pytest.fixture
    async def store(self, options: MysqlOptions) -> AsyncIterator[MysqlTrackerStore]:
        store = await MysqlTrackerStore.open(options)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(
        self, store: MysqlTrackerStore, options: MysqlOptions
    ) -> AsyncIterator[MysqlTrackerStore]:
        second = await MysqlTrackerStore.open(options)
        yield second
        await second.close()
