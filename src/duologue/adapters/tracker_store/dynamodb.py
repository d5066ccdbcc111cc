"""Conversations in one table of Amazon DynamoDB.

An append is one transaction on a few items: it is stored whole when it returns, or it is not there. Events and snapshots
that are too large for that are written before it, where nobody sees them.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import Any

from duologue.adapters.tracker_store import dynamodb_items as items
from duologue.adapters.tracker_store.begun_work import BegunWork
from duologue.adapters.tracker_store.dynamodb_client import (
    ATTEMPTS,
    DynamodbClient,
    RequestRefusedError,
    open_client,
)
from duologue.adapters.tracker_store.dynamodb_items import EncodedAppend, Item
from duologue.adapters.tracker_store.dynamodb_listings import DynamodbListings
from duologue.adapters.tracker_store.dynamodb_options import DynamodbOptions
from duologue.adapters.tracker_store.dynamodb_parts import DynamodbParts
from duologue.adapters.tracker_store.dynamodb_table import prepare_table, touch
from duologue.adapters.tracker_store.pending_append import PendingAppend, check_id, prepare_append
from duologue.core.errors import ConflictError, StorageUnavailableError
from duologue.core.events import Event
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.state import State
from duologue.ports.tracker_store import (
    ConversationPage,
    ConversationSummary,
    StoredConversation,
    TrackerStore,
    UnpublishedEvents,
)
from duologue.wire.events import decode_event
from duologue.wire.snapshot import decode_snapshot

_REMEMBERED = 10_000
_LENGTH_FIELDS = "incarnation event_count unindexed"


class DynamodbTrackerStore:
    """A tracker store in one table; made by `open`."""

    def __init__(self, client: DynamodbClient) -> None:
        self._client = client
        self._parts = DynamodbParts(client)
        self._listings = DynamodbListings(client)
        self._work = BegunWork()
        # What spares an append the question; the transaction notices if it is not so any more.
        self._incarnations: dict[ConversationId, str] = {}

    @classmethod
    async def open(cls, options: DynamodbOptions) -> "DynamodbTrackerStore":
        """Connect, and make the table if it is missing.

        Raises:
            StorageUnavailableError: DynamoDB cannot be reached.
            StorageRefusedError: it does not take us.
        """
        client = await open_client(options)
        try:
            await prepare_table(client, options.where)
            store = cls(client)
            await store._parts.finish_removals()
        except RequestRefusedError as refused:
            await client.close()
            raise client.explain_refusal(refused) or client.explain(refused) from refused
        except BaseException:
            await client.close()
            raise
        return store

    # ---------------------------------------------------------------- one conversation

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        check_id(conversation_id)
        with self._call():
            for _ in range(ATTEMPTS):
                head, message = await self._get_with_message(conversation_id, message_id)
                if head is None:
                    return None
                if "unindexed" in head:
                    await self._parts.index_messages(conversation_id, head)
                    continue
                self._remember(conversation_id, head["incarnation"]["S"])
                loaded = await self._read(conversation_id, head)
                if loaded is not None:
                    state, tail = loaded
                    return StoredConversation(
                        snapshot=state, tail=tail, message_at=_find_place(head, message)
                    )
        raise self._client.give_up()

    async def _get_with_message(
        self, conversation_id: ConversationId, message_id: MessageId | None
    ) -> tuple[Item | None, Item | None]:
        head_key = items.head_key(conversation_id)
        if not message_id:
            return await self._client.get(head_key), None
        check_id(message_id)
        message_key = items.message_key(conversation_id, message_id)
        found = await self._client.get_many([head_key, message_key])
        by_sort = {item["sk"]["S"]: item for item in found}
        return by_sort.get("head"), by_sort.get(message_key["sk"]["S"])

    async def _read(
        self, conversation_id: ConversationId, head: Item
    ) -> tuple[State | None, tuple[Event, ...]] | None:
        """The snapshot and the events after it; None if some were gone already."""
        length, state = items.find_length(head), None
        if "snapshot_length" in head:
            snapshot = await self._parts.read_snapshot(head)
            if snapshot is None:
                return None
            state = decode_snapshot(snapshot)
        start = state.length if state else 0
        if start == length:
            return state, ()
        tail = await self._parts.read_events(conversation_id, head["incarnation"]["S"], start, length)
        return (state, tuple(decode_event(data) for data in tail)) if len(tail) == length - start else None

    def _remember(self, conversation_id: ConversationId, incarnation: str) -> None:
        if len(self._incarnations) >= _REMEMBERED:
            self._incarnations.pop(next(iter(self._incarnations)))
        self._incarnations[conversation_id] = incarnation

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        pending = prepare_append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )
        encoded = items.encode_append(pending)
        if len(dict(encoded.messages)) < len(encoded.messages):
            raise _refuse_message()
        with self._call():
            if not pending.rows:
                _check_length(await self._client.get(items.head_key(conversation_id)), expected)
                return
            incarnation = await self._find_incarnation(encoded)
            if encoded.is_long:
                await self._append_long(encoded, incarnation)
            else:
                await self._commit(encoded, incarnation)

    async def _find_incarnation(self, encoded: EncodedAppend) -> str:
        """What the conversation is called from its beginning to its end."""
        pending = encoded.pending
        if not pending.expected:
            return items.make_incarnation()
        known = self._incarnations.get(pending.conversation_id)
        if known is not None and not encoded.is_long:
            return known
        head = await self._get_settled_head(pending)
        incarnation = str(head["incarnation"]["S"])
        if encoded.has_many_messages:
            await self._parts.require_new_messages(encoded, incarnation)
        return incarnation

    async def _get_settled_head(self, pending: PendingAppend) -> Item:
        for attempt in range(ATTEMPTS):
            head = await self._client.get(items.head_key(pending.conversation_id), fields=_LENGTH_FIELDS)
            _check_length(head, pending.expected)
            if head is not None and "unindexed" not in head:
                return head
            if head is not None:
                await self._parts.index_messages(pending.conversation_id, head)
            await self._client.wait(attempt)
        raise self._client.give_up()

    async def _append_long(self, encoded: EncodedAppend, incarnation: str) -> None:
        await self._parts.write(encoded, incarnation)
        try:
            await self._commit(encoded, incarnation)
        except ConflictError:
            await self._parts.take_back(encoded, incarnation)
            raise
        # The append is stored; what follows is done by the next one if it fails here.
        with suppress(StorageUnavailableError, RequestRefusedError):
            if encoded.has_many_messages:
                await self._get_settled_head_after(encoded)
            if encoded.has_snapshot_parts:
                await self._parts.remove_old_snapshots(incarnation, encoded.pending.length, encoded.attempt)

    async def _get_settled_head_after(self, encoded: EncodedAppend) -> None:
        conversation_id = encoded.pending.conversation_id
        head = await self._client.get(items.head_key(conversation_id), fields=_LENGTH_FIELDS)
        if head is not None and "unindexed" in head:
            await self._parts.index_messages(conversation_id, head)

    async def _commit(self, encoded: EncodedAppend, incarnation: str) -> None:
        pending = encoded.pending
        is_noted = encoded.is_long and not pending.expected
        for attempt in range(ATTEMPTS):
            try:
                await self._client.request(
                    "transact_write_items",
                    # With the token it is done once, however often the SDK has to ask.
                    ClientRequestToken=token_hex(16),
                    TransactItems=items.make_transaction(
                        encoded, incarnation, self._client.table, is_noted=is_noted
                    ),
                )
            except RequestRefusedError as refused:
                self._incarnations.pop(pending.conversation_id, None)
                incarnation = await self._judge(encoded, incarnation, refused)
                await self._client.wait(attempt)
            else:
                self._remember(pending.conversation_id, incarnation)
                return
        raise self._client.give_up()

    async def _judge(self, encoded: EncodedAppend, incarnation: str, refused: RequestRefusedError) -> str:
        """The incarnation to try again with, or the reason why not."""
        if refused.code != "TransactionCanceledException":
            raise refused
        pending = encoded.pending
        codes = [str(reason.get("Code")) for reason in refused.reasons]
        if codes[0] == "ConditionalCheckFailed":
            head = refused.reasons[0].get("Item")
            _check_length(head, pending.expected)
            if encoded.is_long or head is None:
                raise ConflictError("The conversation was changed while the append was under way.")
            return str((await self._get_settled_head(pending))["incarnation"]["S"])
        if "ConditionalCheckFailed" in codes:
            if encoded.is_long and codes[-1] == "ConditionalCheckFailed" and not pending.expected:
                raise StorageUnavailableError("What belongs to the append was tidied away; try again.")
            raise _refuse_message()
        if not {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"} & {*codes}:
            raise refused
        return incarnation  # another append is under way just now

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        check_id(conversation_id)
        start = max(start, 0)
        with self._call():
            for _ in range(ATTEMPTS):
                head = await self._client.get(items.head_key(conversation_id), fields=_LENGTH_FIELDS)
                end = items.find_length(head)
                end = end if stop is None else min(stop, end)
                if head is None or start >= end:
                    return []
                found = await self._parts.read_events(conversation_id, head["incarnation"]["S"], start, end)
                if len(found) == end - start:  # else it was deleted meanwhile
                    return [decode_event(data) for data in found]
        raise self._client.give_up()

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        check_id(conversation_id)
        with self._call():
            self._incarnations.pop(conversation_id, None)
            for attempt in range(ATTEMPTS):
                head = await self._client.get(items.head_key(conversation_id), fields=_LENGTH_FIELDS)
                if head is None:
                    return False
                if expected is not None:
                    _check_length(head, expected)
                if await self._delete_head(conversation_id, head):
                    await self._parts.remove(conversation_id, head["incarnation"]["S"])
                    return True
                await self._client.wait(attempt)
        raise self._client.give_up()

    async def _delete_head(self, conversation_id: ConversationId, head: Item) -> bool:
        """Whether the conversation is gone as it was; a note says what is still to be removed."""
        note = {
            **items.note_key(head["incarnation"]["S"]),
            "conversation_id": {"S": items.name_partition(conversation_id)},
        }
        try:
            await self._client.request(
                "transact_write_items",
                ClientRequestToken=token_hex(16),
                TransactItems=[
                    {
                        "Delete": {
                            "TableName": self._client.table,
                            "Key": items.head_key(conversation_id),
                            "ConditionExpression": "#incarnation = :incarnation AND #event_count = :length",
                            "ExpressionAttributeNames": items.name_fields("incarnation event_count"),
                            "ExpressionAttributeValues": {
                                ":incarnation": head["incarnation"],
                                ":length": head["event_count"],
                            },
                        }
                    },
                    {"Put": {"TableName": self._client.table, "Item": note}},
                ],
            )
        except RequestRefusedError as refused:
            if refused.code != "TransactionCanceledException":
                raise
            return False
        return True

    # ---------------------------------------------------------------- many conversations

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        if limit <= 0:
            return []
        with self._call():
            return await self._listings.list_conversations(user_id, limit, offset)

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        with self._call():
            return await self._listings.scan(cursor, max(limit, 1), since, until)

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        if limit <= 0:
            return []
        with self._call():
            return await self._listings.list_due(now, limit)

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        if limit <= 0:
            return []
        with self._call():
            return await self._listings.list_unpublished(limit)

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        check_id(conversation_id)
        with self._call():
            # Up to its end, usually; else up to there.
            is_done = await self._update(
                items.head_key(conversation_id),
                "SET #published = #event_count REMOVE #outbox_shard",
                "#published < :stop AND #event_count <= :stop",
                {":stop": items.number(stop)},
            )
            if is_done is None:
                await self._update(
                    items.head_key(conversation_id),
                    "SET #published = :stop",
                    "#published < :stop AND #event_count > :stop",
                    {":stop": items.number(stop)},
                )

    async def claim_run(self, job: str, due: float) -> bool:
        claim = token_hex(8)
        with self._call():
            stored = await self._update(
                items.key(f"run#{job}", "run"),
                "SET #due = :due, #claim = :claim",
                "attribute_not_exists(#pk) OR #due < :due",
                {":due": items.number(due), ":claim": {"S": claim}},
            )
        # If the SDK had to ask twice, it may be our own claim that was in the way.
        return stored is not None and stored["claim"]["S"] == claim

    async def _update(self, key: Item, change: str, condition: str, values: Item) -> Item | None:
        """The item as it stands now; None if the condition was not met and nothing of ours is there."""
        text = f"{change} {condition}"
        names = ["pk", "published", "event_count", "outbox_shard", "due", "claim"]
        try:
            answer: Any = await self._client.request(
                "update_item",
                TableName=self._client.table,
                Key=key,
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames={f"#{name}": name for name in names if f"#{name}" in text},
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except RequestRefusedError as refused:
            if refused.code != "ConditionalCheckFailedException":
                raise
            return refused.item if refused.item and "claim" in refused.item else None
        return answer["Attributes"]

    # ---------------------------------------------------------------- the store itself

    async def check_health(self) -> None:
        with self._call():
            await touch(self._client)

    async def close(self) -> None:
        if await self._work.finish():
            await self._client.close()

    @contextmanager
    def _call(self) -> Generator[None]:
        with self._work.one_more():
            try:
                yield
            except RequestRefusedError as refused:
                raise self._client.explain(refused) from refused


def _find_place(head: Item, message: Item | None) -> int | None:
    if message is None or message["incarnation"] != head["incarnation"]:
        return None
    at = int(message["at"]["N"])
    return at if at < items.find_length(head) else None


def _check_length(head: Item | None, expected: int) -> None:
    length = items.find_length(head)
    if length != expected:
        raise ConflictError(f"The conversation has {length} events, not {expected} as the append expects.")


def _refuse_message() -> ConflictError:
    return ConflictError("A message with the same id is stored in the conversation already.")


async def open_store(options: DynamodbOptions) -> TrackerStore:
    """The store in that table."""
    return await DynamodbTrackerStore.open(options)
