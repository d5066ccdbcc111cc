"""Where conversations of another platform are read from."""

from typing import Protocol

import msgspec


class SourceConversation(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation as the other platform keeps it."""

    conversation_id: str
    user_id: str | None = None
    events: tuple[object, ...] = ()
    """Its events in their order, as JSON values; what could not be read as JSON is its text."""


class UnreadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the source that is no conversation, or none that can be read."""

    name: str
    """A conversation's id if it is known, else where the entry stands."""
    reason: str


class SourcePage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of all conversations."""

    conversations: tuple[SourceConversation, ...] = ()
    unread: tuple[UnreadEntry, ...] = ()
    next_cursor: str | None = None
    """Where the next page begins, in the source's own spelling; None if this was the last."""


class ConversationSource(Protocol):
    """Reads conversations and changes nothing.

    Any method raises `AdapterError` when the source cannot be read now.
    """

    async def count(self) -> int | None:
        """How many conversations there are, about; None if only reading them all would tell."""
        ...

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        """The conversations after a cursor, each whole, in a steady order of the source's own.

        Follow `next_cursor` to its end: a conversation that is there all the while is given at least once. A page
        may have fewer than `limit` conversations, even none, and still not be the last.
        """
        ...

    async def close(self) -> None:
        """Let go of files and connections. May be called twice."""
        ...
