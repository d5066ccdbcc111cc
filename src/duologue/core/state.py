"""The state of a conversation: a small immutable value, saved as a snapshot beside the event log."""

import msgspec

from duologue.core.history import History
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.core.reminders import Reminder
from duologue.core.stack import Stack
from duologue.core.understanding import Understanding
from duologue.core.values import OpenData, SlotValue

SNAPSHOT_VERSION = 3
"""Raised when the shape changes; an older snapshot is thrown away and folded anew from the events."""

RECENT_INTENTS = 3

TRANSCRIPT_LINES = 12
"""How many lines of the conversation the state remembers, for understanding and prompts."""


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The session under way; a conversation has many over its life."""

    session_id: str = ""
    started_at: float = 0.0
    """Seconds since the epoch."""
    touched_at: float = 0.0
    """When it began, the user last spoke or a reminder last came due: from then on its silence counts."""
    first_event: int = 0
    """Sequence number of its first event."""
    is_inactive: bool = False
    is_terminated: bool = False
    """The session was ended on purpose; the conversation takes no further events."""


class LastMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest message of the user and what was understood of it."""

    text: str = ""
    understanding: Understanding = Understanding()
    message_id: str | None = None
    metadata: OpenData = {}
    timestamp: float = 0.0


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line of the transcript."""

    is_user: bool
    text: str


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a turn needs to know about the past."""

    conversation_id: ConversationId
    length: int = 0
    """How many events are folded in: also the sequence number of the next one."""
    turns: int = 0
    """How many messages the user has sent and how many reminders came due."""
    slots: dict[str, SlotValue] = {}
    """Slots that were set; any other holds its `initial_value`."""
    slots_from_nlu: tuple[str, ...] = ()
    """Slots whose value the trained pipeline read; a model may not change them unless the slot allows it."""
    stack: Stack = ()
    session: Session = Session()
    user_id: str | None = None
    channel: str = ""
    last_message: LastMessage | None = None
    last_action: str | None = None
    last_event_at: float = 0.0
    replies: tuple[BotMessage, ...] = ()
    """What the assistant said since the user last spoke."""
    previous_replies: tuple[BotMessage, ...] = ()
    """What it said in the turn before: what the user is reacting to, and may want to hear again."""
    transcript: tuple[Line, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    """Those that are still to come."""
    is_paused: bool = False
    followup_action: str | None = None
    active_loop: str | None = None
    is_loop_interrupted: bool = False
    history: History | None = None
    """Kept once the policies of a classic assistant have answered in this session."""
    recent_intents: tuple[str, ...] = ()
    """Of the latest messages that policies answered, newest first; empty for one without an intent or taken back."""
    started_at: float = 0.0
