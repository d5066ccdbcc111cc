"""The DynamoDB tracker store keeps the promise of its port, before moto and before Amazon's own emulator."""

from collections.abc import AsyncIterator

import pytest

from duologue.adapters.tracker_store.dynamodb import DynamodbTrackerStore
from duologue.adapters.tracker_store.dynamodb_options import DynamodbOptions
from duologue.testing.contracts.tracker_store import TrackerStoreContract
from tests.peers.moto_server import (  # noqa: F401 fixtures
    aws_credentials,
    drop_table,
    dynamodb_local_url,
    moto_url,
    name_table,
)


class _Contract(TrackerStoreContract):
    @pytest.fixture
    def options(self) -> DynamodbOptions:
        raise AssertionError("A class with a server has its options.")

    @pytest.fixture
    async def store(self, options: DynamodbOptions) -> AsyncIterator[DynamodbTrackerStore]:
        store = await DynamodbTrackerStore.open(options)
        yield store
        await store.close()
        await drop_table(options)  # moto copies all it has for each transaction

    @pytest.fixture
    async def second_store(
        self, store: DynamodbTrackerStore, options: DynamodbOptions
    ) -> AsyncIterator[DynamodbTrackerStore]:
        second = await DynamodbTrackerStore.open(options)
        yield second
        await second.close()


@pytest.mark.slow
class TestDynamodbTrackerStore(_Contract):
    @pytest.fixture
    def options(self, moto_url: str) -> DynamodbOptions:  # noqa: F811
        return DynamodbOptions(table_name=name_table(), endpoint_url=moto_url)


@pytest.mark.slow
class TestDynamodbTrackerStoreOnDynamodbLocal(_Contract):
    @pytest.fixture
    def options(self, dynamodb_local_url: str) -> DynamodbOptions:  # noqa: F811
        return DynamodbOptions(table_name=name_table(), endpoint_url=dynamodb_local_url)
