"""A conversation as actions, response servers and the HTTP API see it."""

from collections.abc import Sequence

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.state import State
from duologue.core.understanding import Understanding
from duologue.core.values import OpenData
from duologue.wire.events import format_event
from duologue.wire.stack import format_stack
from duologue.wire.understanding import format_understanding


def format_tracker(state: State, events: Sequence[Event] | None, domain: Domain) -> OpenData:
    """The tracker's public JSON. Every slot of the domain is in it; `events` is null if none were asked for."""
    formatted: OpenData = {
        "sender_id": state.conversation_id,
        "slots": _format_slots(state, domain),
        "latest_message": _format_latest_message(state),
        "latest_event_time": state.last_event_at or None,
        "followup_action": state.followup_action,
        "paused": state.is_paused,
        "stack": format_stack(state.stack),
        "events": None if events is None else [format_event(event) for event in events],
        "latest_input_channel": state.channel or None,
        "active_loop": _format_active_loop(state),
        "latest_action": {"action_name": state.last_action} if state.last_action else {},
        "latest_action_name": state.last_action,
        "current_session_id": state.session.session_id or None,
        "conversation_started_timestamp": state.started_at or None,
        "inactive": state.session.is_inactive,
        "terminated": state.session.is_terminated,
    }
    if state.user_id is not None:
        formatted["user_id"] = state.user_id
    return formatted


def _format_slots(state: State, domain: Domain) -> OpenData:
    return {**{name: slot.initial_value for name, slot in domain.slots.items()}, **state.slots}


def _format_latest_message(state: State) -> OpenData:
    message = state.last_message
    if message is None:
        return format_understanding(Understanding(), text=None, message_id=None, metadata={})
    return format_understanding(
        message.understanding, text=message.text, message_id=message.message_id, metadata=message.metadata
    )


def _format_active_loop(state: State) -> OpenData:
    if state.active_loop is None:
        return {}
    is_rejected = state.history is not None and state.history.latest.is_loop_rejected
    return {"name": state.active_loop, "is_interrupted": state.is_loop_interrupted, "rejected": is_rejected}
