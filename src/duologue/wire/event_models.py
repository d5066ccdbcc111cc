"""The public JSON of events as models, for the schemas that are published; `wire.events` reads and writes it."""

from typing import Annotated, Any

from msgspec import Meta, Struct

# Slot values, metadata and their like are open JSON.
Json = dict[str, Any]
IsoTime = Annotated[str, Meta(description="ISO 8601.", examples=["2031-01-02T03:04:05+00:00"])]
ReminderEntities = Annotated[
    Any, Meta(description="Entities of the intent: a list of them, or an object of values by name.")
]
UserText = Annotated[str, Meta(description="What the user wrote.")]


class WireEvent(Struct, kw_only=True, tag_field="event"):
    """What every event carries."""

    timestamp: Annotated[
        float | None, Meta(description="Seconds since the epoch; the assistant fills it in.")
    ] = None
    metadata: Json | None = None


class UserEvent(WireEvent, tag="user"):
    """The user said something."""

    text: UserText | None = None
    parse_data: Annotated[
        Json | None,
        Meta(description="What was understood: `intent`, `entities`, `intent_ranking`, `commands`."),
    ] = None
    input_channel: str | None = None
    message_id: str | None = None
    user_id: str | None = None
    reminder: Annotated[str | None, Meta(description="The reminder that came due; then nobody spoke.")] = None


class BotEvent(WireEvent, tag="bot"):
    """The assistant said something."""

    text: str | None = None
    data: Annotated[
        Json | None,
        Meta(description="`buttons`, `elements`, `quick_replies`, `image`, `attachment` and `custom`."),
    ] = None


class SlotEvent(WireEvent, tag="slot"):
    """A slot was set."""

    name: str
    value: Annotated[Any, Meta(description="Any JSON; null empties the slot.")] = None
    filled_by: str | None = None


class ActionEvent(WireEvent, tag="action"):
    """An action ran."""

    name: str | None = None
    policy: str | None = None
    confidence: float | None = None
    action_text: str | None = None
    hide_rule_turn: bool | None = None


class RejectionEvent(WireEvent, tag="action_execution_rejected"):
    """An action declined."""

    name: str
    policy: str | None = None
    confidence: float | None = None


class EntitiesEvent(WireEvent, tag="entities"):
    """Entities were added to the latest message."""

    entities: list[Json] = []


class FeaturizationEvent(WireEvent, tag="user_featurization"):
    """Whether policies looked at the text of the message or at its intent."""

    use_text_for_featurization: bool | None = None


class SessionStartEvent(WireEvent, tag="session_started"):
    """A session began."""

    session_id: str | None = None


class SessionEndEvent(WireEvent, tag="session_ended"):
    """The session was ended; the conversation takes nothing more."""


class SessionPauseEvent(WireEvent, tag="session_paused"):
    """The session was laid aside."""

    reason: str | None = None


class InactivityEvent(WireEvent, tag="conversation_inactive"):
    """The user has been silent for long."""


class RestartEvent(WireEvent, tag="restart"):
    """The conversation begins anew; nothing before it counts."""


class ResetEvent(WireEvent, tag="reset_slots"):
    """Every slot went back to its initial value."""


class ReminderEvent(WireEvent, tag="reminder"):
    """An intent is to come up at a time."""

    intent: str
    date_time: IsoTime
    name: str | None = None
    entities: ReminderEntities = None
    kill_on_user_msg: Annotated[
        bool | None, Meta(description="A message of the user cancels it; true if it is left out.")
    ] = None


class ReminderCancellationEvent(WireEvent, tag="cancel_reminder"):
    """Reminders of this name, intent and entities are cancelled; all of them, if none of these is there."""

    name: str | None = None
    intent: str | None = None
    entities: ReminderEntities = None


class FollowupEvent(WireEvent, tag="followup"):
    """This action runs next."""

    name: str


class PauseEvent(WireEvent, tag="pause"):
    """The assistant is silent until it is resumed."""


class ResumeEvent(WireEvent, tag="resume"):
    """The assistant answers again."""


class RewindEvent(WireEvent, tag="rewind"):
    """The latest message of the user, and what followed it, is taken back."""


class UndoEvent(WireEvent, tag="undo"):
    """The latest action is taken back."""


class ExportEvent(WireEvent, tag="export"):
    """The conversation was written to a file as a story."""

    path: str | None = None


class AgentEvent(WireEvent, tag="agent"):
    """A human agent said something."""

    text: str | None = None
    data: Json | None = None


class LoopEvent(WireEvent, tag="active_loop"):
    """A form began; null ends it."""

    name: str | None = None


class FormEvent(WireEvent, tag="form"):
    """An older name of `active_loop`."""

    name: str | None = None


class LoopInterruptionEvent(WireEvent, tag="loop_interrupted"):
    """A form does not look at the latest message, or does so again."""

    is_interrupted: bool | None = None


class FormValidationEvent(WireEvent, tag="form_validation"):
    """An older name of `loop_interrupted`, the other way round."""

    validate: bool | None = None


class StackEvent(WireEvent, tag="stack"):
    """The dialogue stack changed. An action's answer cannot change it."""

    update: Annotated[str, Meta(description="A JSON patch (RFC 6902) as text.")]


class FlowStartEvent(WireEvent, tag="flow_started"):
    """A flow began."""

    flow_id: str


class FlowInterruptionEvent(WireEvent, tag="flow_interrupted"):
    """Another flow came in between."""

    flow_id: str
    step_id: str | None = None


class FlowResumptionEvent(WireEvent, tag="flow_resumed"):
    """A flow goes on."""

    flow_id: str
    step_id: str | None = None


class FlowCompletionEvent(WireEvent, tag="flow_completed"):
    """A flow came to its end."""

    flow_id: str
    step_id: str | None = None


class FlowCancellationEvent(WireEvent, tag="flow_cancelled"):
    """A flow was cancelled."""

    flow_id: str
    step_id: str | None = None


class RoutingEndEvent(WireEvent, tag="routing_session_ended"):
    """The part of the assistant that had the conversation gave it back."""


class FailureEvent(WireEvent, tag="turn_failed"):
    """A turn was given up."""

    error_type: str
    reason: str | None = None


class CutOffEvent(WireEvent, tag="turn_cut_off"):
    """The user left or spoke over the reply."""


EVENT_MODELS = (
    UserEvent,
    BotEvent,
    SlotEvent,
    ActionEvent,
    RejectionEvent,
    EntitiesEvent,
    FeaturizationEvent,
    SessionStartEvent,
    SessionEndEvent,
    SessionPauseEvent,
    InactivityEvent,
    RestartEvent,
    ResetEvent,
    ReminderEvent,
    ReminderCancellationEvent,
    FollowupEvent,
    PauseEvent,
    ResumeEvent,
    RewindEvent,
    UndoEvent,
    ExportEvent,
    AgentEvent,
    LoopEvent,
    FormEvent,
    LoopInterruptionEvent,
    FormValidationEvent,
    StackEvent,
    FlowStartEvent,
    FlowInterruptionEvent,
    FlowResumptionEvent,
    FlowCompletionEvent,
    FlowCancellationEvent,
    RoutingEndEvent,
    FailureEvent,
    CutOffEvent,
)
"""Every kind of event that has a schema; a conversation may hold others, which pass as they are."""
