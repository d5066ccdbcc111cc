"""What the MySQL tracker store does when its server goes away, freezes, refuses a part, or loses an answer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from duologue.adapters.tracker_store.mysql import MysqlTrackerStore
from duologue.adapters.tracker_store.mysql_entrance import MysqlDoor
from duologue.adapters.tracker_store.mysql_options import MysqlOptions, find_address
from duologue.core.errors import ConflictError, StorageUnavailableError
from duologue.core.events import SlotWasSet
from duologue.core.ids import ConversationId
from duologue.testing.contracts.tracker_store import ANNA, BEN, slots
from tests.peers.mariadb import MariadbPeer

PATIENCE = 5.0

_numbers = count()


@pytest.fixture(scope="module")
def peer() -> Iterator[MariadbPeer]:
    """A server that would cut values and speak Latin-1, if it were let."""
    with MariadbPeer(settings=("sql_mode=", "character_set_server=latin1", "max_allowed_packet=1M")) as peer:
        yield peer


@pytest.fixture
def options(peer: MariadbPeer) -> MysqlOptions:
    return MysqlOptions(url=peer.create_database(f"faults_{next(_numbers)}"))


@pytest.fixture
async def store(options: MysqlOptions) -> AsyncIterator[MysqlTrackerStore]:
    store = await MysqlTrackerStore.open(options, patience=PATIENCE)
    yield store
    await store.close()


class Relay:
    """Passes bytes on between one client and the server, and cuts the line where a test says so."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._lines: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.cut_at: bytes | None = None
        """Cut the line when the client says this."""
        self.passes_it_on = True
        """The server hears it, but nobody hears the answer."""
        self.cuts = 0

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator["Relay"]:
        async with await asyncio.start_server(self._connect, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
            for line in self._lines:
                line.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._lines |= {writer, far_writer}
        back = asyncio.create_task(self._pass_back(far_reader, writer))
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.cut_at is not None and self.cut_at in data:
                    self.cut_at = None
                    self.cuts += 1
                    back.cancel()
                    if self.passes_it_on:
                        far_writer.write(data)
                        await far_reader.read(65536)  # the answer: it is done
                    break
                far_writer.write(data)
        writer.close()
        far_writer.close()
        await asyncio.gather(back, return_exceptions=True)

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)


@pytest.fixture
async def relay(peer: MariadbPeer) -> AsyncIterator[Relay]:
    async with Relay(peer.port).listen() as relay:
        yield relay


@pytest.fixture
async def far_store(options: MysqlOptions, relay: Relay) -> AsyncIterator[MysqlTrackerStore]:
    """A store that reaches the server through the relay."""
    database = find_address(options).database
    far = MysqlOptions(url="127.0.0.1", port=relay.port, db=database, ssl_mode="disable")
    store = await MysqlTrackerStore.open(far, patience=PATIENCE)
    yield store
    await store.close()


async def test_a_stopped_server_is_unavailable_until_it_is_back(
    peer: MariadbPeer, store: MysqlTrackerStore
) -> None:
    await store.append(ANNA, slots("a"), expected=0)
    peer.stop()
    try:
        with pytest.raises(StorageUnavailableError, match=rf"at 127\.0\.0\.1:{peer.port} "):
            await store.append(ANNA, slots("b"), expected=1)
        with pytest.raises(StorageUnavailableError):
            await store.load(ANNA)
        with pytest.raises(StorageUnavailableError):
            await store.check_health()
    finally:
        peer.start()
    await store.append(ANNA, slots("b"), expected=1)
    assert await store.load_events(ANNA) == [*slots("a"), *slots("b")]


async def test_a_killed_server_loses_nothing_and_its_connections_are_replaced(
    peer: MariadbPeer, store: MysqlTrackerStore
) -> None:
    names = [ConversationId(str(number)) for number in range(20)]
    await asyncio.gather(*(store.append(name, slots("a"), expected=0) for name in names))
    peer.kill()
    peer.start()
    await asyncio.gather(*(store.append(name, slots("b"), expected=1) for name in names))
    for name in names:
        assert await store.load_events(name) == [*slots("a"), *slots("b")]


async def test_a_frozen_server_is_unavailable_until_it_goes_on(
    peer: MariadbPeer, options: MysqlOptions
) -> None:
    store = await MysqlTrackerStore.open(options, patience=1.0)
    await store.append(ANNA, slots("a"), expected=0)
    with peer.paused():
        outcomes = await asyncio.gather(
            store.append(ANNA, slots("b"), expected=1),
            *(store.append(ConversationId(str(number)), slots("b"), expected=0) for number in range(20)),
            *(store.load(ANNA) for _ in range(20)),
            store.check_health(),
            return_exceptions=True,
        )
    assert {type(outcome) for outcome in outcomes} == {StorageUnavailableError}
    await store.close()
    again = await MysqlTrackerStore.open(options, patience=PATIENCE)
    # The server may have heard the append before it froze; then it is all there.
    assert await again.load_events(ANNA) in (slots("a"), [*slots("a"), *slots("b")])
    await again.close()


async def test_a_store_goes_on_by_itself_after_a_freeze(peer: MariadbPeer, options: MysqlOptions) -> None:
    store = await MysqlTrackerStore.open(options, patience=1.0)
    with peer.paused(), pytest.raises(StorageUnavailableError):
        await store.load(ANNA)
    await asyncio.gather(*(store.load(ANNA) for _ in range(20)))
    await store.append(BEN, slots("b"), expected=0)
    await store.close()


