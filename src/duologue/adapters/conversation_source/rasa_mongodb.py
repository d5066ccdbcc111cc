"""Conversations that a Rasa project keeps in MongoDB: one document each, with its events in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from duologue.core.errors import AdapterError
from duologue.ports.conversation_source import ConversationSource, SourceConversation, SourcePage, UnreadEntry
from duologue.wire.members import is_list, is_object

_LIMITS = {"serverSelectionTimeoutMS": 10_000, "connectTimeoutMS": 10_000, "socketTimeoutMS": 60_000}
"""Milliseconds, where the address itself does not say."""


class MongodbPlace(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the MongoDB of a Rasa project."""

    url: str = "mongodb://localhost:27017"
    db: str = "rasa"
    username: str | None = None
    password: str | None = None
    auth_source: str = "admin"
    collection: str = "conversations"


class RasaMongodbSource:
    """Reads along the unique index on `sender_id`."""

    def __init__(self, place: MongodbPlace) -> None:
        self._place = place
        self._client: Any = None  # `Any`: the driver's types depend on the documents

    async def count(self) -> int | None:
        return await self._ask(self._count)

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        # Not by a cursor of the server: it would end while a long import looks elsewhere.
        chosen: Mapping[str, Any] = {"$type": "string"} if after is None else {"$gt": after}

        async def find() -> list[Mapping[str, Any]]:
            fields = {"_id": 0, "sender_id": 1, "user_id": 1, "events": 1}
            found = self._collection.find({"sender_id": chosen}, fields).sort("sender_id", 1).limit(limit)
            return await found.to_list()

        documents = await self._ask(find)
        read = [_read_document(document) for document in documents]
        return SourcePage(
            conversations=tuple(entry for entry in read if isinstance(entry, SourceConversation)),
            unread=tuple(entry for entry in read if isinstance(entry, UnreadEntry)),
            next_cursor=None if len(documents) < limit else documents[-1]["sender_id"],
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    @property
    def _collection(self) -> Any:
        if self._client is None:
            from pymongo import AsyncMongoClient

            place = self._place
            login: dict[str, Any] = {}
            if place.username:
                login = {
                    "username": place.username,
                    "password": place.password,
                    "authSource": place.auth_source,
                }
            limits = {
                name: value for name, value in _LIMITS.items() if name.casefold() not in place.url.casefold()
            }
            self._client = AsyncMongoClient(place.url, **limits, **login)
        return self._client[self._place.db][self._place.collection]

    async def _count(self) -> int:
        return await self._collection.estimated_document_count()

    async def _ask(self, question: Any) -> Any:
        from pymongo.errors import AutoReconnect, PyMongoError

        try:
            return await question()
        except PyMongoError as error:
            place = f"{self._place.db}.{self._place.collection}"
            raise AdapterError(
                f"The conversations in MongoDB ({place}) cannot be read: {_shorten(str(error))}.",
                port="conversation_source",
                is_retryable=isinstance(error, AutoReconnect),
            ) from error


def _shorten(text: str) -> str:
    """What went wrong, without the list of the driver's settings and servers."""
    return text.partition(", full error")[0].partition(" (configured timeouts")[0].rstrip(".")


def _read_document(document: Mapping[str, Any]) -> SourceConversation | UnreadEntry:
    events, user_id = document.get("events"), document.get("user_id")
    if not is_list(events):
        return UnreadEntry(name=document["sender_id"], reason="It has no list of events.")
    return SourceConversation(
        conversation_id=document["sender_id"],
        user_id=user_id if isinstance(user_id, str) and user_id else None,
        events=tuple(_make_plain(event) for event in events),
    )


def _make_plain(value: object) -> object:
    """The value as JSON has it; what only MongoDB knows becomes text."""
    if is_object(value):
        return {str(name): _make_plain(item) for name, item in value.items()}
    if is_list(value):
        return [_make_plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):  # an `Int64` of the driver too
        return int(value)
    if isinstance(value, float):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def open_source(place: MongodbPlace) -> ConversationSource:
    """The conversations in a MongoDB."""
    return RasaMongodbSource(place)
