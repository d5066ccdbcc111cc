"""Conversations in MongoDB, on a single server as well as on a replica set.

An append is one change of one document, so it needs no transaction: it is in the journals of most servers, whole, when
it returns, or it is not there.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import quote, unquote

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from duologue.adapters.tracker_store import mongodb_connection as connection
from duologue.adapters.tracker_store import mongodb_documents as documents
from duologue.adapters.tracker_store.begun_work import BegunWork
from duologue.adapters.tracker_store.mongodb_connection import Document
from duologue.adapters.tracker_store.mongodb_options import MongodbOptions
from duologue.adapters.tracker_store.mongodb_pages import MongodbPages
from duologue.adapters.tracker_store.pending_append import PendingAppend, check_id, prepare_append
from duologue.adapters.tracker_store.schema_version import check_schema_version
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

SCHEMA_VERSION = 1
OLDEST_READER = 1

_ATTEMPTS = 8
_REMEMBERED = 10_000
_CURSOR_PREFIX = "after:"  # an id may be empty, a cursor may not


class _Absence(NamedTuple):
    """A message id that a conversation did not have when it was loaded."""

    message_id: str
    length: int
    place: Document
    """Where its pages end; while that is so, no other events are in pages."""


class MongodbTrackerStore:
    """A tracker store in one database; made by `open`."""

    def __init__(self, client: AsyncMongoClient[Document], options: MongodbOptions) -> None:
        self._client = client
        self._where = options.where
        self._conversations = connection.get_collection(client, options, "conversations")
        # What an append goes by is the primary's latest; its own write is what makes it certain.
        self._latest = self._conversations.with_options(read_concern=ReadConcern("local"))
        self._schema = connection.get_collection(client, options, "schema")
        self._runs = connection.get_collection(client, options, "runs")
        self._page_collection = connection.get_collection(client, options, "events")
        self._removals = connection.get_collection(client, options, "removals")
        self._pages = MongodbPages(
            conversations=self._conversations, pages=self._page_collection, removals=self._removals
        )
        self._work = BegunWork()
        self._absences: dict[ConversationId, _Absence] = {}

    @classmethod
    async def open(cls, options: MongodbOptions) -> "MongodbTrackerStore":
        """Connect, and make the collections and indexes that are missing.

        Raises:
            StorageUnavailableError: the database cannot be reached.
            StorageRefusedError: it does not take us.
        """
        client = connection.open_client(options)
        try:
            store = cls(client, options)
            await store._prepare()
        except connection.FAILURES as error:
            await client.close()
            refusal = connection.explain_refusal(error, options)
            raise refusal or connection.explain(error, options.where) from error
        except BaseException:
            await client.close()
            raise
        return store

    async def _prepare(self) -> None:
        with suppress(DuplicateKeyError):  # another process made it in the same moment
            await self._schema.update_one(
                {"_id": "schema"},
                {"$setOnInsert": {"version": SCHEMA_VERSION, "oldest_reader": OLDEST_READER, "checks": 0}},
                upsert=True,
            )
        row = await self._schema.find_one({"_id": "schema"}) or {}
        check_schema_version(
            found=row.get("version", SCHEMA_VERSION),
            oldest_reader=row.get("oldest_reader", OLDEST_READER),
            known=SCHEMA_VERSION,
            where=f"The {self._where}",
        )
        newest = [("updated_at", DESCENDING), ("_id", ASCENDING)]
        await self._conversations.create_indexes(
            [
                IndexModel(newest),
                IndexModel([("user_id", ASCENDING), *newest]),
                IndexModel([("wake_at", ASCENDING)], sparse=True),
                IndexModel(
                    [("is_waiting", ASCENDING), ("_id", ASCENDING)],
                    partialFilterExpression={"is_waiting": True},
                ),
            ]
        )
        await self._page_collection.create_indexes(
            [
                IndexModel([("incarnation", ASCENDING), ("stop", ASCENDING)]),
                IndexModel([("incarnation", ASCENDING), ("messages.id", ASCENDING)]),
            ]
        )
        await self._pages.finish_deletions()

    # ---------------------------------------------------------------- one conversation

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        check_id(conversation_id)
        message_ids = [message_id] if message_id else []
        with self._call():
            for _ in range(_ATTEMPTS):
                document = await self._examine(conversation_id, message_ids, latest=False)
                if document is None:
                    return None
                snapshot = document["snapshot"]
                state = None if snapshot is None else decode_snapshot(snapshot)
                tail = await self._read_tail(document, document["snapshot_length"] if state else 0)
                if tail is None:
                    continue  # the conversation was deleted meanwhile
                found = documents.find_messages(document, message_ids)
                if message_id and not found and document["moved"]:
                    self._remember_absence(conversation_id, message_id, document)
                return StoredConversation(
                    snapshot=state,
                    tail=tuple(decode_event(data) for data in tail),
                    message_at=found[0] if found else None,
                )
        raise self._give_up()

    async def _examine(
        self, conversation_id: ConversationId, message_ids: Sequence[str], *, latest: bool
    ) -> Document | None:
        collection = self._latest if latest else self._conversations
        cursor = await collection.aggregate(
            documents.make_loading(conversation_id, message_ids, self._pages.name)
        )
        found = await cursor.to_list()
        return found[0] if found else None

    async def _read_tail(self, document: Document, start: int) -> list[str] | None:
        """The events from `start` on; None if some are not there any more."""
        recent: list[Document] = document["tail"]
        first = max(document["snapshot_length"], document["moved"])
        tail = [row["data"] for row in recent if row["sequence"] >= start]
        if start < first:  # rare: there is no snapshot, or one of another release
            older = await self._read(document["_id"], start, first)
            tail = [*older, *tail]
        return tail if len(tail) == document["length"] - start else None

    def _remember_absence(self, conversation_id: ConversationId, message_id: str, document: Document) -> None:
        if len(self._absences) >= _REMEMBERED:
            self._absences.pop(next(iter(self._absences)))
        self._absences[conversation_id] = _Absence(message_id, document["length"], _get_place(document))

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
        message_ids = [row.message_id for row in pending.rows if row.message_id]
        if len(set(message_ids)) < len(message_ids):
            raise _refuse_message()
        if documents.measure(pending) + len(pending.snapshot or b"") > documents.APPEND_LIMIT:
            raise StorageUnavailableError(
                f"The {self._where} takes at most {documents.APPEND_LIMIT // 1_000_000} MB at once, and the events of "
                "this turn are larger."
            )
        with self._call():
            if not pending.rows:
                await self._check_length(pending)
            elif expected == 0:
                await self._begin(pending)
            else:
                await self._extend(pending, message_ids)

    async def _check_length(self, pending: PendingAppend) -> None:
        document = await self._latest.find_one({"_id": pending.conversation_id}, {"length": 1})
        _check_length(document, pending.expected)

    async def _begin(self, pending: PendingAppend) -> None:
        document = documents.make_conversation(pending)
        try:
            await self._conversations.insert_one(document)
        except DuplicateKeyError:
            raise ConflictError("The conversation has events already; the append expects none.") from None
        self._tidy(pending.conversation_id, document)

    async def _extend(self, pending: PendingAppend, message_ids: Sequence[str]) -> None:
        absence = self._absences.pop(pending.conversation_id, None)
        place: Document = {"moved": 0} if message_ids else {}
        if absence and absence.length == pending.expected and message_ids == [absence.message_id]:
            place = absence.place
        for _ in range(_ATTEMPTS):
            document = await self._change(pending, message_ids, place)
            if document is not None:
                self._tidy(pending.conversation_id, document)
                return
            # A conflict, or pages that nobody looked through for the message ids yet, or no room.
            document = await self._examine(pending.conversation_id, message_ids, latest=True)
            _check_length(document, pending.expected)
            if document is None or documents.find_messages(document, message_ids):
                raise _refuse_message()
            if document["recent_size"] >= documents.RECENT_LIMIT:
                await self._pages.move(pending.conversation_id)
            place = _get_place(document) if message_ids else {}
        raise self._give_up()

    async def _change(
        self, pending: PendingAppend, message_ids: Sequence[str], place: Document
    ) -> Document | None:
        wanted: Document = {
            "_id": pending.conversation_id,
            "length": pending.expected,
            "recent_size": {"$lt": documents.RECENT_LIMIT},
            **place,
        }
        if message_ids:
            wanted["recent.message_id"] = {"$nin": list(message_ids)}
        return await self._conversations.find_one_and_update(
            wanted,
            documents.make_change(pending),
            projection={"recent_size": 1},
            return_document=ReturnDocument.AFTER,
        )

    def _tidy(self, conversation_id: ConversationId, document: Document) -> None:
        if document["recent_size"] > documents.PAGE_FROM:
            self._work.start(self._move(conversation_id))

    async def _move(self, conversation_id: ConversationId) -> None:
        with suppress(*connection.FAILURES):  # the next append comes back to it
            await self._pages.move(conversation_id)

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        check_id(conversation_id)
        with self._call():
            return [decode_event(data) for data in await self._read(conversation_id, max(start, 0), stop)]

    async def _read(self, conversation_id: ConversationId, start: int, stop: int | None) -> list[str]:
        for _ in range(_ATTEMPTS):
            document = await self._conversations.find_one(
                {"_id": conversation_id},
                {"incarnation": 1, "length": 1, "moved": 1, "recent.sequence": 1, "recent.data": 1},
            )
            if document is None:
                return []
            end = document["length"] if stop is None else min(stop, document["length"])
            found: list[str] = []
            if start < min(end, document["moved"]):
                found = await self._pages.read(document["incarnation"], start, min(end, document["moved"]))
            found += [row["data"] for row in document["recent"] if start <= row["sequence"] < end]
            if len(found) == max(end - start, 0):  # else it was deleted meanwhile
                return found
        raise self._give_up()

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        check_id(conversation_id)
        with self._call():
            self._absences.pop(conversation_id, None)
            for _ in range(_ATTEMPTS):
                if await self._pages.delete_conversation(conversation_id, expected):
                    return True
                document = await self._latest.find_one({"_id": conversation_id}, {"length": 1})
                if document is None:
                    return False
                if expected is not None:
                    _check_length(document, expected)
        raise self._give_up()

    # ---------------------------------------------------------------- many conversations

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        if limit <= 0:  # MongoDB reads it as no limit
            return []
        wanted: Document = {} if user_id is None else {"user_id": user_id}
        with self._call():
            found = self._conversations.find(wanted, documents.SUMMARY_FIELDS)
            ordered = found.sort([("updated_at", DESCENDING), ("_id", ASCENDING)]).skip(offset).limit(limit)
            return [documents.parse_summary(document) async for document in ordered]

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        wanted: Document = {}
        if cursor is not None:
            wanted["_id"] = {"$gt": unquote(cursor.removeprefix(_CURSOR_PREFIX))}
        if since is not None:
            wanted["updated_at"] = {"$gte": since}
        if until is not None:
            wanted["started_at"] = {"$lt": until}
        with self._call():
            found = (
                self._conversations.find(wanted, documents.SUMMARY_FIELDS).sort("_id").limit(max(limit, 1))
            )
            page = tuple([documents.parse_summary(document) async for document in found])
        last = page[-1].conversation_id if len(page) >= limit and page else None
        return ConversationPage(
            conversations=page,
            next_cursor=None if last is None else _CURSOR_PREFIX + quote(last, safe=""),
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        if limit <= 0:
            return []
        with self._call():
            found = self._conversations.find({"wake_at": {"$lte": now}}, {"_id": 1})
            ordered = found.sort("wake_at").limit(limit)
            return [ConversationId(document["_id"]) async for document in ordered]

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        if limit <= 0:
            return []
        with self._call():
            found = self._conversations.find({"is_waiting": True}, {"published": 1, "length": 1})
            return [
                UnpublishedEvents(
                    conversation_id=ConversationId(document["_id"]),
                    start=document["published"],
                    stop=document["length"],
                )
                async for document in found.sort("_id").limit(limit)
            ]

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        check_id(conversation_id)
        with self._call():
            await self._conversations.update_one(
                {"_id": conversation_id, "published": {"$lt": stop}}, documents.make_mark(stop)
            )

    async def claim_run(self, job: str, due: float) -> bool:
        with self._call():
            try:
                await self._runs.update_one(
                    {"_id": job, "due": {"$lt": due}}, {"$set": {"due": due}}, upsert=True
                )
            except DuplicateKeyError:  # there is one, and it is not earlier
                return False
            return True

    # ---------------------------------------------------------------- the store itself

    async def check_health(self) -> None:
        with self._call():
            await self._schema.update_one({"_id": "schema"}, {"$inc": {"checks": 1}})

    async def close(self) -> None:
        if await self._work.finish():
            await self._client.close()

    @contextmanager
    def _call(self) -> Generator[None]:
        with self._work.one_more():
            try:
                yield
            except connection.FAILURES as error:
                raise connection.explain(error, self._where) from error

    def _give_up(self) -> StorageUnavailableError:
        return StorageUnavailableError(f"The {self._where} is too busy with this conversation.")


def _get_place(document: Document) -> Document:
    return {"incarnation": document["incarnation"], "moved": document["moved"]}


def _check_length(document: Document | None, expected: int) -> None:
    length = document["length"] if document else 0
    if length != expected:
        raise ConflictError(f"The conversation has {length} events, not {expected} as the append expects.")


def _refuse_message() -> ConflictError:
    return ConflictError("A message with the same id is stored in the conversation already.")


async def open_store(options: MongodbOptions) -> TrackerStore:
    """The store in that database."""
    return await MongodbTrackerStore.open(options)
