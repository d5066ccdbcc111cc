"""What the SQLite store does when its file is new, old, odd, locked, full or gone, and under a crash."""

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.errors import InvariantError, StorageRefusedError, StorageUnavailableError
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId
from duologue.core.state import State
from duologue.core.tracker import fold

ANNA = ConversationId("anna")


# The tables of version 1, as the first release made them.
FIRST_SCHEMA = (
    "CREATE TABLE duologue_schema (version INTEGER NOT NULL, checks INTEGER NOT NULL)",
    "INSERT INTO duologue_schema VALUES (1, 0)",
    "CREATE TABLE duologue_conversations (conversation_id TEXT NOT NULL PRIMARY KEY, length INTEGER NOT NULL,"
    " user_id TEXT, started_at REAL NOT NULL, updated_at REAL NOT NULL, changed INTEGER NOT NULL,"
    " snapshot_length INTEGER NOT NULL, snapshot BLOB)",
    "CREATE TABLE duologue_events (conversation_id TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL,"
    " timestamp REAL NOT NULL, message_id TEXT, data TEXT NOT NULL, PRIMARY KEY (conversation_id, sequence))"
    " WITHOUT ROWID",
    "CREATE UNIQUE INDEX duologue_events_by_message ON duologue_events (conversation_id, message_id)"
    " WHERE message_id IS NOT NULL",
    "CREATE INDEX duologue_conversations_by_change ON duologue_conversations (changed)",
    "CREATE INDEX duologue_conversations_by_user ON duologue_conversations (user_id, changed)",
)


def slot(value: object) -> SlotWasSet:
    return SlotWasSet(name="n", value=value, timestamp=1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteTrackerStore]:
    store = await SqliteTrackerStore.open(path, lock_timeout=0.2)
    yield store
    await store.close()


