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


class ConversationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a listing."""

    conversation_id: ConversationId
    user_id: UserId | None
    started_at: float
    updated_at: float
    length: int


class TrackerStore(Protocol):
    """Keeps the events of conversations, each numbered from 0 without a gap, and a snapshot of the state.

    Any method raises `StorageUnavailableError` when the store cannot do it now; nothing is half done then.
    """

    async def load(self, conversation_id: ConversationId) -> StoredConversation | None:
        """The conversation as of its last append, or None if it has no events."""
        ...

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
    ) -> None:
        """Append events to a conversation, all or none, durably, in order.

        `snapshot` is the state after the events. A `UserSpoke` with a message id makes that id findable.

        Raises:
            ConflictError: `expected` is not the stored length, or a message id is stored already; nothing changed.
        """
        ...

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        """Events `start` up to, not including, `stop`; what does not exist is left out."""
        ...

    async def find_message(self, conversation_id: ConversationId, message_id: MessageId) -> int | None:
        """Sequence number of the `UserSpoke` with that message id, or None."""
        ...

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        """Conversations, the most recently changed first; of one user if given."""
        ...

    async def delete(self, conversation_id: ConversationId) -> bool:
        """Remove every trace of a conversation; False if there was none."""
        ...

    async def check_health(self) -> None:
        """Return if the store can commit now, raise `StorageUnavailableError` otherwise."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of files and connections. May be called twice."""
        ...
