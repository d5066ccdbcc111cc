"""A conversation in memory: its state and the events recorded in this turn."""

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from duologue.core import events as ev
from duologue.core import pending_reminders
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.state import TRANSCRIPT_LINES, LastMessage, Line, Session, State


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
            followup = None if event.name == state.followup_action else state.followup_action
            return replace(state, last_action=event.name, followup_action=followup)
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
            return replace(_forget(state), transcript=(), reminders=())
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
            return replace(state, active_loop=event.name, is_loop_interrupted=False)
        case ev.LoopInterrupted():
            return replace(state, is_loop_interrupted=event.is_interrupted)
        case ev.StackChanged():
            return replace(state, stack=event.stack)
        case ev.TurnFailed():
            # An action that was to follow may be what failed; asked for again, it would fail every turn.
            return replace(state, followup_action=None)
        case ev.AgentSpoke():
            return replace(state, transcript=_add_line(state, is_user=False, text=event.text or ""))
        case (
            ev.ActionRejected()
            | ev.EntitiesAdded()
            | ev.UserFeaturized()
            | ev.SessionPaused()
            | ev.UserReverted()
            | ev.ActionReverted()
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
    )


def _resume(session: Session, event: ev.ConversationResumed) -> Session:
    session_id = str(event.metadata.get("session_id") or session.session_id)
    # The end of a pause is not the user's; a session that had expired would be silent for too long at once.
    touched_at = (event.timestamp if session.is_inactive else 0.0) or session.touched_at
    return replace(session, is_inactive=False, session_id=session_id, touched_at=touched_at)


def _after_user_spoke(state: State, event: ev.UserSpoke) -> State:
    is_said = event.reminder is None
    return replace(
        state,
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
        last_message=LastMessage(
            text=event.text,
            understanding=event.understanding,
            message_id=event.message_id,
            metadata=event.metadata,
            timestamp=event.timestamp,
        ),
    )


def _add_line(state: State, *, is_user: bool, text: str) -> tuple[Line, ...]:
    if not text:
        return state.transcript
    return (*state.transcript, Line(is_user, text))[-TRANSCRIPT_LINES:]
