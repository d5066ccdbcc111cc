"""A tracker store around another one: a derived class does something before, after or instead of each call."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

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

Result = TypeVar("Result")


class WrappedTrackerStore:
    """Passes every call on; derive a class and override `around` to watch, delay or fail them."""

    def __init__(self, store: TrackerStore) -> None:
        self.store = store

    async def around(self, method: str, call: Callable[[], Awaitable[Result]]) -> Result:
        """Make the call that was asked for by the method of that name; what it gives or raises goes to the caller."""
        return await call()

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        return await self.around("load", lambda: self.store.load(conversation_id, message_id=message_id))

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
        await self.around(
            "append",
            lambda: self.store.append(
                conversation_id,
                events,
                expected=expected,
                snapshot=snapshot,
                wake_at=wake_at,
                publish=publish,
            ),
        )

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        return await self.around(
            "load_events", lambda: self.store.load_events(conversation_id, start=start, stop=stop)
        )

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        return await self.around(
            "list_conversations",
            lambda: self.store.list_conversations(user_id=user_id, limit=limit, offset=offset),
        )

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        return await self.around(
            "scan_conversations",
            lambda: self.store.scan_conversations(cursor=cursor, limit=limit, since=since, until=until),
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        return await self.around("list_due", lambda: self.store.list_due(now, limit=limit))

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        return await self.around("list_unpublished", lambda: self.store.list_unpublished(limit=limit))

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        await self.around("mark_published", lambda: self.store.mark_published(conversation_id, stop))

    async def claim_run(self, job: str, due: float) -> bool:
        return await self.around("claim_run", lambda: self.store.claim_run(job, due))

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        return await self.around("delete", lambda: self.store.delete(conversation_id, expected=expected))

    async def check_health(self) -> None:
        await self.around("check_health", self.store.check_health)

    async def close(self) -> None:
        await self.around("close", self.store.close)