def query(path: Path, text: str, *parameters: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(text, parameters).fetchall()


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def read_once(path: Path) -> list[Event]:
    store = await SqliteTrackerStore.open(path)
    try:
        return await store.load_events(ANNA)
    finally:
        await store.close()


# ---------------------------------------------------------------------------- what is in the file


async def test_conversations_are_there_after_the_store_is_opened_again(path: Path) -> None:
    events: list[Event] = [UserSpoke(text="hi", message_id="m-1", timestamp=3.0), slot(1)]
    state = fold(State(conversation_id=ANNA), events)
    first = await SqliteTrackerStore.open(path)
    await first.append(ANNA, events, expected=0, snapshot=state)
    await first.close()
    assert not path.with_name("conversations.db-wal").exists()

    second = await SqliteTrackerStore.open(path)
    stored = await second.load(ANNA, message_id=MessageId("m-1"))
    assert stored is not None
    assert (stored.snapshot, stored.message_at) == (state, 0)
    await second.close()


async def test_events_stand_in_the_file_as_public_json(store: SqliteTrackerStore, path: Path) -> None:
    await store.append(ANNA, [slot(1), UserSpoke(text="hi", message_id="m-1", timestamp=2.0)], expected=0)
    rows = query(
        path,
        "SELECT sequence, type, timestamp, message_id, json_extract(data, '$.event') FROM duologue_events ORDER BY sequence",
    )
    assert rows == [(0, "slot", 1.0, None, "slot"), (1, "user", 2.0, "m-1", "user")]


async def test_every_commit_waits_for_the_disk(store: SqliteTrackerStore, path: Path) -> None:
    assert query(path, "PRAGMA journal_mode") == [("wal",)]
    settings = await store._writer.do(lambda connection: connection.execute("PRAGMA synchronous").fetchone())
    assert settings == (2,)


async def test_what_was_deleted_does_not_stand_in_the_file_any_more(
    store: SqliteTrackerStore, path: Path
) -> None:
    await store.append(ANNA, [slot("my secret diagnosis " * 2000)], expected=0)
    await store.delete(ANNA)
    await store.close()
    assert b"diagnosis" not in read(path)


async def test_a_snapshot_of_an_older_shape_is_passed_over(store: SqliteTrackerStore, path: Path) -> None:
    events: list[Event] = [slot(1), slot(2)]
    await store.append(ANNA, events, expected=0, snapshot=fold(State(conversation_id=ANNA), events))
    await store.append(ANNA, [slot(3)], expected=2)
    query(path, "UPDATE duologue_conversations SET snapshot = CAST('0' || char(10) || '{}' AS BLOB)")
    stored = await store.load(ANNA)
    assert stored is not None
    assert stored.snapshot is None
    assert list(stored.tail) == [slot(1), slot(2), slot(3)]


async def test_a_file_that_another_platform_began_is_shared_with_it(path: Path) -> None:
    query(path, "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)")
    query(path, "INSERT INTO events VALUES (1, 'anna', '{}')")
    store = await SqliteTrackerStore.open(path)
    await store.append(ANNA, [slot(1)], expected=0)
    await store.close()
    assert query(path, "SELECT * FROM events") == [(1, "anna", "{}")]


@pytest.mark.parametrize(
    "name", ["with space.db", "question?mark=1.db", "hash#tag.db", "per%20cent.db", "žluť 🦊.db"]
)
async def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    store = await SqliteTrackerStore.open(tmp_path / name)
    await store.append(ANNA, [slot(1)], expected=0)
    await store.close()
    assert (tmp_path / name).stat().st_size > 0


async def test_a_snapshot_that_does_not_fit_the_events_is_a_bug_of_the_caller(
    store: SqliteTrackerStore,
) -> None:
    with pytest.raises(InvariantError):
        await store.append(ANNA, [slot(1)], expected=0, snapshot=State(conversation_id=ANNA, length=5))
    assert await store.load(ANNA) is None


@pytest.mark.parametrize("name", ["nul\0", "half \ud83d"])
async def test_an_id_that_no_store_can_keep_is_refused(store: SqliteTrackerStore, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        await store.append(ConversationId(name), [slot(1)], expected=0)
    with pytest.raises(ValueError, match="cannot be stored"):
        await store.append(ANNA, [UserSpoke(text="", message_id=name)], expected=0)
    with pytest.raises(ValueError, match="cannot be stored"):
        await store.load(ConversationId(name))


async def test_a_search_for_a_message_does_not_walk_through_the_conversation(path: Path) -> None:
    store = await SqliteTrackerStore.open(path)
    await store.close()
    plan = query(
        path,
        """
        EXPLAIN QUERY PLAN SELECT sequence FROM duologue_events INDEXED BY duologue_events_by_message
        WHERE conversation_id = 'a' AND message_id = 'b'
        """,
    )
    assert "(conversation_id=? AND message_id=?)" in str(plan[0][-1])


# ---------------------------------------------------------------------------- event loops and readers


def test_the_store_outlives_an_event_loop(path: Path) -> None:
    store = asyncio.run(SqliteTrackerStore.open(path))
    asyncio.run(store.append(ANNA, [slot(1)], expected=0))
    assert asyncio.run(store.load_events(ANNA)) == [slot(1)]
    asyncio.run(store.close())


async def test_an_odd_request_does_not_spoil_those_that_wait_beside_it(store: SqliteTrackerStore) -> None:
    await store.append(ANNA, [slot(1)], expected=0)
    good, bad, also_good = await asyncio.gather(
        store.load_events(ANNA),
        store.list_conversations(limit=2**70),
        store.load_events(ANNA),
        return_exceptions=True,
    )
    assert good == also_good == [slot(1)]
    assert isinstance(bad, OverflowError)


async def test_appends_that_wait_together_share_a_commit(store: SqliteTrackerStore) -> None:
    begun, release = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    batches: list[int] = []
    commit = store._writer._do_batch

    def watch(connection: sqlite3.Connection, changes):
        batches.append(len(changes))
        loop.call_soon_threadsafe(begun.set)
        release.wait(10)
        return commit(connection, changes)

    store._writer._do_batch = watch
    first = asyncio.create_task(store.append(ANNA, [slot(0)], expected=0))
    await begun.wait()
    others = [store.append(ConversationId(str(number)), [slot(number)], expected=0) for number in range(20)]
    waiting = asyncio.gather(*others)
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(first, waiting)
    assert batches == [1, 20]


# ---------------------------------------------------------------------------- files that cannot be used


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match=r"The folder .*nowhere.* does not exist"):
        await SqliteTrackerStore.open(tmp_path / "nowhere" / "x.db")


async def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="cannot be opened"):
        await SqliteTrackerStore.open(tmp_path)


async def test_a_file_of_another_kind_is_left_alone(path: Path) -> None:
    content = b"My shopping list: tea, cups and a long enough text to be no database. " * 40
    write(path, content)
    with pytest.raises(StorageUnavailableError, match="is not a SQLite database"):
        await SqliteTrackerStore.open(path)
    assert read(path) == content


async def test_a_file_of_a_newer_release_that_older_ones_can_live_with_is_used(path: Path) -> None:
    store = await SqliteTrackerStore.open(path)
    await store.close()
    query(path, "UPDATE duologue_schema SET version = 99")
    store = await SqliteTrackerStore.open(path)
    await store.append(ANNA, [slot(1)], expected=0)
    await store.close()
    assert query(path, "SELECT version FROM duologue_schema") == [(99,)]


async def test_an_older_file_is_brought_up_to_date_while_the_older_release_uses_it(path: Path) -> None:
    for statement in FIRST_SCHEMA:
        query(path, statement)
    query(path, "INSERT INTO duologue_conversations VALUES ('ben', 0, NULL, 0, 0, 1, 0, NULL)")
    store = await SqliteTrackerStore.open(path)
    await store.append(ANNA, [slot(1)], expected=0, wake_at=5.0)
    # What the older release says goes on working.
    query(path, "UPDATE duologue_schema SET checks = checks + 1")
    query(
        path,
        "INSERT INTO duologue_conversations (conversation_id, length, user_id, started_at, updated_at, changed,"
        " snapshot_length, snapshot) VALUES ('carla', 0, NULL, 0, 0, 1, 0, NULL)",
    )
    assert await store.list_due(5.0) == [ANNA]
    assert {entry.conversation_id for entry in await store.list_conversations()} == {"anna", "ben", "carla"}
    await store.close()


