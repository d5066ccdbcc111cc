"""An append as rows, encoded and checked before any store is touched."""

from collections.abc import Sequence

import msgspec

from duologue.core.errors import InvariantError
from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.wire.events import encode_event, get_type_name
from duologue.wire.snapshot import encode_snapshot


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an append."""

    sequence: int
    type_name: str
    timestamp: float
    message_id: str | None
    """Of a `UserSpoke` that has one."""
    data: bytes
    """The event's public JSON."""


class PendingAppend(msgspec.Struct, frozen=True, kw_only=True):
    """One append, ready to be written."""

    conversation_id: ConversationId
    expected: int
    rows: tuple[EventRow, ...]
    user_id: str | None
    """The latest user that the events name."""
    started_at: float
    """Time of the first event that has one; 0 if none has."""
    updated_at: float
    """Time of the last event that has one; 0 if none has."""
    snapshot: bytes | None
    wake_at: float | None = None
    is_promised: bool = False
    """The events are to reach the event queue."""

    @property
    def length(self) -> int:
        """Length of the conversation after the append."""
        return self.expected + len(self.rows)


def prepare_append(
    conversation_id: ConversationId,
    events: Sequence[Event],
    *,
    expected: int,
    snapshot: State | None,
    wake_at: float | None = None,
    publish: bool = False,
) -> PendingAppend:
    """Encode an append.

    Raises:
        ValueError: an id holds a character that no store can keep.
        InvariantError: the snapshot is not the state after the events.
    """
    if snapshot is not None and snapshot.length != expected + len(events):
        raise InvariantError(
            f"The snapshot counts {snapshot.length} events, but there are {expected + len(events)} after the append."
        )
    check_id(conversation_id)
    times = [event.timestamp for event in events if event.timestamp]
    users = [event.user_id for event in events if isinstance(event, UserSpoke) and event.user_id]
    return PendingAppend(
        conversation_id=conversation_id,
        expected=expected,
        rows=tuple(_make_row(event, sequence) for sequence, event in enumerate(events, expected)),
        user_id=users[-1] if users else None,
        started_at=times[0] if times else 0.0,
        updated_at=times[-1] if times else 0.0,
        snapshot=None if snapshot is None else encode_snapshot(snapshot),
        wake_at=wake_at,
        is_promised=publish,
    )


def _make_row(event: Event, sequence: int) -> EventRow:
    message_id = event.message_id or None if isinstance(event, UserSpoke) else None
    if message_id is not None:
        check_id(message_id)
    return EventRow(
        sequence=sequence,
        type_name=get_type_name(event),
        timestamp=event.timestamp,
        message_id=message_id,
        data=encode_event(event),
    )


def check_id(text: str) -> None:
    """Refuse an id that cannot be kept: stores know neither NUL nor half a surrogate pair.

    Raises:
        ValueError: it has such a character.
    """
    if text.isprintable():  # the usual case, and a quick test
        return
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"The id {text!r} holds a character that cannot be stored.")
