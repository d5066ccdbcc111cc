"""How the tables of the PostgreSQL store come about, with servers of several releases beside each other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count

import asyncpg
import msgspec
import pytest

from duologue.adapters.tracker_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions, find_address
from duologue.adapters.tracker_store.postgresql_schema import MIGRATIONS, Migration, prepare_schema
from duologue.adapters.tracker_store.postgresql_session import Session, SessionOpener
from duologue.core.errors import StorageRefusedError
from duologue.core.events import Event, SlotWasSet
from duologue.core.ids import ConversationId
from tests.peers.postgresql import PostgresqlPeer

ANNA = ConversationId("anna")
NUMBERS = count()
NEXT_RELEASE = (
    *MIGRATIONS,
    Migration(
        script="ALTER TABLE {conversations} ADD COLUMN region text; ALTER TABLE {events} ADD COLUMN region text;",
        oldest_reader=1,
    ),
)
LATER_RELEASE = (
    *NEXT_RELEASE,
    Migration(script="ALTER TABLE {conversations} DROP COLUMN changed;", oldest_reader=3),
)


def slot(value: object) -> list[Event]:
    return [SlotWasSet(name="n", value=value, timestamp=1000.0)]


@pytest.fixture(scope="module")
def peer() -> Iterator[PostgresqlPeer]:
    with PostgresqlPeer() as peer:
        yield peer


@pytest.fixture
def options(peer: PostgresqlPeer) -> PostgresqlOptions:
    return PostgresqlOptions(url=peer.create_database(f"test_{next(NUMBERS)}"))


@pytest.fixture
async def session(options: PostgresqlOptions) -> AsyncIterator[Session]:
    session = await SessionOpener(find_address(options)).open()
    yield session
    await session.close()


async def test_servers_that_start_at_once_make_the_tables_once(options: PostgresqlOptions) -> None:
    stores = await asyncio.gather(*(open_store(options) for _ in range(5)))
    for number, store in enumerate(stores):
        await store.append(ANNA, slot(number), expected=number)
    for store in stores:
        await store.close()


async def test_a_server_works_on_while_the_next_release_changes_the_tables(
    options: PostgresqlOptions, session: Session
) -> None:
    old = await open_store(options)
    await old.append(ANNA, slot(1), expected=0)
    await prepare_schema(session, None, where="here", migrations=NEXT_RELEASE)
    await old.append(ANNA, slot(2), expected=1)
    assert await old.load(ANNA) is not None
    await old.close()
    again = await open_store(options)
    assert await again.load_events(ANNA) == [*slot(1), *slot(2)]
    await again.close()


async def test_tables_that_this_release_would_spoil_are_refused(
    options: PostgresqlOptions, session: Session
) -> None:
    await prepare_schema(session, None, where="here", migrations=LATER_RELEASE)
    with pytest.raises(StorageRefusedError, match="newer release") as caught:
        await open_store(options)
    assert options.url.rpartition("/")[2] in str(caught.value)


async def test_a_step_that_fails_leaves_the_tables_as_they_were(
    options: PostgresqlOptions, session: Session
) -> None:
    await (await open_store(options)).close()
    broken = (*NEXT_RELEASE, Migration(script="ALTER TABLE {jobs} ADD COLUMN due int;", oldest_reader=1))
    with pytest.raises(asyncpg.DuplicateColumnError):
        await prepare_schema(session, None, where="here", migrations=broken)
    store = await open_store(options)
    await store.append(ANNA, slot(1), expected=0)
    await store.close()


async def test_a_user_without_the_right_to_make_tables_may_use_those_that_are_there(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    await (await open_store(options)).close()
    name = options.url.rpartition("/")[2]
    peer.execute(
        "CREATE ROLE worker LOGIN;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker;"
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker;",
        database=name,
    )
    store = await open_store(PostgresqlOptions(url=peer.get_url(name, user="worker")))
    await store.append(ANNA, slot(1), expected=0)
    assert await store.delete(ANNA)
    await store.check_health()
    await store.close()


async def test_a_missing_database_is_made_from_the_one_to_log_in_to(peer: PostgresqlPeer) -> None:
    options = PostgresqlOptions(
        url=peer.host, port=peer.port, username="postgres", db="made for us", login_db="postgres"
    )
    for store in await asyncio.gather(*(open_store(options) for _ in range(3))):
        await store.check_health()
        await store.close()


async def test_two_schemas_of_a_database_are_two_stores(options: PostgresqlOptions) -> None:
    first, second = [
        await open_store(msgspec.structs.replace(options, schema=name)) for name in ("one", 'It\'s "two"')
    ]
    await first.append(ANNA, slot(1), expected=0)
    assert await second.load(ANNA) is None
    await second.append(ANNA, slot(2), expected=0)
    assert await first.load_events(ANNA) == slot(1)
    await first.close()
    await second.close()


async def test_the_server_is_reached_through_its_socket(peer: PostgresqlPeer) -> None:
    options = PostgresqlOptions(
        url=str(peer.socket_folder), port=peer.port, username="postgres", db="postgres", schema="by_socket"
    )
    store = await open_store(options)
    await store.append(ANNA, slot(1), expected=0)
    await store.close()


async def test_an_operator_reads_events_with_plain_sql(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    store = await open_store(options)
    await store.append(ANNA, slot("Žofie"), expected=0)
    await store.close()
    said = peer.execute(
        "SELECT type, data::json ->> 'value' FROM duologue_events WHERE conversation_id = 'anna'",
        database=options.url.rpartition("/")[2],
    )
    assert said == "slot|Žofie"
