"""What happened in a conversation, past tense; the events are the truth, the state is their fold.

An event's sequence number is its position in its conversation, counted from 0; the tracker store keeps it.
The tags are the public type names of the events; their public JSON is made in `wire.events`.
"""

import msgspec

from duologue.core.messages import BotMessage
from duologue.core.stack import Stack
from duologue.core.understanding import Entity, Understanding
from duologue.core.values import OpenData, SlotValue

ACTION_LISTEN = "action_listen"
ACTION_SESSION_START = "action_session_start"


class Happening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """What every event carries."""

    timestamp: float = 0.0
    """Seconds since the epoch (UTC); 0 until the turn records it."""
    metadata: OpenData = {}


REPEATED = "duologue_repeated"
"""Metadata of a `UserSpoke`: the message before it once more, understood otherwise; nobody has spoken again."""


class UserSpoke(Happening, tag="user", frozen=True, kw_only=True):
    text: str
    understanding: Understanding = Understanding()
    channel: str = "rest"
    message_id: str | None = None
    user_id: str | None = None
    reminder: str | None = None
    """Name of the reminder that came due: then nobody spoke. Only a timer sets it."""


class BotSpoke(Happening, tag="bot", frozen=True, kw_only=True):
    message: BotMessage


class SlotWasSet(Happening, tag="slot", frozen=True, kw_only=True):
    name: str
    value: SlotValue = None
    filled_by: str | None = None
    """The extractor, action or flow that gave the value."""


class ActionExecuted(Happening, tag="action", frozen=True, kw_only=True):
    name: str
    policy: str | None = None
    confidence: float | None = None
    action_text: str | None = None
    hide_rule_turn: bool = False


class ActionRejected(Happening, tag="action_execution_rejected", frozen=True, kw_only=True):
    name: str
    policy: str | None = None
    confidence: float | None = None


class EntitiesAdded(Happening, tag="entities", frozen=True, kw_only=True):
    entities: tuple[Entity, ...] = ()


class UserFeaturized(Happening, tag="user_featurization", frozen=True, kw_only=True):
    use_text_for_featurization: bool | None = None


class SessionStarted(Happening, tag="session_started", frozen=True, kw_only=True):
    session_id: str = ""


class SessionEnded(Happening, tag="session_ended", frozen=True, kw_only=True):
    pass


class SessionPaused(Happening, tag="session_paused", frozen=True, kw_only=True):
    reason: str | None = None


class ConversationInactive(Happening, tag="conversation_inactive", frozen=True, kw_only=True):
    pass


class ConversationRestarted(Happening, tag="restart", frozen=True, kw_only=True):
    pass


class SlotsReset(Happening, tag="reset_slots", frozen=True, kw_only=True):
    pass


class ReminderScheduled(Happening, tag="reminder", frozen=True, kw_only=True):
    intent: str
    date_time: str
    """ISO 8601."""
    name: str = ""
    entities: object = None
    kill_on_user_message: bool = True


class ReminderCancelled(Happening, tag="cancel_reminder", frozen=True, kw_only=True):
    name: str | None = None
    intent: str | None = None
    entities: object = None


class FollowupRequested(Happening, tag="followup", frozen=True, kw_only=True):
    name: str


class ConversationPaused(Happening, tag="pause", frozen=True, kw_only=True):
    pass


class ConversationResumed(Happening, tag="resume", frozen=True, kw_only=True):
    pass


class UserReverted(Happening, tag="rewind", frozen=True, kw_only=True):
    pass


class ActionReverted(Happening, tag="undo", frozen=True, kw_only=True):
    pass


class StoryExported(Happening, tag="export", frozen=True, kw_only=True):
    path: str | None = None


class AgentSpoke(Happening, tag="agent", frozen=True, kw_only=True):
    """A human agent wrote to the user."""

    text: str | None = None
    data: OpenData = {}


class LoopActivated(Happening, tag="active_loop", frozen=True, kw_only=True):
    name: str | None = None
    """None ends the loop."""


class LoopInterrupted(Happening, tag="loop_interrupted", frozen=True, kw_only=True):
    is_interrupted: bool = False


class StackChanged(Happening, tag="stack", frozen=True, kw_only=True):
    """The dialogue stack as it stands after the change; whole, so that no lost event breaks a chain."""

    stack: Stack = ()


class FlowStarted(Happening, tag="flow_started", frozen=True, kw_only=True):
    flow_id: str


class FlowInterrupted(Happening, tag="flow_interrupted", frozen=True, kw_only=True):
    flow_id: str
    step_id: str = ""


class FlowResumed(Happening, tag="flow_resumed", frozen=True, kw_only=True):
    flow_id: str
    step_id: str = ""


class FlowCompleted(Happening, tag="flow_completed", frozen=True, kw_only=True):
    flow_id: str
    step_id: str = ""


class FlowCancelled(Happening, tag="flow_cancelled", frozen=True, kw_only=True):
    flow_id: str
    step_id: str = ""


class RoutingSessionEnded(Happening, tag="routing_session_ended", frozen=True, kw_only=True):
    pass


class TurnFailed(Happening, tag="turn_failed", frozen=True, kw_only=True):
    """A turn was given up; none of its half-done work is kept."""

    error_type: str
    reason: str = ""


class TurnCutOff(Happening, tag="turn_cut_off", frozen=True, kw_only=True):
    """The client left or spoke over the reply; what had been delivered is kept."""


class OtherEvent(Happening, tag="other", frozen=True, kw_only=True):
    """An event type of somebody else, kept as it came."""

    type_name: str
    data: OpenData = {}


Event = (
    UserSpoke
    | BotSpoke
    | SlotWasSet
    | ActionExecuted
    | ActionRejected
    | EntitiesAdded
    | UserFeaturized
    | SessionStarted
    | SessionEnded
    | SessionPaused
    | ConversationInactive
    | ConversationRestarted
    | SlotsReset
    | ReminderScheduled
    | ReminderCancelled
    | FollowupRequested
    | ConversationPaused
    | ConversationResumed
    | UserReverted
    | ActionReverted
    | StoryExported
    | AgentSpoke
    | LoopActivated
    | LoopInterrupted
    | StackChanged
    | FlowStarted
    | FlowInterrupted
    | FlowResumed
    | FlowCompleted
    | FlowCancelled
    | RoutingSessionEnded
    | TurnFailed
    | TurnCutOff
    | OtherEvent
)
"""Every event of a conversation."""
