"""What stands in the DynamoDB table: keys, items, and the transaction that an append is.

| partition key | sort key | item |
|---|---|---|
| `c#<conversation>` | `head` | the conversation: its length, snapshot, times and marks |
| | `e#<incarnation>#<last sequence>` | the events of one append |
| | `m#<message id>` | where the message with that id stands |
| `p#<incarnation>` | `<last sequence>#<attempt>#<part>` | events of an append that one item cannot hold |
| `s#<incarnation>` | `<length>#<attempt>#<part>` | a snapshot that one item cannot hold |
| `notes` | `<incarnation>` | parts that may have to be removed |

`incarnation` names a conversation from its first append to its deletion: what a deleted one left behind cannot come
back in another with the same id. Parts are written before the append that points to them, so nobody sees them until
then.
"""

import zlib
from secrets import token_hex
from typing import Any, TypeAlias

import msgspec

from duologue.adapters.tracker_store.pending_append import PendingAppend
from duologue.core.ids import ConversationId, UserId
from duologue.ports.tracker_store import ConversationSummary
from duologue.wire.encoding import encode_json

Item: TypeAlias = dict[str, Any]  # fields as DynamoDB writes them: {"S": …}, {"N": …}, {"B": …}

SHARDS = 8
"""Partitions of an index that all conversations are in; each takes about 1,000 writes a second."""
INLINE_LIMIT = 250_000
"""Bytes of events, or of a snapshot, that go into one item; DynamoDB takes 400 KB."""
PART_SIZE = 350_000
MESSAGES_LIMIT = 90
"""Message ids that go into one transaction; DynamoDB takes 100 items."""

_COMPRESS_FROM = 1_500
_COMPRESSED = b"x"  # with this zlib begins, and neither JSON nor a snapshot


class EncodedAppend(msgspec.Struct, frozen=True, kw_only=True):
    """An append as bytes, with where it needs more than one item."""

    pending: PendingAppend
    messages: tuple[tuple[str, int], ...]
    """Message ids and where they stand."""
    events: bytes
    snapshot: bytes | None
    attempt: str
    """Names the parts of this append among those of others."""
    has_parts: bool
    has_snapshot_parts: bool
    has_many_messages: bool

    @property
    def is_long(self) -> bool:
        """Whether one transaction is not enough."""
        return self.has_parts or self.has_snapshot_parts


def encode_append(pending: PendingAppend) -> EncodedAppend:
    """An append as bytes."""
    messages = tuple((row.message_id, row.sequence) for row in pending.rows if row.message_id)
    events = pack(b"\n".join(row.data for row in pending.rows))
    has_many_messages = len(messages) > MESSAGES_LIMIT
    has_parts = has_many_messages or len(events) > INLINE_LIMIT
    if has_parts:
        events = pack(b"\n".join([encode_json(messages), *(row.data for row in pending.rows)]))
    snapshot = None if pending.snapshot is None else pack(pending.snapshot)
    return EncodedAppend(
        pending=pending,
        messages=messages,
        events=events,
        snapshot=snapshot,
        attempt=token_hex(6),
        has_parts=has_parts,
        has_snapshot_parts=snapshot is not None and len(snapshot) > INLINE_LIMIT,
        has_many_messages=has_many_messages,
    )


def pack(data: bytes) -> bytes:
    """The bytes, made smaller where that is worth it: DynamoDB counts every kilobyte."""
    if len(data) < _COMPRESS_FROM:
        return data
    packed = zlib.compress(data, 1)
    return packed if len(packed) < len(data) else data


def unpack(data: bytes) -> bytes:
    return zlib.decompress(data) if data.startswith(_COMPRESSED) else data


def make_incarnation() -> str:
    return token_hex(8)


# ---------------------------------------------------------------- keys


def key(partition: str, sort: str) -> Item:
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def name_partition(conversation_id: str) -> str:
    return f"c#{conversation_id}"


def head_key(conversation_id: str) -> Item:
    return key(name_partition(conversation_id), "head")


