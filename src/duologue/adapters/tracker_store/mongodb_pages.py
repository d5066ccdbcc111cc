"""Older events of conversations in MongoDB: how they come into pages, out of them, and away."""

import asyncio
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from duologue.adapters.tracker_store import mongodb_documents as documents
from duologue.adapters.tracker_store.mongodb_connection import Collection, Document
from duologue.core.ids import ConversationId


class MongodbPages:
    """The pages of all conversations."""

    def __init__(self, *, conversations: Collection, pages: Collection, removals: Collection) -> None:
        self._conversations = conversations
        self._pages = pages
        self._removals = removals
        self._moves: dict[ConversationId, asyncio.Event] = {}

    @property
    def name(self) -> str:
        """The collection."""
        return self._pages.name

    async def move(self, conversation_id: ConversationId) -> None:
        """Move older events of a conversation into pages, or wait for who is at it already.

        A page is written first, and only then its events leave the conversation's document. Whoever dies between the
        two leaves a page that the next one finds and takes as it is: events never change.
        """
        if (begun := self._moves.get(conversation_id)) is not None:
            await begun.wait()
            return
        done = self._moves[conversation_id] = asyncio.Event()
        try:
            while await self._move_some(conversation_id):
                pass
        finally:
            del self._moves[conversation_id]
            done.set()

    async def _move_some(self, conversation_id: ConversationId) -> bool:
        document = await self._conversations.find_one(
            {"_id": conversation_id, "recent_size": {"$gt": documents.PAGE_FROM}},
            {"incarnation": 1, "moved": 1, "snapshot_length": 1, "recent": 1},
        )
        page = documents.make_page(document) if document else None
        if page is None:
            return False
        stored = await self._put(page)
        owner = {"_id": conversation_id, "incarnation": page["incarnation"]}
        cut = await self._conversations.update_one(
            {**owner, "moved": page["first"]}, documents.make_cut(stored["stop"], stored["size"])
        )
        if cut.matched_count:
            return True
        if await self._conversations.find_one(owner, {"_id": 1}) is None:
            # The conversation was deleted while its events moved.
            await self._pages.delete_many({"incarnation": page["incarnation"]})
        return False

    async def _put(self, page: Document) -> Document:
        key = {"_id": page["_id"]}
        try:
            stored = await self._pages.find_one_and_update(
                key,
                {"$setOnInsert": {name: value for name, value in page.items() if name != "_id"}},
                projection={"stop": 1, "size": 1},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:  # another process was quicker
            stored = await self._pages.find_one(key, {"stop": 1, "size": 1})
        return stored or page

    async def read(self, incarnation: Any, start: int, stop: int) -> list[str]:
        """The events from `start` up to `stop` that are in pages; `incarnation` is the database's own id."""
        found: list[str] = []
        cursor = self._pages.find(
            {"incarnation": incarnation, "stop": {"$gt": start}, "first": {"$lt": stop}},
            {"events.sequence": 1, "events.data": 1},
        ).sort("stop")
        async for page in cursor:
            found += [row["data"] for row in page["events"] if start <= row["sequence"] < stop]
        return found

    async def delete_conversation(self, conversation_id: ConversationId, expected: int | None) -> bool:
        """Remove a conversation with its pages; False if there was none, or none of that length."""
        wanted: Document = {"_id": conversation_id} | ({} if expected is None else {"length": expected})
        if await self._conversations.find_one_and_delete({**wanted, "moved": 0}, projection={"_id": 1}):
            return True
        owner = await self._conversations.find_one(wanted, {"incarnation": 1})
        if owner is None:
            return False
        # The note is for whoever opens the database next, if this process does not come to the pages.
        note = {"_id": owner["incarnation"]}
        await self._removals.replace_one(note, {"conversation_id": conversation_id}, upsert=True)
        deleted = await self._conversations.delete_one({**wanted, **owner})
        if deleted.deleted_count:
            await self._remove(owner["incarnation"])
        return deleted.deleted_count > 0

    async def finish_deletions(self) -> None:
        """Remove what a deletion left behind that did not come to its end."""
        async for note in self._removals.find({}):
            owner = {"_id": note["conversation_id"], "incarnation": note["_id"]}
            if await self._conversations.find_one(owner, {"_id": 1}) is None:
                await self._remove(note["_id"])

    async def _remove(self, incarnation: Any) -> None:
        await self._pages.delete_many({"incarnation": incarnation})
        await self._removals.delete_one({"_id": incarnation})
