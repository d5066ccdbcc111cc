"""A conversation in memory: its state and the events recorded in this turn."""

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from duologue.core import events as ev
from duologue.core import history, pending_reminders
from duologue.core.events import ACTION_SESSION_START, Event
from duologue.core.history import Moment
from duologue.core.ids import ConversationId
from duologue.core.state import RECENT_INTENTS, TRANSCRIPT_LINES, LastMessage, Line, Session, State
from duologue.core.understanding import Understanding


class Tracker:
    """Holds the state of one conversation; `record` is the only thing that changes it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.base_length = state.length
        """Stored length when the conversation was loaded: what an append expects."""
        self.new_events: list[Event] = []

    @classmethod
    def empty(cls, conversation_id: ConversationId) -> "Tracker":
        """The tracker of a conversation that has no events yet."""
        return cls(State(conversation_id=conversation_id))

    def record(self, *events: Event) -> None:
        """Fold the events into the state and keep them for the commit."""
        for event in events:
            self.state = apply_event(self.state, event)
            self.new_events.append(event)


def fold(state: State, events: Iterable[Event]) -> State:
    """The state after all of the events."""
    for event in events:
        state = apply_event(state, event)
    return state


def apply_event(state: State, event: Event) -> State:
    """The state after one event; every kind of event has its case here."""
    changed = _apply_change(state, event)
    return replace(
        changed,
        length=state.length + 1,
        last_event_at=event.timestamp or state.last_event_at,
        started_at=state.started_at or event.timestamp,
    )


def _apply_change(state: State, event: Event) -> State:  # one case per event: long, flat and exhaustive
    match event:
        case ev.UserSpoke():
            return _after_user_spoke(state, event)
        case ev.BotSpoke():
            return replace(
                state,
                replies=(*state.replies, event.message),
                transcript=_add_line(state, is_user=False, text=event.message.text or ""),
            )
        case ev.SlotWasSet():
            return _set_slot(state, event)
        case ev.ActionExecuted():
            return _after_action(state, event)
        case ev.SessionStarted():
            session = Session(
                session_id=event.session_id,
                started_at=event.timestamp,
                touched_at=event.timestamp,
                first_event=state.length,
            )
            # As every reader of this event has it, nothing outlives it; carried slots are said again after it.
            # Reminders do: what was promised for tomorrow is not taken back by a word today.
            return replace(_forget(state), session=session)
        case ev.SessionEnded():
            return replace(state, session=replace(state.session, is_terminated=True), reminders=())
        case ev.ConversationInactive():
            return replace(state, session=replace(state.session, is_inactive=True))
        case ev.ConversationRestarted():
            followup = ACTION_SESSION_START if state.history is not None else None
            return replace(_forget(state), transcript=(), reminders=(), followup_action=followup)
        case ev.SlotsReset():
            return replace(state, slots={}, slots_from_nlu=())
        case ev.FollowupRequested():
            return replace(state, followup_action=event.name)
        case ev.ConversationPaused():
            return replace(state, is_paused=True)
        case ev.ConversationResumed():
            return replace(state, is_paused=False, session=_resume(state.session, event))
        case ev.ReminderScheduled():
            return replace(state, reminders=pending_reminders.schedule(state.reminders, event, state.length))
        case ev.ReminderCancelled():
            return replace(state, reminders=pending_reminders.cancel(state.reminders, event))
        case ev.LoopActivated():
            changed = replace(state, active_loop=event.name, is_loop_interrupted=False)
            return _mark_moment(
                changed, active_loop=event.name, is_loop_rejected=False, is_loop_interrupted=False
            )
        case ev.LoopInterrupted():
            changed = replace(state, is_loop_interrupted=event.is_interrupted)
            return _mark_moment(changed, is_loop_interrupted=event.is_interrupted)
        case ev.ActionRejected():
            return _mark_moment(state, is_loop_rejected=True) if event.name == state.active_loop else state
        case ev.UserFeaturized():
            return _mark_moment(state, is_featurized_by_text=bool(event.use_text_for_featurization))
        case ev.UserReverted():
            return _take_back_message(state)
        case ev.ActionReverted():
            return _go_back(state, history.take_back_action(state.history) if state.history else None)
        case ev.StackChanged():
            return replace(state, stack=event.stack)
        case ev.TurnFailed():
            # An action that was to follow may be what failed; asked for again, it would fail every turn.
            return replace(state, followup_action=None)
        case ev.AgentSpoke():
            return replace(state, transcript=_add_line(state, is_user=False, text=event.text or ""))
        case (
            ev.EntitiesAdded()
            | ev.SessionPaused()
            | ev.StoryExported()
            | ev.FlowStarted()
            | ev.FlowInterrupted()
            | ev.FlowResumed()
            | ev.FlowCompleted()
            | ev.FlowCancelled()
            | ev.RoutingSessionEnded()
            | ev.TurnCutOff()
            | ev.OtherEvent()
        ):
            return state
        case _:
            assert_never(event)


def _set_slot(state: State, event: ev.SlotWasSet) -> State:
    slots = {**state.slots, event.name: event.value}
    is_of_nlu = event.filled_by == "NLU" and event.value is not None
    if is_of_nlu == (event.name in state.slots_from_nlu):
        return replace(state, slots=slots)
    others = tuple(name for name in state.slots_from_nlu if name != event.name)
    return replace(state, slots=slots, slots_from_nlu=(*others, event.name) if is_of_nlu else others)


def _forget(state: State) -> State:
    return replace(
        state,
        slots={},
        slots_from_nlu=(),
        stack=(),
        replies=(),
        previous_replies=(),
        active_loop=None,
        is_loop_interrupted=False,
        followup_action=None,
        is_paused=False,
        history=None,
        recent_intents=(),
    )


def _after_action(state: State, event: ev.ActionExecuted) -> State:
    followup = None if event.name == state.followup_action else state.followup_action
    changed = replace(state, last_action=event.name, followup_action=followup, is_loop_interrupted=False)
    if state.history is None:
        return changed
    acted = history.act(
        state.history,
        event.name,
        text=event.action_text,
        slots=state.slots,
        is_hidden=event.hide_rule_turn,
    )
    return replace(changed, history=acted)


def _mark_moment(state: State, **changes: object) -> State:
    """Note something about the moment at hand, where moments are kept."""
    if state.history is None:
        return state
    latest = replace(state.history.latest, **changes)
    return replace(state, history=replace(state.history, latest=latest))


def _take_back_message(state: State) -> State:
    if state.history is None:
        return state
    changed = _go_back(state, history.take_back_message(state.history))
    return replace(changed, recent_intents=_remember_intent(state, ""))


def _remember_intent(state: State, name: str) -> tuple[str, ...]:
    return (name, *state.recent_intents)[:RECENT_INTENTS]


def _go_back(state: State, found: tuple[history.History, Moment] | None) -> State:
    """The state as it was when the moment came; what is not kept of it stays as it is."""
    if found is None:
        return state
    kept, moment = found
    understanding = Understanding(intent=moment.intent, entities=moment.entities, is_for_policies=True)
    return replace(
        state,
        history=kept,
        slots=dict(moment.slots),
        active_loop=moment.active_loop,
        is_loop_interrupted=moment.is_loop_interrupted,
        last_action=moment.last_action,
        last_message=LastMessage(text=moment.text, understanding=understanding)
        if moment.text is not None
        else None,
    )


def _resume(session: Session, event: ev.ConversationResumed) -> Session:
    session_id = str(event.metadata.get("session_id") or session.session_id)
    # The end of a pause is not the user's; a session that had expired would be silent for too long at once.
    touched_at = (event.timestamp if session.is_inactive else 0.0) or session.touched_at
    return replace(session, is_inactive=False, session_id=session_id, touched_at=touched_at)


def _after_user_spoke(state: State, event: ev.UserSpoke) -> State:
    is_said = event.reminder is None
    heard = _understand(state, event)
    if event.metadata.get(ev.REPEATED):
        return heard
    return replace(
        heard,
        turns=state.turns + 1,
        channel=event.channel,
        user_id=event.user_id or state.user_id,
        replies=(),
        # A turn in which the assistant said nothing does not make it forget what it said before.
        previous_replies=state.replies or state.previous_replies,
        transcript=_add_line(state, is_user=True, text=event.text) if is_said else state.transcript,
        session=replace(
            state.session, is_inactive=False, touched_at=event.timestamp or state.session.touched_at
        ),
        reminders=tuple(
            reminder
            for reminder in state.reminders
            if (not reminder.kill_on_user_message if is_said else reminder.name != event.reminder)
        ),
    )


def _understand(state: State, event: ev.UserSpoke) -> State:
    """The state with the message as it was understood."""
    understanding = event.understanding
    intent = understanding.intent
    name = intent.name if intent else ""
    return replace(
        state,
        history=_hear(state, event),
        recent_intents=_remember_intent(state, name)
        if understanding.is_for_policies
        else state.recent_intents,
        last_message=LastMessage(
            text=event.text,
            understanding=understanding,
            message_id=event.message_id,
            metadata=event.metadata,
            timestamp=event.timestamp,
        ),
    )


def _hear(state: State, event: ev.UserSpoke) -> history.History | None:
    """Moments are kept from the first message on that the policies of a classic assistant answer."""
    understanding = event.understanding
    kept = state.history
    if kept is None:
        if not understanding.is_for_policies:
            return None
        kept = history.begin(state.slots)
    return history.hear(kept, event.text, understanding.intent, understanding.entities)


def _add_line(state: State, *, is_user: bool, text: str) -> tuple[Line, ...]:
    if not text:
        return state.transcript
    return (*state.transcript, Line(is_user, text))[-TRANSCRIPT_LINES:]