def message_key(conversation_id: str, message_id: str) -> Item:
    return key(name_partition(conversation_id), f"m#{message_id}")


def note_key(incarnation: str) -> Item:
    return key("notes", incarnation)


def get_key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def get_conversation_id(item: Item) -> ConversationId:
    return ConversationId(item["pk"]["S"].removeprefix("c#"))


def name_shard(conversation_id: str) -> str:
    return str(zlib.crc32(conversation_id.encode()) % SHARDS)


def name_fields(names: str) -> dict[str, str]:
    """Every field is spoken of as `#field`: many plain words mean something to DynamoDB."""
    return {f"#{name}": name for name in names.split()}


def number(value: float) -> Item:
    return {"N": repr(value)}


def find_number(item: Item, name: str) -> float:
    return float(item[name]["N"]) if name in item else 0.0


def find_text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def find_length(head: Item | None) -> int:
    """Length of the conversation."""
    return int(head["event_count"]["N"]) if head else 0


# ---------------------------------------------------------------- an append


def list_parts(encoded: EncodedAppend, incarnation: str) -> list[Item]:
    """The items that stand there before the append does."""
    parts: list[Item] = []
    if encoded.has_parts:
        last = encoded.pending.length - 1
        parts += _cut(encoded.events, f"p#{incarnation}", f"{last:012d}#{encoded.attempt}#")
    if encoded.has_snapshot_parts and encoded.snapshot is not None:
        parts += _cut(
            encoded.snapshot, f"s#{incarnation}", f"{encoded.pending.length:012d}#{encoded.attempt}#"
        )
    return parts


def _cut(data: bytes, partition: str, prefix: str) -> list[Item]:
    return [
        {
            **key(partition, f"{prefix}{start // PART_SIZE:06d}"),
            "data": {"B": data[start : start + PART_SIZE]},
        }
        for start in range(0, len(data), PART_SIZE)
    ]


def make_transaction(
    encoded: EncodedAppend, incarnation: str, table: str, *, is_noted: bool
) -> list[dict[str, Any]]:
    """The parts of the transaction that an append is; the conversation itself comes first."""
    pending = encoded.pending
    partition = name_partition(pending.conversation_id)
    events: Item = {
        **key(partition, f"e#{incarnation}#{pending.length - 1:012d}"),
        "first": number(pending.expected),
        **({"attempt": {"S": encoded.attempt}} if encoded.has_parts else {"data": {"B": encoded.events}}),
    }
    parts: list[dict[str, Any]] = [
        {"Update": {"TableName": table, **_make_head_update(encoded, incarnation)}},
        {"Put": {"TableName": table, "Item": events}},
    ]
    if not encoded.has_many_messages:
        parts += [
            {
                "Put": {
                    "TableName": table,
                    "Item": make_message(pending.conversation_id, incarnation, message_id, at),
                    # One of a conversation that was deleted does not count.
                    "ConditionExpression": "attribute_not_exists(#pk) OR #incarnation <> :incarnation",
                    "ExpressionAttributeNames": name_fields("pk incarnation"),
                    "ExpressionAttributeValues": {":incarnation": {"S": incarnation}},
                }
            }
            for message_id, at in encoded.messages
        ]
    if is_noted:
        # Whoever tidies up has marked the note before it removes the parts.
        parts.append(
            {
                "Delete": {
                    "TableName": table,
                    "Key": note_key(incarnation),
                    "ConditionExpression": "attribute_exists(#pk) AND attribute_not_exists(#condemned)",
                    "ExpressionAttributeNames": name_fields("pk condemned"),
                }
            }
        )
    return parts


def make_message(conversation_id: str, incarnation: str, message_id: str, at: int) -> Item:
    return {
        **message_key(conversation_id, message_id),
        "incarnation": {"S": incarnation},
        "at": number(at),
    }