async def test_a_file_of_a_newer_release_is_left_alone(path: Path) -> None:
    store = await SqliteTrackerStore.open(path)
    await store.close()
    query(path, "UPDATE duologue_schema SET version = 99, oldest_reader = 99")
    with pytest.raises(StorageRefusedError, match="written by a newer release"):
        await SqliteTrackerStore.open(path)
    assert query(path, "SELECT version FROM duologue_schema") == [(99,)]


async def test_a_damaged_file_is_reported(store: SqliteTrackerStore, path: Path) -> None:
    await store.append(ANNA, [slot("x" * 50_000)], expected=0)
    await store.close()
    content = read(path)
    write(path, content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(StorageUnavailableError, match="is damaged; restore it"):
        await read_once(path)


# ---------------------------------------------------------------------------- trouble while it runs


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_file_locked_by_another_process_is_unavailable_until_it_lets_go(
    store: SqliteTrackerStore, path: Path
) -> None:
    with locked(path):
        with pytest.raises(StorageUnavailableError, match="locked by another process"):
            await store.append(ANNA, [slot(1)], expected=0)
        with pytest.raises(StorageUnavailableError, match="locked by another process"):
            await store.check_health()
        assert await store.load(ANNA) is None
    await store.append(ANNA, [slot(1)], expected=0)
    await store.check_health()


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_takes_no_more_fails_the_append_and_keeps_nothing_of_it(
    store: SqliteTrackerStore, path: Path
) -> None:
    await store.append(ANNA, [slot(1)], expected=0)
    assert await store.load_events(ANNA) == [slot(1)]
    with full_disk(path.with_name("conversations.db-wal").stat().st_size + 1000):
        with pytest.raises(StorageUnavailableError):
            await store.append(ANNA, [slot("x" * 100_000), slot(2)], expected=1)
        assert await store.load_events(ANNA) == [slot(1)]
    await store.append(ANNA, [slot(3)], expected=1)
    assert await store.load_events(ANNA) == [slot(1), slot(3)]


async def test_a_file_that_was_deleted_takes_no_more_events(store: SqliteTrackerStore, path: Path) -> None:
    await store.append(ANNA, [slot(1)], expected=0)
    for part in path.parent.glob("conversations.db*"):
        part.unlink()
    with pytest.raises(StorageUnavailableError, match="moved or deleted"):
        await store.append(ANNA, [slot(2)], expected=1)
    with pytest.raises(StorageUnavailableError, match="cannot be opened"):
        await store.append(ANNA, [slot(2)], expected=1)
    assert list(path.parent.glob("conversations.db*")) == []


async def test_a_file_that_comes_back_is_used_again(
    store: SqliteTrackerStore, path: Path, tmp_path: Path
) -> None:
    await store.append(ANNA, [slot(1)], expected=0)
    query(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    away = tmp_path / "away"
    away.mkdir()
    for part in path.parent.glob("conversations.db*"):
        part.rename(away / part.name)
    with pytest.raises(StorageUnavailableError):
        await store.append(ANNA, [slot(2)], expected=1)
    with pytest.raises(StorageUnavailableError):
        await store.load(ANNA)
    for part in away.iterdir():
        part.rename(path.parent / part.name)
    await store.append(ANNA, [slot(2)], expected=1)
    assert await store.load_events(ANNA) == [slot(1), slot(2)]


# ---------------------------------------------------------------------------- kill -9

APPENDER = """
import asyncio, sys
from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.events import SlotWasSet

async def converse(store, name):
    length = 0
    while True:
        events = [SlotWasSet(name="n", value=length + place) for place in range(3)]
        await store.append(name, events, expected=length)
        length += 3
        sys.stdout.write(f"{name} {length}\\n")
        sys.stdout.flush()

async def main():
    store = await SqliteTrackerStore.open(sys.argv[1])
    await asyncio.gather(*(converse(store, f"{sys.argv[2]}-{number}") for number in range(8)))

asyncio.run(main())
"""


def talk_until_killed(path: Path, prefix: str, lines: int) -> Iterator[tuple[str, int]]:
    """What a process acknowledged until it was killed, a while after that many lines."""
    arguments = [sys.executable, "-c", APPENDER, str(path), prefix]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        printed += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    for line in printed:
        if line.endswith("\n"):
            name, _, length = line.partition(" ")
            yield name, int(length)


async def test_what_was_acknowledged_before_a_kill_is_stored_once_and_without_a_gap(path: Path) -> None:
    acknowledged: dict[str, int] = {}
    for attempt in range(3):
        acknowledged.update(talk_until_killed(path, f"run{attempt}", lines=100 + 37 * attempt))
    assert len(acknowledged) == 24

    store = await SqliteTrackerStore.open(path)
    for name, length in acknowledged.items():
        values = [
            event.value
            for event in await store.load_events(ConversationId(name))
            if isinstance(event, SlotWasSet)
        ]
        assert values == list(range(len(values)))
        # One append more may have been committed whose answer the kill swallowed.
        assert len(values) in (length, length + 3)
    await store.close()
