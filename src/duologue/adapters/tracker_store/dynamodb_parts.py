"""What is too large for one transaction of DynamoDB, and how a conversation's items are removed."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Sequence

import msgspec

from duologue.adapters.tracker_store import dynamodb_items as items
from duologue.adapters.tracker_store.dynamodb_client import DynamodbClient, RequestRefusedError
from duologue.adapters.tracker_store.dynamodb_items import EncodedAppend, Item
from duologue.core.errors import ConflictError
from duologue.core.ids import ConversationId

_MESSAGES = msgspec.json.Decoder(list[tuple[str, int]])
_AT_ONCE = 16


class DynamodbParts:
    """Items beside the conversation's own."""

    def __init__(self, client: DynamodbClient) -> None:
        self._client = client

    # ---------------------------------------------------------------- long appends

    async def write(self, encoded: EncodedAppend, incarnation: str) -> None:
        """Write what the append will point to."""
        if not encoded.pending.expected:
            note = {
                **items.note_key(incarnation),
                "conversation_id": {"S": items.name_partition(encoded.pending.conversation_id)},
            }
            await self._client.write_many(put=[note])
        await self._client.write_many(put=items.list_parts(encoded, incarnation))

    async def take_back(self, encoded: EncodedAppend, incarnation: str) -> None:
        """Remove what was written for an append that was refused."""
        parts = [items.get_key(part) for part in items.list_parts(encoded, incarnation)]
        notes = [] if encoded.pending.expected else [items.note_key(incarnation)]
        await self._client.write_many(delete=[*parts, *notes])

    async def require_new_messages(self, encoded: EncodedAppend, incarnation: str) -> None:
        """Return if none of the append's message ids is stored.

        Raises:
            ConflictError: one is.
        """
        conversation_id = encoded.pending.conversation_id
        keys = [items.message_key(conversation_id, message_id) for message_id, _ in encoded.messages]
        found = await self._client.get_many(keys, "incarnation")
        if any(item["incarnation"]["S"] == incarnation for item in found):
            raise ConflictError("A message with the same id is stored in the conversation already.")

    async def index_messages(self, conversation_id: ConversationId, head: Item) -> None:
        """Make the message ids of the latest, long append findable; until that is done there is no other append."""
        incarnation = head["incarnation"]["S"]
        last = int(head["unindexed"]["N"])
        batch = await self._client.get(
            items.key(items.name_partition(conversation_id), f"e#{incarnation}#{last:012d}")
        )
        if batch is None:
            return
        messages = _MESSAGES.decode((await self._read_long(batch, incarnation)).partition(b"\n")[0])
        await self._client.write_many(
            put=[items.make_message(conversation_id, incarnation, *message) for message in messages]
        )
        try:
            await self._client.request(
                "update_item",
                TableName=self._client.table,
                Key=items.head_key(conversation_id),
                UpdateExpression="REMOVE #unindexed",
                ConditionExpression="#incarnation = :incarnation AND #unindexed = :last",
                ExpressionAttributeNames=items.name_fields("incarnation unindexed"),
                ExpressionAttributeValues={":incarnation": {"S": incarnation}, ":last": items.number(last)},
            )
        except RequestRefusedError as refused:
            if refused.code != "ConditionalCheckFailedException":
                raise
            # Another did it, or deleted the conversation, and then nothing of it may stay.
            if not await self._is_alive(conversation_id, incarnation):
                await self.remove(conversation_id, incarnation)

    # ---------------------------------------------------------------- reading

    async def read_events(
        self, conversation_id: ConversationId, incarnation: str, start: int, stop: int
    ) -> list[bytes]:
        """The events from `start` up to `stop`; fewer if the conversation was deleted meanwhile."""
        found: list[bytes] = []
        batches = self._query(
            items.name_partition(conversation_id), f"e#{incarnation}#{start:012d}", f"e#{incarnation}#~"
        )
        async for batch in batches:
            first = int(batch["first"]["N"])
            if first >= stop:
                break
            lines = await self._read_lines(batch, incarnation)
            found += lines[max(start - first, 0) : stop - first]
        return found

    async def _read_lines(self, batch: Item, incarnation: str) -> list[bytes]:
        if "attempt" in batch:
            return (await self._read_long(batch, incarnation)).split(b"\n")[1:]
        return items.unpack(batch["data"]["B"]).split(b"\n")

    async def _read_long(self, batch: Item, incarnation: str) -> bytes:
        last = batch["sk"]["S"].rpartition("#")[2]
        return await self._join(f"p#{incarnation}", f"{last}#{batch['attempt']['S']}#")

    async def read_snapshot(self, head: Item) -> bytes | None:
        """The snapshot, wherever it is; None if there is none, or another took its place meanwhile."""
        if "snapshot" in head:
            return items.unpack(head["snapshot"]["B"])
        if "snapshot_attempt" not in head:
            return None
        length = int(head["snapshot_length"]["N"])
        prefix = f"{length:012d}#{head['snapshot_attempt']['S']}#"
        try:
            return await self._join(f"s#{head['incarnation']['S']}", prefix) or None
        except zlib.error:  # some parts were gone already
            return None

    async def _join(self, partition: str, prefix: str) -> bytes:
        parts = [part["data"]["B"] async for part in self._query(partition, prefix, prefix + "~")]
        return items.unpack(b"".join(parts))

    def _query(self, partition: str, first: str, last: str) -> AsyncGenerator[Item]:
        return self._client.query(
            KeyConditionExpression="#pk = :pk AND #sk BETWEEN :first AND :last",
            ExpressionAttributeNames=items.name_fields("pk sk"),
            ExpressionAttributeValues={":pk": {"S": partition}, ":first": {"S": first}, ":last": {"S": last}},
            ConsistentRead=True,
        )

    # ---------------------------------------------------------------- removal

    async def remove_old_snapshots(self, incarnation: str, length: int, attempt: str) -> None:
        """Remove the parts of snapshots that this one took the place of."""
        current = f"{length:012d}#{attempt}#"
        keys = [
            sort
            async for sort in self._list_keys(f"s#{incarnation}")
            # One of a longer conversation belongs to an append that is under way.
            if sort["sk"]["S"] < f"{length:012d}#~" and not sort["sk"]["S"].startswith(current)
        ]
        await self._client.write_many(delete=keys)

    async def remove(self, conversation_id: ConversationId, incarnation: str) -> None:
        """Remove everything of a conversation that was deleted; may be done again."""
        partition = items.name_partition(conversation_id)
        events: list[Item] = []
        messages: list[Item] = []
        async for item in self._list_keys(partition):
            sort = item["sk"]["S"]
            if sort.startswith(f"e#{incarnation}#"):
                events.append(item)
            elif sort.startswith("m#"):
                messages.append(item)
        for prefix in "ps":
            events += [item async for item in self._list_keys(f"{prefix}#{incarnation}")]
        await self._remove_messages(messages, incarnation)
        await self._client.write_many(delete=events)
        await self._client.write_many(delete=[items.note_key(incarnation)])

    async def _remove_messages(self, keys: Sequence[Item], incarnation: str) -> None:
        # A new conversation with the same id may have a message with the same id: only ours is removed.
        for start in range(0, len(keys), _AT_ONCE):
            await asyncio.gather(
                *(self._remove_message(key, incarnation) for key in keys[start : start + _AT_ONCE])
            )

    async def _remove_message(self, key: Item, incarnation: str) -> None:
        try:
            await self._client.request(
                "delete_item",
                TableName=self._client.table,
                Key=key,
                ConditionExpression="#incarnation = :incarnation",
                ExpressionAttributeNames=items.name_fields("incarnation"),
                ExpressionAttributeValues={":incarnation": {"S": incarnation}},
            )
        except RequestRefusedError as refused:
            if refused.code != "ConditionalCheckFailedException":
                raise

    def _list_keys(self, partition: str) -> AsyncGenerator[Item]:
        return self._client.query(
            KeyConditionExpression="#pk = :pk",
            ProjectionExpression="#pk, #sk",
            ExpressionAttributeNames=items.name_fields("pk sk"),
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )

    async def finish_removals(self) -> None:
        """Remove what appends and deletions left behind that did not come to their end."""
        async for note in self._list_keys("notes"):
            stored = await self._client.get(note)
            if stored is None:
                continue
            incarnation = note["sk"]["S"]
            conversation_id = ConversationId(stored["conversation_id"]["S"].removeprefix("c#"))
            if await self._is_alive(conversation_id, incarnation):
                await self._client.write_many(delete=[note])
            elif await self._condemn(note):
                await self.remove(conversation_id, incarnation)

    async def _is_alive(self, conversation_id: ConversationId, incarnation: str) -> bool:
        head = await self._client.get(items.head_key(conversation_id), fields="incarnation")
        return head is not None and head["incarnation"]["S"] == incarnation

    async def _condemn(self, note: Item) -> bool:
        """Mark a note, so that an append which is still under way cannot point to what is removed."""
        try:
            await self._client.request(
                "update_item",
                TableName=self._client.table,
                Key=note,
                UpdateExpression="SET #condemned = :yes",
                ConditionExpression="attribute_exists(#pk)",
                ExpressionAttributeNames=items.name_fields("pk condemned"),
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )
        except RequestRefusedError as refused:
            if refused.code == "ConditionalCheckFailedException":
                return False
            raise
        return True
