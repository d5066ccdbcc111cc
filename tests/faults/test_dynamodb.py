"""What befalls DynamoDB loses nothing and doubles nothing, and is said in one sentence."""

import asyncio
import random
import time
from base64 import b85encode
from collections.abc import AsyncIterator

import pytest

from duologue.adapters.tracker_store import dynamodb_client, dynamodb_items
from duologue.adapters.tracker_store.dynamodb import DynamodbTrackerStore
from duologue.adapters.tracker_store.dynamodb_client import DynamodbClient, open_client
from duologue.adapters.tracker_store.dynamodb_options import DynamodbOptions
from duologue.adapters.tracker_store.dynamodb_parts import DynamodbParts
from duologue.adapters.tracker_store.pending_append import prepare_append
from duologue.core.errors import ConflictError, StorageRefusedError, StorageUnavailableError
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId
from duologue.core.state import State
from duologue.core.tracker import fold
from tests.peers.moto_server import (  # noqa: F401 fixtures
    MotoServer,
    aws_credentials,
    drop_table,
    moto_url,
    name_table,
)

ANNA = ConversationId("anna")

pytestmark = pytest.mark.slow


def make_noise(size: int, seed: int = 1) -> str:
    """Text that cannot be made smaller."""
    return b85encode(random.Random(seed).randbytes(size)).decode()


def slot(value: object) -> Event:
    return SlotWasSet(name="n", value=value, timestamp=1000.0)


def messages(*names: object) -> list[Event]:
    return [UserSpoke(text="hi", message_id=f"m-{name}", timestamp=1000.0) for name in names]


def state_after(*events: Event) -> State:
    return fold(State(conversation_id=ANNA), events)


@pytest.fixture
async def options(moto_url: str) -> AsyncIterator[DynamodbOptions]:  # noqa: F811
    options = DynamodbOptions(table_name=name_table(), endpoint_url=moto_url)
    yield options
    await drop_table(options)


@pytest.fixture
async def store(options: DynamodbOptions) -> AsyncIterator[DynamodbTrackerStore]:
    store = await DynamodbTrackerStore.open(options)
    yield store
    await store.close()


@pytest.fixture
async def client(options: DynamodbOptions) -> AsyncIterator[DynamodbClient]:
    client = await open_client(options)
    yield client
    await client.close()


