"""The MongoDB tracker store keeps the promise of its port."""

from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient

from duologue.adapters.tracker_store.mongodb import MongodbTrackerStore
from duologue.adapters.tracker_store.mongodb_options import MongodbOptions
from duologue.testing.contracts.tracker_store import TrackerStoreContract
from tests.peers.secantus import mongodb_url, name_database  # noqa: F401 a fixture


@pytest.fixture
async def options(mongodb_url: str) -> AsyncIterator[MongodbOptions]:  # noqa: F811
    options = MongodbOptions(url=mongodb_url, db=name_database())
    yield options
    async with AsyncMongoClient(mongodb_url) as client:
        await client.drop_database(options.db)


class TestMongodbTrackerStore(TrackerStoreContract):
    @pytest.fixture
    async def store(self, options: MongodbOptions) -> AsyncIterator[MongodbTrackerStore]:
        store = await MongodbTrackerStore.open(options)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(
        self, store: MongodbTrackerStore, options: MongodbOptions
    ) -> AsyncIterator[MongodbTrackerStore]:
        second = await MongodbTrackerStore.open(options)
        yield second
        await second.close()
