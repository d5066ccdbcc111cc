"""What stands in MongoDB: how a conversation, a page of its older events and an append are written there.

A conversation is one document with its latest events, so that an append is one change of one document. Older events
stand in pages, documents that never change. `incarnation` names a conversation from its first append to its deletion:
what a deleted one left behind cannot come back in another with the same id.
"""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from duologue.adapters.tracker_store.mongodb_connection import Document
from duologue.adapters.tracker_store.pending_append import PendingAppend
from duologue.core.ids import ConversationId, UserId
from duologue.ports.tracker_store import ConversationSummary

PAGE_FROM = 32_000
"""Bytes of events in a conversation's document from which on they are moved into a page."""
PAGE_TO = 4_000_000
"""Bytes of events that a page takes, if one event alone is not larger."""
RECENT_LIMIT = 2_000_000
"""Bytes of events in a conversation's document with which it takes no more before some are moved."""
APPEND_LIMIT = 12_000_000
"""Bytes of one append, with its snapshot; MongoDB takes no document above 16 MB."""

SUMMARY_FIELDS = {"user_id": 1, "started_at": 1, "updated_at": 1, "length": 1}
_ROW_OVERHEAD = 120


def measure(pending: PendingAppend) -> int:
    """Bytes that the events of an append take, about."""
    return sum(len(row.data) + _ROW_OVERHEAD for row in pending.rows)


def make_conversation(pending: PendingAppend) -> Document:
    """The document of a conversation that begins with this append."""
    document: Document = {
        "_id": pending.conversation_id,
        "incarnation": ObjectId(),
        "length": pending.length,
        "user_id": pending.user_id,
        "started_at": pending.started_at,
        "updated_at": pending.updated_at,
        "snapshot": pending.snapshot,
        "snapshot_length": 0 if pending.snapshot is None else pending.length,
        "moved": 0,
        "recent_size": measure(pending),
        "recent": _make_rows(pending),
    }
    if pending.wake_at is not None:
        document["wake_at"] = pending.wake_at
    if pending.is_promised:
        document |= {"published": pending.expected, "is_waiting": True}
    return document


def make_change(pending: PendingAppend) -> list[Document]:
    """The change of a conversation's document that this append is."""
    fields: Document = {
        "length": pending.length,
        "recent": {"$concatArrays": ["$recent", {"$literal": _make_rows(pending)}]},
        "recent_size": {"$add": ["$recent_size", measure(pending)]},
        "wake_at": "$$REMOVE" if pending.wake_at is None else pending.wake_at,
    }
    if pending.user_id is not None:
        fields["user_id"] = {"$literal": pending.user_id}
    if pending.updated_at:
        fields["updated_at"] = pending.updated_at
    if pending.started_at:
        fields["started_at"] = {"$cond": [{"$eq": ["$started_at", 0]}, pending.started_at, "$started_at"]}
    if pending.snapshot is not None:
        fields |= {"snapshot": pending.snapshot, "snapshot_length": pending.length}
    if pending.is_promised:
        fields["published"] = {"$ifNull": ["$published", pending.expected]}
    return [{"$set": fields}, _NOTE_WHAT_WAITS]


def make_mark(stop: int) -> list[Document]:
    """The change that marks the events before `stop` as published."""
    return [{"$set": {"published": {"$min": ["$length", stop]}}}, _NOTE_WHAT_WAITS]


# In an index of its own; a conversation that was never promised to the queue is not in it.
_NOTE_WHAT_WAITS: Document = {
    "$set": {
        "is_waiting": {
            "$cond": [{"$lt": [{"$ifNull": ["$published", "$length"]}, "$length"]}, True, "$$REMOVE"]
        }
    }
}


def _make_rows(pending: PendingAppend) -> list[Document]:
    return [
        {
            "sequence": row.sequence,
            "type": row.type_name,
            "timestamp": row.timestamp,
            **({"message_id": row.message_id} if row.message_id else {}),
            "data": row.data.decode(),
        }
        for row in pending.rows
    ]


def make_loading(conversation_id: ConversationId, message_ids: Sequence[str], pages: str) -> list[Document]:
    """The question for a conversation: its snapshot, the events after it, and where those messages stand."""
    steps: list[Document] = [
        {"$match": {"_id": conversation_id}},
        {
            "$project": {
                "incarnation": 1,
                "length": 1,
                "moved": 1,
                "snapshot": 1,
                "snapshot_length": 1,
                "recent_size": 1,
                "tail": _choose_rows({"$gte": ["$$row.sequence", "$snapshot_length"]}),
                "messages": _choose_rows({"$in": ["$$row.message_id", {"$literal": list(message_ids)}]}),
            }
        },
    ]
    if message_ids:
        # The conversation is read before its pages: whatever leaves the document meanwhile is in a page already.
        steps.append(
            {
                "$lookup": {
                    "from": pages,
                    "localField": "incarnation",
                    "foreignField": "incarnation",
                    "pipeline": [
                        {"$match": {"messages.id": {"$in": list(message_ids)}}},
                        {"$project": {"messages": 1}},
                    ],
                    "as": "pages",
                }
            }
        )
    return steps


def _choose_rows(condition: Document) -> Document:
    return {"$filter": {"input": "$recent", "as": "row", "cond": condition}}


def find_messages(document: Document, message_ids: Sequence[str]) -> list[int]:
    """Where messages with these ids stand, in a document that `make_loading` asked for."""
    found = [row["sequence"] for row in document["messages"]]
    pages: list[Document] = document.get("pages", [])
    found += [message["at"] for page in pages for message in page["messages"] if message["id"] in message_ids]
    return found


def make_page(document: Document) -> Document | None:
    """The oldest events that may leave a conversation's document; None if none may."""
    rows: list[Document] = document["recent"]
    # What comes after the snapshot is read with it, so it stays, unless there is no snapshot near.
    if document["snapshot_length"] > document["moved"]:
        rows = [row for row in rows if row["sequence"] < document["snapshot_length"]]
    taken, size = 0, 0
    for row in rows:
        row_size = len(row["data"].encode()) + _ROW_OVERHEAD
        if taken and size + row_size > PAGE_TO:
            break
        taken, size = taken + 1, size + row_size
    if not taken:
        return None
    chosen = rows[:taken]
    return {
        "_id": {"incarnation": document["incarnation"], "first": document["moved"]},
        "incarnation": document["incarnation"],
        "first": document["moved"],
        "stop": chosen[-1]["sequence"] + 1,
        "size": size,
        "messages": [
            {"id": row["message_id"], "at": row["sequence"]} for row in chosen if "message_id" in row
        ],
        "events": chosen,
    }


def make_cut(stop: int, size: int) -> list[Document]:
    """The change of a conversation's document after its events before `stop` stand in a page."""
    return [
        {
            "$set": {
                "moved": stop,
                "recent": _choose_rows({"$gte": ["$$row.sequence", stop]}),
                "recent_size": {"$subtract": ["$recent_size", size]},
            }
        }
    ]


def parse_summary(document: Document) -> ConversationSummary:
    """A line of a listing."""
    user_id: Any = document["user_id"]
    return ConversationSummary(
        conversation_id=ConversationId(document["_id"]),
        user_id=None if user_id is None else UserId(user_id),
        started_at=document["started_at"],
        updated_at=document["updated_at"],
        length=document["length"],
    )