async def list_sort_keys(client: DynamodbClient) -> list[str]:
    """Everything in the table but its version."""
    found: list[str] = []
    arguments = {}
    while True:
        answer = await client.request("scan", TableName=client.table, **arguments)
        found += [f"{item['pk']['S'][:2]} {item['sk']['S']}" for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return sorted(key for key in found if key != "sc schema")
        arguments = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


class TestLongAppends:
    async def test_more_messages_than_a_transaction_takes_are_all_findable(
        self, store: DynamodbTrackerStore
    ) -> None:
        events = messages(*range(250))
        await store.append(ANNA, messages("first"), expected=0)
        await store.append(ANNA, events, expected=1)
        for number in (0, 120, 249):
            stored = await store.load(ANNA, message_id=MessageId(f"m-{number}"))
            assert stored is not None
            assert stored.message_at == number + 1
            with pytest.raises(ConflictError):
                await store.append(ANNA, messages(number), expected=251)
        with pytest.raises(ConflictError):
            await store.append(ANNA, messages(*range(200, 300)), expected=251)
        await store.append(ANNA, messages("last"), expected=251)
        assert len(await store.load_events(ANNA)) == 252

    async def test_a_crash_before_the_messages_are_findable_is_mended_by_the_next_who_comes(
        self, store: DynamodbTrackerStore, options: DynamodbOptions, client: DynamodbClient
    ) -> None:
        for name in (ANNA, ConversationId("ben")):
            pending = prepare_append(name, messages(*range(100)), expected=0, snapshot=None)
            encoded = dynamodb_items.encode_append(pending)
            incarnation = dynamodb_items.make_incarnation()
            await DynamodbParts(client).write(encoded, incarnation)
            transaction = dynamodb_items.make_transaction(encoded, incarnation, client.table, is_noted=True)
            await client.request("transact_write_items", TransactItems=transaction)
        stored = await store.load(ANNA, message_id=MessageId("m-77"))
        assert stored is not None
        assert stored.message_at == 77
        with pytest.raises(ConflictError):
            await store.append(ConversationId("ben"), messages(3), expected=100)
        await store.append(ConversationId("ben"), messages("new"), expected=100)

    async def test_a_large_snapshot_is_kept_in_parts_which_go_with_it(
        self, store: DynamodbTrackerStore, client: DynamodbClient
    ) -> None:
        large, larger, small = slot(make_noise(600_000)), slot(make_noise(900_000, 2)), slot(1)
        await store.append(ANNA, [large], expected=0, snapshot=state_after(large))
        await store.append(ANNA, [larger], expected=1, snapshot=state_after(large, larger))
        stored = await store.load(ANNA)
        assert stored is not None
        assert stored.snapshot == state_after(large, larger)
        snapshots = [key for key in await list_sort_keys(client) if key.startswith("s#")]
        assert snapshots
        assert all("000000000002" in key for key in snapshots)
        await store.append(ANNA, [small], expected=2, snapshot=state_after(large, larger, small))
        stored = await store.load(ANNA)
        assert stored is not None
        assert stored.snapshot == state_after(large, larger, small)
        assert await store.load_events(ANNA) == [large, larger, small]
        await store.delete(ANNA)
        assert await list_sort_keys(client) == []

    async def test_of_long_appends_at_once_one_wins_and_the_others_leave_nothing(
        self, store: DynamodbTrackerStore, options: DynamodbOptions, client: DynamodbClient
    ) -> None:
        second = await DynamodbTrackerStore.open(options)
        for length in (0, 1):
            outcomes = await asyncio.gather(
                *(
                    chosen.append(ANNA, [slot(make_noise(500_000, seed))], expected=length)
                    for seed, chosen in enumerate((store, second, store, second))
                ),
                return_exceptions=True,
            )
            assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ConflictError"] * 3 + [
                "NoneType"
            ]
        assert len(await store.load_events(ANNA)) == 2
        parts = [key for key in await list_sort_keys(client) if key.startswith("p#")]
        assert len(parts) == 4, "two events, each in two parts"
        await second.close()


class TestWhatACrashLeaves:
    async def test_parts_without_their_append_are_removed_at_the_next_start(
        self, store: DynamodbTrackerStore, options: DynamodbOptions, client: DynamodbClient
    ) -> None:
        pending = prepare_append(ANNA, [slot(make_noise(600_000))], expected=0, snapshot=None)
        encoded = dynamodb_items.encode_append(pending)
        incarnation = dynamodb_items.make_incarnation()
        await DynamodbParts(client).write(encoded, incarnation)
        await (await DynamodbTrackerStore.open(options)).close()
        assert await list_sort_keys(client) == []
        # One who was only slow is refused, for its parts are gone.
        transaction = dynamodb_items.make_transaction(encoded, incarnation, client.table, is_noted=True)
        with pytest.raises(dynamodb_client.RequestRefusedError, match="TransactionCanceled"):
            await client.request("transact_write_items", TransactItems=transaction)
        assert await store.load(ANNA) is None

    async def test_a_deletion_that_was_cut_short_spares_the_new_conversation(
        self, store: DynamodbTrackerStore, options: DynamodbOptions, client: DynamodbClient
    ) -> None:
        await store.append(ANNA, [*messages(1, 2), slot(make_noise(600_000))], expected=0)
        head = await client.get(dynamodb_items.head_key(ANNA))
        assert head is not None
        note = {**dynamodb_items.note_key(head["incarnation"]["S"]), "conversation_id": head["pk"]}
        await client.write_many(put=[note], delete=[dynamodb_items.head_key(ANNA)])

        assert await store.load(ANNA, message_id=MessageId("m-1")) is None
        await store.append(ANNA, messages(1), expected=0)
        stored = await store.load(ANNA, message_id=MessageId("m-2"))
        assert stored is not None
        assert stored.message_at is None
        await (await DynamodbTrackerStore.open(options)).close()

        assert len(await list_sort_keys(client)) == 3
        assert await store.load_events(ANNA) == messages(1)
        with pytest.raises(ConflictError):
            await store.append(ANNA, messages(1), expected=1)

    async def test_a_store_that_knew_the_deleted_conversation_goes_on_with_the_new_one(
        self, store: DynamodbTrackerStore, options: DynamodbOptions
    ) -> None:
        second = await DynamodbTrackerStore.open(options)
        await second.append(ANNA, messages(1), expected=0)
        await store.delete(ANNA)
        await store.append(ANNA, messages(2), expected=0)
        await second.append(ANNA, messages(1), expected=1)
        assert await store.load_events(ANNA) == messages(2, 1)
        await second.close()


