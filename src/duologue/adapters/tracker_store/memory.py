"""Conversations in this process's memory, for tests and trying out; they end with the process."""

import math
from collections.abc import Sequence

from duologue.adapters.tracker_store.pending_append import PendingAppend, check_id, prepare_append
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


class _Record:
    """One conversation, encoded as another store would keep it, so that nobody shares our values."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.message_ids: dict[str, int] = {}
        self.user_id: str | None = None
        self.started_at = 0.0
        self.updated_at = 0.0
        self.snapshot: bytes | None = None
        self.wake_at: float | None = None
        self.publish_from: int | None = None

    def add(self, pending: PendingAppend) -> None:
        if pending.is_promised and self.publish_from is None:
            self.publish_from = len(self.events)
        self.wake_at = pending.wake_at
        self.events.extend(row.data for row in pending.rows)
        self.message_ids.update({row.message_id: row.sequence for row in pending.rows if row.message_id})
        self.user_id = pending.user_id or self.user_id
        self.started_at = self.started_at or pending.started_at
        self.updated_at = pending.updated_at or self.updated_at
        self.snapshot = pending.snapshot or self.snapshot

    def summarize(self, conversation_id: ConversationId) -> ConversationSummary:
        return ConversationSummary(
            conversation_id=conversation_id,
            user_id=None if self.user_id is None else UserId(self.user_id),
            started_at=self.started_at,
            updated_at=self.updated_at,
            length=len(self.events),
        )


class InMemoryTrackerStore:
    """A tracker store of one process and one event loop."""

    def __init__(self) -> None:
        self._records: dict[ConversationId, _Record] = {}  # the most recently changed last
        self._claimed_runs: dict[str, float] = {}
        self._is_closed = False

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        record = self._find(conversation_id)
        if record is None:
            return None
        state = decode_snapshot(record.snapshot) if record.snapshot else None
        tail = record.events[state.length if state else 0 :]
        return StoredConversation(
            snapshot=state,
            tail=tuple(decode_event(data) for data in tail),
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
        pending = prepare_append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )
        record = self._find(conversation_id) or _Record()
        if len(record.events) != expected:
            raise ConflictError(
                f"The conversation has {len(record.events)} events, not {expected} as the append expects."
            )
        message_ids = [row.message_id for row in pending.rows if row.message_id]
        if len({*message_ids, *record.message_ids}) != len(message_ids) + len(record.message_ids):
            raise ConflictError("A message with the same id is stored in the conversation already.")
        if pending.rows:
            record.add(pending)
            self._records.pop(conversation_id, None)
            self._records[conversation_id] = record

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        record = self._find(conversation_id)
        if record is None:
            return []
        span = slice(max(start, 0), None if stop is None else max(stop, 0))
        return [decode_event(data) for data in record.events[span]]

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        self._require_open()
        found = [
            (conversation_id, record)
            for conversation_id, record in reversed(self._records.items())
            if user_id is None or record.user_id == user_id
        ]
        return [
            record.summarize(conversation_id) for conversation_id, record in found[offset : offset + limit]
        ]

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        self._require_open()
        # A cursor is the id before it with a letter in front: there is an id that is empty.
        ids = sorted(name for name in self._records if cursor is None or name > cursor[1:])
        summaries = (self._records[name].summarize(name) for name in ids[:limit])
        return ConversationPage(
            conversations=tuple(
                summary
                for summary in summaries
                if (since is None or summary.updated_at >= since)
                and (until is None or summary.started_at < until)
            ),
            next_cursor=f"={ids[limit - 1]}" if len(ids) > limit else None,
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        self._require_open()
        due = [
            (record.wake_at, name)
            for name, record in self._records.items()
            if record.wake_at is not None and record.wake_at <= now
        ]
        return [name for _, name in sorted(due)[:limit]]

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        self._require_open()
        waiting = [
            UnpublishedEvents(conversation_id=name, start=record.publish_from, stop=len(record.events))
            for name, record in self._records.items()
            if record.publish_from is not None
        ]
        return sorted(waiting, key=lambda events: events.conversation_id)[:limit]

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        record = self._find(conversation_id)
        if record is not None and record.publish_from is not None:
            is_all = stop >= len(record.events)
            record.publish_from = None if is_all else max(record.publish_from, stop)

    async def claim_run(self, job: str, due: float) -> bool:
        self._require_open()
        if self._claimed_runs.get(job, -math.inf) >= due:
            return False
        self._claimed_runs[job] = due
        return True

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        record = self._find(conversation_id)
        if record is not None and expected is not None and len(record.events) != expected:
            raise ConflictError(
                f"The conversation has {len(record.events)} events, not {expected} as the deletion expects."
            )
        return self._records.pop(conversation_id, None) is not None

    async def check_health(self) -> None:
        self._require_open()

    async def close(self) -> None:
        self._is_closed = True

    def _find(self, conversation_id: ConversationId) -> _Record | None:
        self._require_open()
        check_id(conversation_id)
        return self._records.get(conversation_id)

    def _require_open(self) -> None:
        if self._is_closed:
            raise StorageUnavailableError("The conversation store is closed.")


async def open_store() -> TrackerStore:
    """A new, empty store."""
    return InMemoryTrackerStore()
