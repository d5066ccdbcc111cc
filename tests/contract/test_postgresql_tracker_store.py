"""PostgreSQL keeps the promise of the tracker store."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from duologue.adapters.tracker_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions
from duologue.ports.tracker_store import TrackerStore
from duologue.testing.contracts.tracker_store import TrackerStoreContract
from tests.peers.postgresql import open_peer

SCHEMAS = count()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with open_peer() as peer_url:
        yield peer_url


class TestPostgresqlTrackerStore(TrackerStoreContract):
    @pytest.fixture
    def options(self, url: str) -> PostgresqlOptions:
        return PostgresqlOptions(url=url, schema=f"Contract {next(SCHEMAS)}")

    @pytest.fixture
    async def store(self, options: PostgresqlOptions) -> AsyncIterator[TrackerStore]:
        store = await open_store(options)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(
        self, store: TrackerStore, options: PostgresqlOptions
    ) -> AsyncIterator[TrackerStore]:
        second = await open_store(options)
        yield second
        await second.close()


@pytest.mark.slow
class TestPostgresqlTrackerStoreBehindAPooler(TestPostgresqlTrackerStore):
    """With statements that are not prepared, as pgbouncer needs it."""

    @pytest.fixture
    def options(self, url: str) -> PostgresqlOptions:
        return PostgresqlOptions(
            url=url, schema=f"pooled_{next(SCHEMAS)}", query={"prepared_statement_cache_size": 0}
        )