class TestServerFaults:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch, aws_credentials: None) -> None:  # noqa: F811
        monkeypatch.setattr(dynamodb_client, "REQUEST_TIMEOUT", 2.0)

    async def test_a_server_that_is_frozen_costs_a_few_seconds(self) -> None:
        with MotoServer() as server:
            store = await DynamodbTrackerStore.open(DynamodbOptions(endpoint_url=server.url))
            await store.append(ANNA, messages(0), expected=0)
            server.pause()
            began = time.monotonic()
            for call in (store.load(ANNA), store.append(ANNA, messages(1), expected=1), store.check_health()):
                with pytest.raises(StorageUnavailableError, match="does not answer in time"):
                    await call
            assert time.monotonic() - began < 12
            server.resume()
            await store.check_health()
            while True:  # the append may still have been stored, whole
                length = len(await store.load_events(ANNA))
                try:
                    await store.append(ANNA, messages("new"), expected=length)
                except ConflictError:
                    continue
                break
            assert await store.load_events(ANNA) in (messages(0, "new"), messages(0, 1, "new"))
            await store.close()

    async def test_a_server_that_is_gone_is_said(self) -> None:
        with MotoServer() as server:
            store = await DynamodbTrackerStore.open(DynamodbOptions(endpoint_url=server.url))
            server.kill()
            with pytest.raises(
                StorageUnavailableError,
                match=r"DynamoDB table states_duologue in http.* (cannot be reached|does not answer)",
            ):
                await store.check_health()
            server.start()  # it forgets everything
            with pytest.raises(StorageUnavailableError, match="is not there any more"):
                await store.append(ANNA, messages(0), expected=0)
            await store.close()

    async def test_nobody_there_is_a_passing_failure(self) -> None:
        with pytest.raises(StorageUnavailableError, match=r"127\.0\.0\.1:9 (cannot be reached|does not)"):
            await DynamodbTrackerStore.open(DynamodbOptions(endpoint_url="http://127.0.0.1:9"))


class TestRefusals:
    async def test_without_credentials_one_sentence_says_what_to_set(
        self,
        moto_url: str,  # noqa: F811
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, "/nonexistent")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with pytest.raises(StorageRefusedError, match="no credentials of AWS for the DynamoDB table"):
            await DynamodbTrackerStore.open(DynamodbOptions(endpoint_url=moto_url))

    async def test_a_region_that_is_none_is_refused(self, aws_credentials: None) -> None:  # noqa: F811
        with pytest.raises(StorageRefusedError, match=r"mend `region` in endpoints\.yml"):
            await DynamodbTrackerStore.open(DynamodbOptions(region="not a region"))

    async def test_a_table_of_a_newer_release_is_refused(
        self, store: DynamodbTrackerStore, options: DynamodbOptions, client: DynamodbClient
    ) -> None:
        row = await client.get(dynamodb_items.key("schema", "schema"))
        assert row is not None
        await client.write_many(put=[{**row, "version": {"N": "9"}, "oldest_reader": {"N": "9"}}])
        with pytest.raises(StorageRefusedError, match="newer release"):
            await DynamodbTrackerStore.open(options)
