"""Events of another platform become ours, one part of a conversation after the other."""

import uuid

from msgspec.structs import replace

from duologue.adapters.tracker_store.pending_append import check_id
from duologue.core import events as ev
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.reminders import EXTERNAL_PREFIX
from duologue.core.state import State
from duologue.core.tracker import apply_event
from duologue.core.values import OpenData
from duologue.ports.conversation_source import SourceConversation
from duologue.runtime.imported_steps import fit_step
from duologue.wire.events import parse_event
from duologue.wire.json_patch import apply_patch
from duologue.wire.members import MalformedError, Members, decode_json, is_object
from duologue.wire.stack import parse_stack

UNREADABLE = "unreadable"
"""Type of the event that keeps, under `original`, what could not be read."""
_SESSIONS = uuid.UUID("6a0c7f52-5a55-4a9b-9b5c-0c2f3d8f4e11")
MOST_CHARACTERS = 255
"""An id may have no more."""


def is_id(text: str) -> bool:
    """Whether every store can keep it."""
    try:
        check_id(text)
    except ValueError:
        return False
    return len(text) <= MOST_CHARACTERS


class ImportedEvents:
    """The events of one conversation, converted in their order; the same source gives the same events."""

    def __init__(self, conversation: SourceConversation) -> None:
        user_id = conversation.user_id
        self.state = State(conversation_id=ConversationId(conversation.conversation_id))
        """The state after the events that were taken."""
        self.total = len(conversation.events)
        self.dropped_message_ids = 0
        """Ids that a message of the conversation has already, or that cannot be kept."""
        self.unreadable = 0
        self._raw = conversation.events
        self._user_id = user_id if user_id and is_id(user_id) else None
        self._message_ids: set[str] = set()
        self._frames: object = []
        """The dialogue stack as the other server has it."""

    def take(self, number: int) -> list[Event]:
        """The next events, so many at most."""
        start = self.state.length
        return [self._take_one(raw) for raw in self._raw[start : start + number]]

    def _take_one(self, raw: object) -> Event:
        event = self._parse(raw)
        if isinstance(event, ev.UserSpoke):
            event = self._fit(event)
        elif isinstance(event, ev.SessionStarted) and not event.session_id:
            event = replace(event, session_id=self._make_session_id())
        if isinstance(event, ev.SessionStarted | ev.ConversationRestarted):
            self._frames = []
        self.state = apply_event(self.state, event)
        return event

    def _make_session_id(self) -> str:
        """An id for a session that has none: without one the next message would begin another, and end the flow."""
        return uuid.uuid5(_SESSIONS, f"{self.state.length} {self.state.conversation_id}").hex

    def _parse(self, raw: object) -> Event:
        try:
            if is_object(raw) and raw.get("event") == "stack":
                return self._parse_stack(raw)
            return parse_event(raw)
        except (MalformedError, RecursionError):
            self.unreadable += 1
            return ev.OtherEvent(type_name=UNREADABLE, timestamp=_find_time(raw), data={"original": raw})

    def _parse_stack(self, raw: OpenData) -> Event:
        """The whole stack after a change of it."""
        members = Members(raw, "the event `stack`")
        patch = decode_json(members.require_text("update"), "The `update` of a `stack` event")
        # The changes are of what the other server has, which may be more than we know of a frame.
        frames = apply_patch(self._frames, patch)
        event = ev.StackChanged(
            stack=tuple(fit_step(frame) for frame in parse_stack(frames)),
            timestamp=members.find_number("timestamp") or 0.0,
            metadata=members.get_object("metadata"),
        )
        self._frames = frames
        return event

    def _fit(self, event: ev.UserSpoke) -> ev.UserSpoke:
        """The message with the conversation's user, and without an id that a message before it has."""
        if event.message_id is not None:
            if event.message_id in self._message_ids or not is_id(event.message_id):
                self.dropped_message_ids += 1
                event = replace(event, message_id=None)
            else:
                self._message_ids.add(event.message_id)
        if event.user_id is not None and not is_id(event.user_id):
            event = replace(event, user_id=None)
        event = event if event.user_id or not self._user_id else replace(event, user_id=self._user_id)
        return replace(event, reminder=self._find_reminder(event))

    def _find_reminder(self, event: ev.UserSpoke) -> str | None:
        """The reminder that came due, if nobody spoke; else it would be due for ever."""
        if event.reminder or not event.text.startswith(EXTERNAL_PREFIX):
            return event.reminder
        intent = event.text.removeprefix(EXTERNAL_PREFIX)
        due = [
            reminder
            for reminder in self.state.reminders
            if reminder.intent == intent and reminder.due_at <= event.timestamp
        ]
        return min(due, key=lambda reminder: reminder.due_at).name if due else None


def _find_time(raw: object) -> float:
    timestamp = raw.get("timestamp") if is_object(raw) else None
    if isinstance(timestamp, int | float) and not isinstance(timestamp, bool):
        return float(timestamp)
    return 0.0