def _make_head_update(encoded: EncodedAppend, incarnation: str) -> dict[str, Any]:
    pending = encoded.pending
    update = _Update()
    update.set("incarnation", {"S": incarnation})
    update.set("event_count", number(pending.length))
    update.set("shard", {"S": name_shard(pending.conversation_id)})
    if pending.updated_at:
        update.set("updated_at", number(pending.updated_at))
    else:
        update.set_once("updated_at", number(0.0))
    if pending.started_at:
        update.set_once("started_at", number(pending.started_at))
    if pending.user_id is not None:
        update.set("user_id", {"S": pending.user_id})
    _set_wake_time(update, pending)
    _set_promise(update, pending)
    _set_snapshot(update, encoded)
    if encoded.has_many_messages:
        update.set("unindexed", number(pending.length - 1))
    if pending.expected:
        update.values[":expected"] = number(pending.expected)
        update.names |= name_fields("unindexed")
        condition = (
            "#event_count = :expected AND #incarnation = :incarnation AND attribute_not_exists(#unindexed)"
        )
    else:
        update.names |= name_fields("pk")
        condition = "attribute_not_exists(#pk)"
    return {
        "Key": head_key(pending.conversation_id),
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **update.arguments,
    }


def _set_wake_time(update: "_Update", pending: PendingAppend) -> None:
    if pending.wake_at is None:
        update.remove("wake_at", "due_shard")
    else:
        update.set("wake_at", number(pending.wake_at))
        update.set("due_shard", {"S": name_shard(pending.conversation_id)})


def _set_promise(update: "_Update", pending: PendingAppend) -> None:
    if pending.is_promised:
        shard: Item = {"S": f"out#{name_shard(pending.conversation_id)}"}
        update.set_once("published", number(pending.expected))
        update.set("outbox_shard", shard)
        update.set("promise", shard)
    else:
        # An earlier promise holds for these events too; without one they go where nobody looks.
        update.copy("outbox_shard", "promise", {"S": "quiet"})


def _set_snapshot(update: "_Update", encoded: EncodedAppend) -> None:
    if encoded.snapshot is None:
        return
    update.set("snapshot_length", number(encoded.pending.length))
    if encoded.has_snapshot_parts:
        update.set("snapshot_attempt", {"S": encoded.attempt})
        update.remove("snapshot")
    else:
        update.set("snapshot", {"B": encoded.snapshot})
        update.remove("snapshot_attempt")


class _Update:
    """An update expression in the making."""

    def __init__(self) -> None:
        self.values: Item = {}
        self.names: dict[str, str] = {}
        self._sets: list[str] = []
        self._removals: list[str] = []

    def set(self, name: str, value: Item) -> None:
        self._add(name, f":{name}", value)

    def set_once(self, name: str, value: Item) -> None:
        self._add(name, f"if_not_exists(#{name}, :{name})", value)

    def copy(self, name: str, source: str, fallback: Item) -> None:
        self.names |= name_fields(source)
        self._add(name, f"if_not_exists(#{source}, :{name})", fallback)

    def remove(self, *names: str) -> None:
        self.names |= name_fields(" ".join(names))
        self._removals += [f"#{name}" for name in names]

    def _add(self, name: str, expression: str, value: Item) -> None:
        self.names |= name_fields(name)
        self.values[f":{name}"] = value
        self._sets.append(f"#{name} = {expression}")

    @property
    def arguments(self) -> dict[str, Any]:
        removals = f" REMOVE {', '.join(self._removals)}" if self._removals else ""
        return {
            "UpdateExpression": f"SET {', '.join(self._sets)}{removals}",
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": self.values,
        }


# ---------------------------------------------------------------- reading


def parse_summary(item: Item) -> ConversationSummary:
    """A line of a listing."""
    user_id = find_text(item, "user_id")
    return ConversationSummary(
        conversation_id=get_conversation_id(item),
        user_id=None if user_id is None else UserId(user_id),
        started_at=find_number(item, "started_at"),
        updated_at=find_number(item, "updated_at"),
        length=find_length(item),
    )
