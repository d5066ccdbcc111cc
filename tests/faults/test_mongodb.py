"""What befalls MongoDB loses nothing and doubles nothing, and is said in one sentence."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from duologue.adapters.tracker_store import mongodb_connection, mongodb_documents
from duologue.adapters.tracker_store.mongodb import MongodbTrackerStore
from duologue.adapters.tracker_store.mongodb_options import MongodbOptions
from duologue.core.errors import ConflictError, StorageRefusedError, StorageUnavailableError
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId
from duologue.core.state import State
from duologue.core.tracker import fold
from tests.peers.secantus import SecantusServer, mongodb_url, name_database  # noqa: F401 a fixture

ANNA = ConversationId("anna")

# The driver forgets sockets whose connection failed or was given up; the warnings come here and not into other tests.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*unclosed <socket", "ignore:Exception ignored in. <socket"),
]


@pytest.fixture(autouse=True)
def forgotten_sockets() -> Iterator[None]:
    yield
    gc.collect()


def make_turn(number: int, *, size: int = 1000) -> list[Event]:
    return [
        UserSpoke(text="x" * size, message_id=f"m-{number}", timestamp=1000.0 + number),
        SlotWasSet(name="n", value=number, timestamp=1000.0 + number),
    ]


async def converse(store: MongodbTrackerStore, turns: range, *, size: int = 1000) -> None:
    """Turns as the runtime takes them: one read, one write."""
    for number in turns:
        stored = await store.load(ANNA, message_id=MessageId(f"m-{number}"))
        before = stored.snapshot if stored and stored.snapshot else State(conversation_id=ANNA)
        assert stored is None or stored.message_at is None
        events = make_turn(number, size=size)
        await store.append(ANNA, events, expected=before.length, snapshot=fold(before, events))


async def append_anew(store: MongodbTrackerStore, events: list[Event]) -> None:
    """Append after whatever is there."""
    while True:
        try:
            await store.append(ANNA, events, expected=len(await store.load_events(ANNA)))
        except ConflictError:
            continue
        return


@pytest.fixture
async def options(mongodb_url: str) -> AsyncIterator[MongodbOptions]:  # noqa: F811
    options = MongodbOptions(url=mongodb_url, db=name_database())
    yield options
    async with AsyncMongoClient(mongodb_url) as client:
        await client.drop_database(options.db)


@pytest.fixture
async def store(options: MongodbOptions) -> AsyncIterator[MongodbTrackerStore]:
    store = await MongodbTrackerStore.open(options)
    yield store
    await store.close()


@pytest.fixture
async def database(options: MongodbOptions) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    async with AsyncMongoClient[dict[str, Any]](options.url) as client:
        yield client[options.db]


class TestPages:
    async def test_a_long_conversation_keeps_its_document_small(
        self, store: MongodbTrackerStore, database: AsyncDatabase[dict[str, Any]]
    ) -> None:
        await converse(store, range(120))
        await store.close()
        document = await database["duologue_conversations"].find_one({"_id": ANNA})
        assert document is not None
        assert document["length"] == 240
        assert document["moved"] > 100
        assert document["recent_size"] < 2 * mongodb_documents.PAGE_FROM
        assert document["moved"] + len(document["recent"]) == 240

    async def test_what_is_in_pages_is_read_and_found_and_refused(
        self, store: MongodbTrackerStore, options: MongodbOptions
    ) -> None:
        await converse(store, range(100))
        second = await MongodbTrackerStore.open(options)
        everything = [event for number in range(100) for event in make_turn(number)]
        assert await second.load_events(ANNA) == everything
        assert await second.load_events(ANNA, start=3, stop=150) == everything[3:150]
        for number in (0, 50, 99):
            stored = await second.load(ANNA, message_id=MessageId(f"m-{number}"))
            assert stored is not None
            assert stored.message_at == number * 2
            with pytest.raises(ConflictError):
                await second.append(ANNA, make_turn(number), expected=200)
        await second.append(ANNA, make_turn(100), expected=200)
        assert len(await store.load_events(ANNA)) == 202
        await second.close()

    async def test_a_page_without_its_cut_is_taken_as_it_is(
        self,
        store: MongodbTrackerStore,
        options: MongodbOptions,
        database: AsyncDatabase[dict[str, Any]],
    ) -> None:
        # Somebody wrote a page of the first events and died before they left the document.
        await converse(store, range(10))
        document = await database["duologue_conversations"].find_one({"_id": ANNA})
        assert document is not None
        page = mongodb_documents.make_page({**document, "snapshot_length": 12})
        assert page is not None
        await database["duologue_events"].insert_one(page)
        assert len(await store.load_events(ANNA)) == 20
        second = await MongodbTrackerStore.open(options)
        await converse(second, range(10, 60))
        await second.close()
        moved = await database["duologue_conversations"].find_one({"_id": ANNA})
        assert moved is not None
        assert moved["moved"] > 12
        assert await store.load_events(ANNA) == [e for number in range(60) for e in make_turn(number)]

    async def test_two_stores_move_the_same_events_once(
        self, store: MongodbTrackerStore, options: MongodbOptions
    ) -> None:
        second = await MongodbTrackerStore.open(options)

        async def append(chosen: MongodbTrackerStore, name: str) -> None:
            for number in range(60):
                while True:
                    length = len(await chosen.load_events(ANNA))
                    event = SlotWasSet(name=name, value=[number, "y" * 1500])
                    try:
                        await chosen.append(ANNA, [event], expected=length)
                    except ConflictError:
                        continue
                    break

        await asyncio.gather(append(store, "a"), append(second, "b"))
        events = await store.load_events(ANNA)
        for name in "ab":
            mine = [e.value[0] for e in events if isinstance(e, SlotWasSet) and e.name == name]
            assert mine == list(range(60))
        await second.close()

    async def test_a_conversation_of_the_same_id_has_nothing_of_a_deleted_one(
        self, store: MongodbTrackerStore, database: AsyncDatabase[dict[str, Any]]
    ) -> None:
        await converse(store, range(80))
        left_behind = await database["duologue_events"].find({}).to_list()
        await store.delete(ANNA)
        assert await database["duologue_events"].count_documents({}) == 0
        assert left_behind
        # As if the deletion had been cut short.
        await database["duologue_events"].insert_many(left_behind)
        await converse(store, range(80))
        assert await store.load_events(ANNA) == [e for number in range(80) for e in make_turn(number)]

    async def test_a_deletion_that_was_cut_short_is_finished_at_the_next_start(
        self,
        store: MongodbTrackerStore,
        options: MongodbOptions,
        database: AsyncDatabase[dict[str, Any]],
    ) -> None:
        await converse(store, range(80))
        await store.close()
        document = await database["duologue_conversations"].find_one({"_id": ANNA})
        assert document is not None
        await database["duologue_removals"].insert_one(
            {"_id": document["incarnation"], "conversation_id": ANNA}
        )
        opened = await MongodbTrackerStore.open(options)
        assert len(await opened.load_events(ANNA)) == 160, "it is there, so it was not deleted"
        await database["duologue_conversations"].delete_one({"_id": ANNA})
        await opened.close()
        await (await MongodbTrackerStore.open(options)).close()
        for name in ("duologue_events", "duologue_removals"):
            assert await database[name].count_documents({}) == 0


class _Commands(CommandListener):
    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


async def test_a_turn_is_one_read_and_one_write_however_long_the_conversation_is(
    options: MongodbOptions,
) -> None:
    commands = _Commands()
    writer = await MongodbTrackerStore.open(options)
    await converse(writer, range(100))
    await writer.close()
    client = AsyncMongoClient[dict[str, Any]](options.url, event_listeners=[commands])
    store = MongodbTrackerStore(client, options)
    await converse(store, range(100, 101))
    await store.close()
    assert commands.names[:2] == ["aggregate", "findAndModify"]


class TestServerFaults:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mongodb_connection, "CALL_TIMEOUT", 2000)

    @pytest.fixture
    def server(self) -> Iterator[SecantusServer]:
        with SecantusServer("--standalone", "--sync-on-commit") as server:
            yield server

    async def test_a_server_that_is_away_is_said_and_found_again(self, server: SecantusServer) -> None:
        store = await MongodbTrackerStore.open(MongodbOptions(url=server.url))
        await converse(store, range(3))
        server.stop()
        for call in (store.load(ANNA), store.append(ANNA, make_turn(3), expected=6), store.check_health()):
            with pytest.raises(StorageUnavailableError, match=r"MongoDB database rasa at 127\.0\.0\.1"):
                await call
        server.start()
        await store.check_health()
        await converse(store, range(3, 5))
        assert await store.load_events(ANNA) == [e for number in range(5) for e in make_turn(number)]
        await store.close()

    async def test_a_server_that_is_frozen_costs_a_few_seconds(self, server: SecantusServer) -> None:
        store = await MongodbTrackerStore.open(MongodbOptions(url=server.url))
        await converse(store, range(2))
        server.pause()
        began = time.monotonic()
        with pytest.raises(StorageUnavailableError, match=r"does not answer in time|cannot be reached"):
            await store.append(ANNA, make_turn(2), expected=4)
        assert time.monotonic() - began < 8
        server.resume()
        # Whether it was stored is not known, and it may still be; it was stored whole or not at all.
        await append_anew(store, make_turn(9))
        turns = [e.value for e in await store.load_events(ANNA) if isinstance(e, SlotWasSet)]
        assert turns in ([0, 1, 9], [0, 1, 2, 9])
        await store.close()

    async def test_what_was_acknowledged_survives_a_kill(self, server: SecantusServer) -> None:
        store = await MongodbTrackerStore.open(MongodbOptions(url=server.url))
        acknowledged = dict.fromkeys(map(ConversationId, "abcdef"), 0)

        async def talk(name: ConversationId) -> None:
            while True:
                length = acknowledged[name]
                await store.append(name, [SlotWasSet(name="n", value=length)], expected=length)
                acknowledged[name] += 1
                if sum(acknowledged.values()) == 60:
                    server.kill()

        outcomes = await asyncio.gather(*(talk(name) for name in acknowledged), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {StorageUnavailableError}
        server.start()
        for name, length in acknowledged.items():
            values = [e.value for e in await store.load_events(name) if isinstance(e, SlotWasSet)]
            assert values == list(range(len(values)))
            assert length <= len(values) <= length + 1, "one may be stored without its answer"
        await store.close()


class TestRefusals:
    async def test_nobody_there_is_a_passing_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mongodb_connection, "CALL_TIMEOUT", 500)
        with pytest.raises(StorageUnavailableError, match=r"at 127\.0\.0\.1:9 cannot be reached") as caught:
            await MongodbTrackerStore.open(MongodbOptions(url="mongodb://u:secret@127.0.0.1:9"))
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("url", ["mongodb://", "mongodb://h:port", "mongodb://h/?tls=perhaps"])
    async def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        with pytest.raises(StorageRefusedError, match=r"mend `url` in endpoints\.yml"):
            await MongodbTrackerStore.open(MongodbOptions(url=url))

    async def test_a_database_of_a_newer_release_is_refused(
        self,
        store: MongodbTrackerStore,
        options: MongodbOptions,
        database: AsyncDatabase[dict[str, Any]],
    ) -> None:
        change = {"$set": {"version": 9, "oldest_reader": 1}}
        await database["duologue_schema"].update_one({"_id": "schema"}, change)
        await (await MongodbTrackerStore.open(options)).close()
        await database["duologue_schema"].update_one({"_id": "schema"}, {"$set": {"oldest_reader": 9}})
        with pytest.raises(StorageRefusedError, match="newer release"):
            await MongodbTrackerStore.open(options)

    async def test_a_wrong_password_is_refused(self) -> None:
        with SecantusServer("--standalone") as server:
            async with AsyncMongoClient(server.url) as client:
                await client["admin"].command(
                    "createUser", "bot", pwd="right", roles=["readWriteAnyDatabase"]
                )
            server.stop()
            server.add_argument("--auth")
            server.start()
            right = MongodbOptions(url=server.url, username="bot", password="right")
            await (await MongodbTrackerStore.open(right)).close()
            wrong = MongodbOptions(url=server.url, username="bot", password="wrong-one")
            with pytest.raises(StorageRefusedError, match="refuses the user bot or the password") as caught:
                await MongodbTrackerStore.open(wrong)
            assert "wrong-one" not in str(caught.value)
            with pytest.raises(StorageRefusedError, match="username and password"):
                await MongodbTrackerStore.open(MongodbOptions(url=server.url))

    async def test_tls_is_spoken_and_a_certificate_of_a_stranger_refused(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
        certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        files = ("--tls-cert-file", str(tmp_path / "cert.pem"), "--tls-key-file", str(tmp_path / "key.pem"))
        with SecantusServer("--standalone", *files) as server:
            trusting = MongodbOptions(url=f"{server.url}/?tls=true&tlsCAFile={tmp_path / 'ca.pem'}")
            store = await MongodbTrackerStore.open(trusting)
            await store.check_health()
            await store.close()
            with pytest.raises(StorageRefusedError, match="do not agree on TLS"):
                await MongodbTrackerStore.open(MongodbOptions(url=f"{server.url}/?tls=true"))
