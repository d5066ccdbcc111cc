"""Results in PostgreSQL keep the promise of their port."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count as count_up
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs] it has no hints for others
import pytest

from duologue.adapters.result_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql import open_store as open_tracker_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions
from duologue.core.errors import StorageRefusedError
from duologue.ports.result_store import Remembered, ResultStore
from duologue.testing.contracts.result_store import (
    KEEP,
    LEASE,
    NOW,
    Count,
    ResultStoreContract,
    SharedTransactionContract,
    begin,
)
from tests.peers.postgresql import open_peer

SCHEMAS = count_up()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with open_peer() as url:
        yield url


def name_schema(server: str, name: str) -> str:
    return f"{server}{'&' if '?' in server else '?'}schema={name}_{next(SCHEMAS)}"


class TestPostgresqlResultStore(ResultStoreContract, SharedTransactionContract):
    @pytest.fixture
    async def count(self, store: ResultStore, server: str) -> AsyncIterator[Count]:
        # The driver has no hints for others.
        connect: Any = vars(asyncpg)["connect"]
        connection = await connect(server)
        await connection.execute("DROP TABLE IF EXISTS effects; CREATE TABLE effects (number int)")

        async def count_effects() -> int:
            return await connection.fetchval("SELECT count(*) FROM effects")

        yield count_effects
        await connection.close()

    @pytest.fixture
    def url(self, server: str) -> str:
        return name_schema(server, "Results")

    @pytest.fixture
    async def store(self, url: str) -> AsyncIterator[ResultStore]:
        store = await open_store(url)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(self, store: ResultStore, url: str) -> AsyncIterator[ResultStore]:
        second = await open_store(url)
        yield second
        await second.close()


@pytest.mark.slow
class TestPostgresqlResultStoreBehindAPooler(TestPostgresqlResultStore):
    """With statements that are not prepared, as pgbouncer needs it."""

    @pytest.fixture
    def url(self, server: str) -> str:
        return f"{name_schema(server, 'pooled')}&prepared_statement_cache_size=0"


async def test_servers_that_start_at_once_make_one_table_beside_the_conversations(server: str) -> None:
    url = name_schema(server, "start")
    schema = url.rpartition("schema=")[2]
    tracker_store = await open_tracker_store(PostgresqlOptions(url=server, schema=schema))
    stores = await asyncio.gather(*(open_store(url) for _ in range(4)))
    await stores[0].finish("a", await begin(stores[0], "a"), b"done", now=NOW, keep=KEEP)
    assert await stores[3].claim("a", now=NOW, lease=LEASE) == Remembered(result=b"done")
    for store in (*stores, tracker_store):
        await store.close()


async def test_an_address_with_an_unknown_word_is_refused(server: str) -> None:
    with pytest.raises(StorageRefusedError, match=r"store of results.* has `colour`"):
        await open_store(f"{server}?colour=red")
