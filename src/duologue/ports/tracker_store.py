"""Where conversations live."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from duologue.core.events import Event
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.state import State


class StoredConversation(msgspec.Struct, frozen=True, kw_only=True):
    """What `load` gives: the latest usable snapshot and the events after it."""

    snapshot: State | None
    """None if there is none, or only one of an older shape; then `tail` starts at event 0."""
    tail: tuple[Event, ...] = ()
    message_at: int | None = None
    """Sequence number of the `UserSpoke` with the message id that was asked for; None if there is none."""


class ConversationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a listing."""

    conversation_id: ConversationId
    user_id: UserId | None
    started_at: float
    updated_at: float
    length: int


class ConversationPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of all conversations."""

    conversations: tuple[ConversationSummary, ...]
    next_cursor: str | None = None
    """Where the next page begins, in the store's own spelling; None if this was the last."""


class UnpublishedEvents(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one conversation that were promised to the event queue and are not marked as published yet."""

    conversation_id: ConversationId
    start: int
    """Sequence number of the first of them."""
    stop: int
    """Length of the conversation."""


class TrackerStore(Protocol):
    """Keeps the events of conversations, each numbered from 0 without a gap, and a snapshot of the state.

    Times are seconds since the epoch.

    Any method raises `StorageUnavailableError` when the store cannot do it now; nothing is half done then.
    """

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        """The conversation as of its last append, or None if it has no events.

        With a message id it says too where the message with that id stands, all in one round trip.
        """
        ...

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
        """Append events to a conversation, all or none, durably, in order.

        Args:
            snapshot: the state after the events.
            wake_at: when somebody has to look at the conversation again; it takes the place of the earlier time,
                None of any.
            publish: promise these events, and all that follow them, to the event queue.

        A `UserSpoke` with a message id makes that id findable. Without events nothing happens.

        Raises:
            ConflictError: `expected` is not the stored length, or a message id is stored already; nothing changed.
        """
        ...

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        """Events `start` up to, not including, `stop`; what does not exist is left out."""
        ...

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        """Conversations, the most recently changed first; of one user if given."""
        ...

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        """All conversations, page by page, in an order of the store's own.

        Follow `next_cursor` to its end: a conversation that is there all the while is given exactly once. A page may
        have fewer than `limit` conversations, even none, and still not be the last.

        Args:
            since: only those with `updated_at` at this time or later.
            until: only those with `started_at` before this time.
        """
        ...

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        """Conversations whose `wake_at` has come, the earliest first."""
        ...

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        """Conversations with events that were promised and are not marked yet, in a steady order."""
        ...

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        """Mark the events before `stop` as published; marks never go back, and an unknown conversation is none."""
        ...

    async def claim_run(self, job: str, due: float) -> bool:
        """Whether the caller is the one to do a job's run of that time: True for exactly one, among all processes.

        A run that is earlier than one that was claimed, or the same, is nobody's any more.
        """
        ...

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        """Remove every trace of a conversation: events, snapshot, message ids, times and marks; False if there was none.

        With `expected` it is removed only if it still has so many events: nobody has said anything more meanwhile.

        Raises:
            ConflictError: it has another length; nothing changed.
        """
        ...

    async def check_health(self) -> None:
        """Return if the store can commit now, raise `StorageUnavailableError` otherwise."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of files and connections. May be called twice."""
        ...
