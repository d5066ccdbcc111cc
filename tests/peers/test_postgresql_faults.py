"""What the PostgreSQL store does when the server, or the way to it, fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count

import asyncpg
import msgspec
import pytest

from duologue.adapters.tracker_store.postgresql import open_store
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions
from duologue.core.errors import ConflictError, StorageRefusedError, StorageUnavailableError
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId
from duologue.ports.tracker_store import TrackerStore
from tests.peers.postgresql import PostgresqlPeer

ANNA = ConversationId("anna")
PASSWORD = "open sesame"
TIMEOUTS: dict[str, str | int] = {"connect_timeout": 1, "command_timeout": 1}
NUMBERS = count()
PATIENCE = 20.0
"""Seconds; nothing here takes half as long, however busy the machine is."""


def slots(*values: object) -> list[Event]:
    return [SlotWasSet(name="n", value=value, timestamp=1000.0 + place) for place, value in enumerate(values)]


def names(count: int) -> list[ConversationId]:
    return [ConversationId(f"c-{number}") for number in range(count)]


async def append_to_all(
    store: TrackerStore, conversations: Sequence[ConversationId], *, expected: int = 0
) -> list[BaseException | None]:
    """Append an event to each at the same time; what came of it."""
    appends = (store.append(name, slots(name), expected=expected) for name in conversations)
    return await asyncio.wait_for(asyncio.gather(*appends, return_exceptions=True), PATIENCE)


async def becomes_usable(store: TrackerStore) -> None:
    """Return when the store can commit again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(StorageUnavailableError):
                return await store.check_health()


@pytest.fixture(scope="module")
def peer() -> Iterator[PostgresqlPeer]:
    with PostgresqlPeer(password=PASSWORD) as peer:
        yield peer


@pytest.fixture
def options(peer: PostgresqlPeer) -> PostgresqlOptions:
    name = f"test_{next(NUMBERS)}"
    peer.create_database(name)
    return PostgresqlOptions(
        url=peer.host, port=peer.port, db=name, username="postgres", password=PASSWORD, query=TIMEOUTS
    )


@pytest.fixture
async def store(options: PostgresqlOptions) -> AsyncIterator[TrackerStore]:
    store = await open_store(options)
    yield store
    await store.close()


