"""Stored conversations leave the house: as messages of the event queue, or all of one person's as one value."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime

import msgspec

from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId, UserId
from duologue.core.values import OpenData
from duologue.ports.tracker_store import TrackerStore
from duologue.runtime.stored_states import load_state
from duologue.wire.events import format_event

PART = 500
PAGE = 100


class ExportRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are exported, and how their times are told."""

    conversation_ids: tuple[ConversationId, ...] = ()
    """Only these; all of them if there are none."""
    since: float | None = None
    """Only events at this time or later, in seconds since the epoch."""
    until: float | None = None
    """Only events before this time."""
    offset: float = 0.0
    """Seconds added to the time of every event."""


async def export_messages(store: TrackerStore, chosen: ExportRange) -> AsyncGenerator[OpenData]:
    """Events as the event queue gets them, conversation after conversation, each in its order."""
    async for conversation_id in _list_ids(store, chosen):
        user_id: str | None = None
        async for event in load_all_events(store, conversation_id):
            if isinstance(event, UserSpoke):
                user_id = event.user_id or user_id
            if _is_chosen(event, chosen):
                message = {**format_event(event), "sender_id": conversation_id}
                if user_id is not None:
                    message["user_id"] = user_id
                if chosen.offset and event.timestamp:
                    message["timestamp"] = event.timestamp + chosen.offset
                yield message


async def load_all_events(store: TrackerStore, conversation_id: ConversationId) -> AsyncIterator[Event]:
    """Every event of a conversation, however long it is."""
    start = 0
    while events := await store.load_events(conversation_id, start=start, stop=start + PART):
        for event in events:
            yield event
        start += len(events)


async def describe_conversation(store: TrackerStore, conversation_id: ConversationId) -> OpenData | None:
    """Everything that is kept of a conversation, for a person to read; None if there is none."""
    state = await load_state(store, conversation_id)
    if state is None:
        return None
    events = [format_event(event) async for event in load_all_events(store, conversation_id)]
    models = {str(event["metadata"]["model_id"]) for event in events if event["metadata"].get("model_id")}
    return {
        "conversation_id": conversation_id,
        "user_id": state.user_id,
        "started_at": _format_time(state.started_at),
        "last_event_at": _format_time(state.last_event_at),
        "channel": state.channel or None,
        "model_ids": sorted(models),
        "slots": state.slots,
        "events": events,
    }


async def describe_user(store: TrackerStore, user_id: UserId) -> list[OpenData]:
    """Everything that is kept of the conversations whose latest user this is, the oldest first."""
    ids: list[ConversationId] = []
    while listed := await store.list_conversations(user_id=user_id, limit=PAGE, offset=len(ids)):
        ids += [summary.conversation_id for summary in listed]
    described = [
        await describe_conversation(store, conversation_id) for conversation_id in dict.fromkeys(ids)
    ]
    return sorted(
        (one for one in described if one is not None and one["user_id"] == user_id),
        key=lambda one: str(one["started_at"]),
    )


async def _list_ids(store: TrackerStore, chosen: ExportRange) -> AsyncIterator[ConversationId]:
    if chosen.conversation_ids:
        for conversation_id in chosen.conversation_ids:
            yield conversation_id
        return
    cursor: str | None = None
    while True:
        page = await store.scan_conversations(
            cursor=cursor, limit=PAGE, since=chosen.since, until=chosen.until
        )
        for summary in page.conversations:
            yield summary.conversation_id
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _is_chosen(event: Event, chosen: ExportRange) -> bool:
    return (chosen.since is None or event.timestamp >= chosen.since) and (
        chosen.until is None or event.timestamp < chosen.until
    )


def _format_time(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return None
