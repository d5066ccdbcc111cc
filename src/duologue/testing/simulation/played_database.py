"""The database of a simulated world: keeps values as they are, since nothing here is ever changed in place."""

import math
from collections.abc import Sequence

from duologue.core.errors import ConflictError
from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.state import State
from duologue.ports.tracker_store import (
    ConversationPage,
    ConversationSummary,
    StoredConversation,
    UnpublishedEvents,
)


class PlayedRecord:
    """One conversation."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.message_ids: dict[str, int] = {}
        self.snapshot: State | None = None
        self.wake_at: float | None = None
        self.publish_from: int | None = None


class PlayedDatabase:
    """A tracker store that encodes nothing, and is for that reason several times as quick as the one in memory."""

    def __init__(self) -> None:
        self.records: dict[ConversationId, PlayedRecord] = {}
        self._claimed_runs: dict[str, float] = {}

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        record = self.records.get(conversation_id)
        if record is None:
            return None
        start = record.snapshot.length if record.snapshot else 0
        return StoredConversation(
            snapshot=record.snapshot,
            tail=tuple(record.events[start:]),
            message_at=record.message_ids.get(message_id) if message_id else None,
        )

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
        record = self.records.get(conversation_id) or PlayedRecord()
        if len(record.events) != expected:
            raise ConflictError(f"The conversation has {len(record.events)} events, not {expected}.")
        new_ids = {
            event.message_id: place
            for place, event in enumerate(events, expected)
            if isinstance(event, UserSpoke) and event.message_id
        }
        if not record.message_ids.keys().isdisjoint(new_ids):
            raise ConflictError("A message with the same id is stored in the conversation already.")
        if publish and record.publish_from is None:
            record.publish_from = expected
        record.events += events
        record.message_ids |= new_ids
        record.snapshot, record.wake_at = snapshot or record.snapshot, wake_at
        self.records[conversation_id] = record

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        record = self.records.get(conversation_id)
        return record.events[max(start, 0) : stop] if record else []

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        found = [
            _summarize(name, record)
            for name, record in self.records.items()
            if user_id is None or (record.snapshot and record.snapshot.user_id == user_id)
        ]
        return sorted(found, key=lambda one: -one.updated_at)[offset : offset + limit]

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        found = [
            _summarize(name, record)
            for name, record in self.records.items()
            if (since is None or record.events[-1].timestamp >= since)
            and (until is None or record.events[0].timestamp < until)
        ]
        return ConversationPage(conversations=tuple(found))

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        due = [
            (record.wake_at, name)
            for name, record in self.records.items()
            if record.wake_at is not None and record.wake_at <= now
        ]
        return [name for _, name in sorted(due)[:limit]]

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        return [
            UnpublishedEvents(conversation_id=name, start=record.publish_from, stop=len(record.events))
            for name, record in self.records.items()
            if record.publish_from is not None
        ][:limit]

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        record = self.records.get(conversation_id)
        if record is not None and record.publish_from is not None:
            is_all = stop >= len(record.events)
            record.publish_from = None if is_all else max(record.publish_from, stop)

    async def claim_run(self, job: str, due: float) -> bool:
        if self._claimed_runs.get(job, -math.inf) >= due:
            return False
        self._claimed_runs[job] = due
        return True

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        record = self.records.get(conversation_id)
        if record is not None and expected is not None and len(record.events) != expected:
            raise ConflictError(f"The conversation has {len(record.events)} events, not {expected}.")
        return self.records.pop(conversation_id, None) is not None

    async def check_health(self) -> None:
        """It is always well."""

    async def close(self) -> None:
        """Nothing to let go of."""


def _summarize(name: ConversationId, record: PlayedRecord) -> ConversationSummary:
    user = record.snapshot.user_id if record.snapshot else None
    return ConversationSummary(
        conversation_id=name,
        user_id=None if user is None else UserId(user),
        started_at=record.events[0].timestamp,
        updated_at=record.events[-1].timestamp,
        length=len(record.events),
    )