class Road:
    """The way to a server, which can be cut or swallow what comes back."""

    def __init__(self, peer: PostgresqlPeer) -> None:
        self._peer = peer
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.swallows_answers = False
        self.swallows_requests = False
        self.swallowed = asyncio.Event()

    async def __aenter__(self) -> "Road":
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break what stands; new connections work."""
        self.swallows_answers = self.swallows_requests = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there_reader, there_writer = await asyncio.open_connection(self._peer.host, self._peer.port)
        self._writers += [writer, there_writer]
        await asyncio.gather(
            self._pump(reader, there_writer, answers=False),
            self._pump(there_reader, writer, answers=True),
            return_exceptions=True,
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while data := await reader.read(65536):
            if self.swallows_answers if answers else self.swallows_requests:
                self.swallowed.set()
                continue
            writer.write(data)
            await writer.drain()
        writer.close()


# -------------------------------------------------------------------- a server that goes and comes back


async def test_a_stopped_server_makes_the_store_unavailable_until_it_is_back(
    peer: PostgresqlPeer, store: TrackerStore
) -> None:
    await store.append(ANNA, slots(1), expected=0)
    peer.stop(immediate=True)
    try:
        outcomes = await append_to_all(store, names(20))
        with pytest.raises(StorageUnavailableError, match="nobody listens there"):
            await store.load(ANNA)
    finally:
        peer.start()
    assert {type(outcome) for outcome in outcomes} == {StorageUnavailableError}
    await store.append(ANNA, slots(2), expected=1)
    assert await store.load_events(ANNA) == [*slots(1), *slots(2)]


async def test_a_restart_between_two_turns_is_not_noticed(peer: PostgresqlPeer, store: TrackerStore) -> None:
    assert await append_to_all(store, names(20)) == [None] * 20
    peer.restart(immediate=True)
    assert await store.load(names(1)[0]) is not None
    assert await append_to_all(store, names(20), expected=1) == [None] * 20


async def test_what_was_acknowledged_survives_a_killed_server_and_nothing_is_half_stored(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    store = await open_store(options)
    acknowledged: dict[ConversationId, int] = dict.fromkeys(names(20), 0)
    enough = asyncio.Event()

    async def converse(name: ConversationId) -> None:
        while True:
            try:
                await store.append(name, slots("a", "b"), expected=2 * acknowledged[name])
            except StorageUnavailableError:
                return
            acknowledged[name] += 1
            if acknowledged[name] > 10:
                enough.set()

    tasks = [asyncio.create_task(converse(name)) for name in acknowledged]
    await asyncio.wait_for(enough.wait(), PATIENCE)
    try:
        await asyncio.to_thread(peer.kill)
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    finally:
        peer.start()
    await becomes_usable(store)
    for name, turns in acknowledged.items():
        assert len(await store.load_events(name)) in (2 * turns, 2 * turns + 2)
    await store.close()


async def test_a_frozen_server_costs_one_time_out_for_all_who_wait(
    peer: PostgresqlPeer, store: TrackerStore
) -> None:
    assert await append_to_all(store, names(5)) == [None] * 5
    with peer.paused():
        outcomes = await append_to_all(store, names(40), expected=1)
        with pytest.raises(StorageUnavailableError, match="in time"):
            await asyncio.wait_for(store.load(ANNA), PATIENCE)
    assert {type(outcome) for outcome in outcomes} == {StorageUnavailableError}
    await becomes_usable(store)
    await store.append(ANNA, slots(1), expected=0)
    assert await store.load_events(ANNA) == slots(1)


async def test_connections_that_an_administrator_ends_are_replaced(
    peer: PostgresqlPeer, store: TrackerStore
) -> None:
    await store.append(ANNA, slots(1), expected=0)
    peer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'duologue%'"
    )
    assert await store.load_events(ANNA) == slots(1)
    await store.append(ANNA, slots(2), expected=1)


async def test_a_server_that_only_reads_is_a_passing_failure(
    peer: PostgresqlPeer, store: TrackerStore, options: PostgresqlOptions
) -> None:
    await store.append(ANNA, slots(1), expected=0)
    peer.execute(f"ALTER DATABASE {options.db} SET default_transaction_read_only = on")
    peer.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{options.db}'"
    )  # as if this were the replica that took over
    for change in (store.append(ANNA, slots(2), expected=1), store.check_health()):
        with pytest.raises(StorageUnavailableError, match="can only be read"):
            await change
    assert await store.load_events(ANNA) == slots(1)
    peer.execute(f"ALTER DATABASE {options.db} SET default_transaction_read_only = off")
    await store.append(ANNA, slots(2), expected=1)


# -------------------------------------------------------------------- an outcome that nobody told us


async def test_an_append_whose_answer_was_lost_is_found_and_is_no_failure(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    async with Road(peer) as road:
        store = await open_store(_over(road, options))
        await store.append(ANNA, slots(1), expected=0)
        road.swallows_answers = True
        appends = asyncio.create_task(append_to_all(store, names(3)))
        await road.swallowed.wait()
        road.cut()
        assert await appends == [None] * 3
        for name in names(3):
            assert await store.load_events(name) == slots(name)
        await store.close()


async def test_an_append_that_never_arrived_is_made_again(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    async with Road(peer) as road:
        store = await open_store(_over(road, options))
        await store.append(ANNA, slots(1), expected=0)
        road.swallows_requests = True
        appends = asyncio.create_task(append_to_all(store, [ANNA, *names(3)], expected=1))
        await road.swallowed.wait()
        road.cut()
        outcomes = await appends
        assert [type(outcome) for outcome in outcomes] == [type(None), *[ConflictError] * 3]
        assert await store.load_events(ANNA) == [*slots(1), *slots(ANNA)]
        await store.close()


async def test_an_append_that_hangs_in_the_server_is_not_stored_behind_our_back(
    peer: PostgresqlPeer, store: TrackerStore, options: PostgresqlOptions
) -> None:
    await store.append(ANNA, slots(1), expected=0)
    other = await asyncpg.connect(peer.get_url(str(options.db)))
    await other.execute("BEGIN; LOCK TABLE duologue_conversations")
    with pytest.raises(StorageUnavailableError, match="in time"):
        await store.append(ANNA, slots(2), expected=1)
    await other.close()
    assert await store.load_events(ANNA) == slots(1)
    await store.append(ANNA, slots("later"), expected=1)


def _over(road: Road, options: PostgresqlOptions) -> PostgresqlOptions:
    return msgspec.structs.replace(options, port=road.port)


# -------------------------------------------------------------------- one among many


async def test_one_odd_append_in_a_batch_costs_the_others_nothing(store: TrackerStore) -> None:
    taken = UserSpoke(text="hi", message_id=MessageId("m-1"), timestamp=1.0)
    await store.append(ANNA, [taken], expected=0)
    outcomes = await asyncio.gather(
        *(store.append(name, slots(name), expected=0) for name in names(20)),
        store.append(ANNA, [taken], expected=1),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 20 + [ConflictError]
    assert await store.load_events(ANNA) == [taken]
    for name in names(20):
        assert await store.load_events(name) == slots(name)


async def test_waiters_that_are_cancelled_leave_the_batch_whole(store: TrackerStore) -> None:
    tasks = [asyncio.create_task(store.append(name, slots(name), expected=0)) for name in names(20)]
    loads = [asyncio.create_task(store.load(name)) for name in names(20)]
    await asyncio.sleep(0)
    for task in (*tasks[::2], *loads[::2]):
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*loads, return_exceptions=True)
    assert outcomes[1::2] == [None] * 10
    for name in names(20)[1::2]:
        assert await store.load_events(name) == slots(name)


# -------------------------------------------------------------------- a server that does not take us


async def refused(options: PostgresqlOptions, **changes: object) -> str:
    with pytest.raises(StorageRefusedError) as caught:
        await open_store(msgspec.structs.replace(options, **changes))
    said = str(caught.value)
    assert PASSWORD not in said
    assert "\n" not in said
    return said


async def test_a_wrong_password_is_refused(peer: PostgresqlPeer, options: PostgresqlOptions) -> None:
    said = await refused(options, password="wrong")
    assert f"database {options.db} at 127.0.0.1:{peer.port} refuses the password" in said


async def test_a_database_that_does_not_exist_is_refused(options: PostgresqlOptions) -> None:
    assert "database nowhere at" in (said := await refused(options, db="nowhere"))
    assert "does not exist; create it" in said


async def test_a_user_who_may_not_make_tables_is_refused(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    peer.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'")
    assert "rights" in await refused(options, username="guest", password="guest")


async def test_a_server_without_tls_is_refused_where_tls_is_wished(options: PostgresqlOptions) -> None:
    assert "does not speak TLS" in await refused(options, ssl_mode="require")


async def test_a_database_that_does_not_have_every_letter_is_refused(
    peer: PostgresqlPeer, options: PostgresqlOptions
) -> None:
    peer.execute("DROP DATABASE IF EXISTS old")
    peer.execute("CREATE DATABASE old ENCODING 'LATIN1' TEMPLATE template0")
    assert "LATIN1" in await refused(options, db="old")


async def test_nobody_at_the_door_may_pass(options: PostgresqlOptions) -> None:
    with pytest.raises(StorageUnavailableError, match="nobody listens there"):
        await open_store(msgspec.structs.replace(options, port=1))


async def test_too_many_connections_may_pass(peer: PostgresqlPeer, options: PostgresqlOptions) -> None:
    peer.execute("DROP ROLE IF EXISTS lonely; CREATE ROLE lonely LOGIN PASSWORD 'x' CONNECTION LIMIT 1")
    peer.execute(f"GRANT CREATE ON DATABASE {options.db} TO lonely")
    lonely = msgspec.structs.replace(options, username="lonely", password="x", schema="lonely")
    first = await open_store(lonely)
    with pytest.raises(StorageUnavailableError, match="no connection to spare"):
        await open_store(lonely)
    await first.close()