@pytest.mark.parametrize("is_heard", [True, False])
async def test_an_append_whose_answer_is_lost_is_stored_exactly_once(
    relay: Relay, far_store: MysqlTrackerStore, is_heard: bool
) -> None:
    await far_store.append(ANNA, slots("a"), expected=0)
    relay.cut_at, relay.passes_it_on = b"COMMIT", is_heard
    await far_store.append(ANNA, slots("b"), expected=1)
    assert relay.cuts == 1
    assert await far_store.load_events(ANNA) == [*slots("a"), *slots("b")]


async def test_of_appends_whose_answer_is_lost_one_in_conflict_is_still_refused(
    relay: Relay, far_store: MysqlTrackerStore
) -> None:
    await far_store.append(ANNA, slots("a"), expected=0)
    relay.cut_at = b"COMMIT"
    outcomes = await asyncio.gather(
        far_store.append(ANNA, slots("other"), expected=0),
        far_store.append(BEN, slots("b"), expected=0),
        return_exceptions=True,
    )
    assert relay.cuts == 1
    assert [type(outcome) for outcome in outcomes] == [ConflictError, type(None)]
    assert await far_store.load_events(ANNA) == slots("a")
    assert await far_store.load_events(BEN) == slots("b")


async def test_a_read_whose_answer_is_lost_is_done_again(relay: Relay, far_store: MysqlTrackerStore) -> None:
    await far_store.append(ANNA, slots("a"), expected=0)
    relay.cut_at = b"duologue_events"
    stored = await far_store.load(ANNA)
    assert relay.cuts == 1
    assert stored is not None
    assert list(stored.tail) == slots("a")


async def test_a_reader_who_gives_up_leaves_no_answer_for_the_next(store: MysqlTrackerStore) -> None:
    await store.append(ANNA, slots("a"), expected=0)
    await store.append(BEN, slots("b"), expected=0)
    for steps in range(30):
        task = asyncio.create_task(store.load_events(ANNA))
        for _ in range(steps % 6):
            await asyncio.sleep(0)
        task.cancel()
        assert await store.load_events(BEN) == slots("b")
        await asyncio.gather(task, return_exceptions=True)


async def test_an_append_that_waits_for_a_lock_does_not_hold_up_the_others(
    options: MysqlOptions, store: MysqlTrackerStore
) -> None:
    await store.append(ANNA, slots("a"), expected=0)
    stranger = await MysqlDoor(options, find_address(options), patience=PATIENCE).open()
    await stranger.run(b"BEGIN; SELECT length FROM duologue_conversations FOR UPDATE")
    held = asyncio.create_task(store.append(ANNA, slots("b"), expected=1))
    await asyncio.gather(
        *(store.append(ConversationId(str(number)), slots("c"), expected=0) for number in range(20))
    )
    assert not held.done()
    await stranger.close()
    await held
    assert await store.load_events(ANNA) == [*slots("a"), *slots("b")]


async def test_a_server_that_may_only_be_read_is_unavailable_until_it_may_be_written(
    peer: MariadbPeer, options: MysqlOptions
) -> None:
    peer.execute("CREATE OR REPLACE USER reader@'%'; GRANT ALL ON `faults\\_%`.* TO reader@'%'")
    database = find_address(options).database
    store = await MysqlTrackerStore.open(
        MysqlOptions(url="127.0.0.1", port=peer.port, db=database, username="reader"), patience=PATIENCE
    )
    await store.append(ANNA, slots("a"), expected=0)
    peer.execute("SET GLOBAL read_only = 1")
    try:
        with pytest.raises(StorageUnavailableError, match="may only be read"):
            await store.append(ANNA, slots("b"), expected=1)
        with pytest.raises(StorageUnavailableError, match="may only be read"):
            await store.check_health()
        assert await store.load_events(ANNA) == slots("a")
    finally:
        peer.execute("SET GLOBAL read_only = 0")
    await store.append(ANNA, slots("b"), expected=1)
    await store.close()


async def test_an_append_in_many_parts_is_larger_than_a_packet(store: MysqlTrackerStore) -> None:
    events = [SlotWasSet(name="n", value="ä" * 60_000, timestamp=float(number)) for number in range(1, 41)]
    await store.append(ANNA, events, expected=0)
    assert await store.load_events(ANNA) == events
    with pytest.raises(ConflictError):
        await store.append(ANNA, [*events, *slots("x")], expected=7)
    assert await store.load_events(ANNA) == events


async def test_an_event_that_no_packet_holds_fails_alone_and_says_why(store: MysqlTrackerStore) -> None:
    outcomes = await asyncio.gather(
        store.append(ANNA, slots("a"), expected=0),
        store.append(BEN, slots("x" * 1_200_000), expected=0),
        store.append(ConversationId("carla"), slots("c"), expected=0),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), StorageUnavailableError, type(None)]
    assert "raise max_allowed_packet of the server" in str(outcomes[1])
    assert await store.load(BEN) is None


async def test_an_id_that_the_tables_cannot_hold_is_refused_and_nothing_is_cut(
    store: MysqlTrackerStore,
) -> None:
    with pytest.raises(ValueError, match="more than 255 characters"):
        await store.append(ConversationId("x" * 256), slots("a"), expected=0)
    longest = ConversationId("🦊" * 255)
    await store.append(longest, slots("a"), expected=0)
    assert [entry.conversation_id for entry in await store.list_conversations()] == [longest]
