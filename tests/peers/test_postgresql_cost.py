"""What a turn costs with PostgreSQL, counted by the server itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncpg
import msgspec
import pytest

from duologue.adapters.tracker_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions, find_address
from duologue.adapters.tracker_store.postgresql_session import SessionOpener
from duologue.adapters.tracker_store.postgresql_statements import write_statements
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId
from duologue.core.state import State
from duologue.ports.tracker_store import TrackerStore
from tests.peers.postgresql import PostgresqlPeer

ANNA = ConversationId("anna")
STATE = State(conversation_id=ANNA)


@pytest.fixture(scope="module")
def peer() -> Iterator[PostgresqlPeer]:
    with PostgresqlPeer(settings=["shared_preload_libraries=pg_stat_statements"]) as peer:
        peer.execute("CREATE EXTENSION pg_stat_statements")
        yield peer


@pytest.fixture
async def store(peer: PostgresqlPeer) -> AsyncIterator[TrackerStore]:
    store = await open_store(PostgresqlOptions(url=peer.get_url()))
    yield store
    for summary in await store.list_conversations(limit=10_000):
        await store.delete(summary.conversation_id)
    await store.close()


def turn(number: int) -> list[Event]:
    return [
        UserSpoke(text="hi", message_id=MessageId(f"m-{number}"), timestamp=1000.0 + number),
        *(SlotWasSet(name="n", value=place, timestamp=1000.0 + number) for place in range(9)),
    ]


async def take_turns(store: TrackerStore, conversation_id: ConversationId, first: int, count: int) -> None:
    for number in range(first, first + count):
        await store.load(conversation_id, message_id=MessageId(f"m-{number}"))
        await store.append(
            conversation_id,
            turn(number),
            expected=10 * number,
            snapshot=msgspec.structs.replace(STATE, length=10 * number + 10),
            wake_at=5000.0 + number,
            publish=True,
        )


async def count_statements(peer: PostgresqlPeer) -> int:
    """How many statements of all connections the server has done since it was asked last."""
    connection = await asyncpg.connect(peer.get_url())
    done = await connection.fetchval(
        "SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements WHERE query LIKE '%duologue%'"
    )
    await connection.execute("SELECT pg_stat_statements_reset()")
    await connection.close()
    return done


async def test_a_turn_is_one_read_and_one_write(peer: PostgresqlPeer, store: TrackerStore) -> None:
    await take_turns(store, ANNA, 0, 1)
    await count_statements(peer)
    await take_turns(store, ANNA, 1, 20)
    assert await count_statements(peer) == 40


async def test_turns_that_come_together_share_their_statements(
    peer: PostgresqlPeer, store: TrackerStore
) -> None:
    await count_statements(peer)
    await asyncio.gather(*(take_turns(store, ConversationId(f"c-{number}"), 0, 5) for number in range(100)))
    assert await count_statements(peer) < 5 * 100


async def test_a_long_conversation_is_loaded_without_a_look_at_its_events(
    peer: PostgresqlPeer, store: TrackerStore
) -> None:
    await take_turns(store, ANNA, 0, 30)
    assert await count_rows_read(peer, "m-new") == 0
    assert await count_rows_read(peer, "m-3") == 1
    await store.append(ANNA, turn(30)[:4], expected=300)
    assert await count_rows_read(peer, "m-new") == 4


async def count_rows_read(peer: PostgresqlPeer, message_id: str) -> int:
    """How many events the server touches to load the conversation, with the settings that our connections have."""
    session = await SessionOpener(find_address(PostgresqlOptions(url=peer.get_url()))).open()
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {write_statements(None).load}"
    ((plans,),) = await session.fetch(explain, [ANNA], [message_id])
    await session.close()
    return sum(
        round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in walk(msgspec.json.decode(plans)[0]["Plan"])
        if node.get("Relation Name") == "duologue_events"
    )


def walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from walk(below)


async def test_no_statement_reads_a_whole_table_however_small_it_is(
    peer: PostgresqlPeer, store: TrackerStore
) -> None:
    await take_turns(store, ANNA, 0, 2)
    session = await SessionOpener(find_address(PostgresqlOptions(url=peer.get_url()))).open()
    statements = write_statements(None)
    plans = [
        await session.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE {name}({arguments})")
        for name, arguments in [
            await _prepare(session, "loading", statements.load, ["text[]"] * 2),
            await _prepare(session, "listing", statements.list_all, ["int"] * 2),
            await _prepare(session, "waking", statements.list_due, ["float8", "int"]),
            await _prepare(session, "publishing", statements.list_unpublished, ["int"]),
            await _prepare(session, "scanning", statements.scan, ["int", "text"]),
        ]
    ]
    await session.close()
    kinds = {node["Node Type"] for ((plan,),) in plans for node in walk(msgspec.json.decode(plan)[0]["Plan"])}
    assert "Seq Scan" not in kinds
    assert "Index Scan" in kinds


async def _prepare(session: Any, name: str, statement: str, types: list[str]) -> tuple[str, str]:
    await session.execute(f"PREPARE {name} ({', '.join(types)}) AS {statement}")
    return name, ", ".join(f"NULL::{kind}" for kind in types)
