"""When a session begins, and what it takes over from the one before."""

import uuid

from duologue.core.domain import Domain
from duologue.core.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    ActionExecuted,
    ConversationInactive,
    Event,
    SessionStarted,
    SlotWasSet,
)
from duologue.core.state import State


def needs_session(state: State) -> bool:
    """Whether the conversation has had no session yet."""
    return not state.session.session_id


def find_expiry(state: State, domain: Domain) -> float | None:
    """When the session will have been silent for too long; None if it never will, or has been already."""
    minutes = domain.session.session_expiration_minutes
    session = state.session
    if not minutes > 0 or not session.touched_at or session.is_inactive or session.is_terminated:
        return None
    return session.touched_at + minutes * 60


def is_expired(state: State, domain: Domain, now: float) -> bool:
    """Whether the user has been silent for longer than the session lives; `now` in seconds."""
    expires_at = find_expiry(state, domain)
    return state.session.is_inactive or (expires_at is not None and now > expires_at)


def expire() -> tuple[Event, ...]:
    """The events of an expiry, before the next session, if there is to be one, begins."""
    return (ConversationInactive(),)


def new_session_id() -> str:
    """A fresh random id."""
    return uuid.uuid4().hex


def start_session(state: State, domain: Domain) -> tuple[Event, ...]:
    """The default `action_session_start`: a new session that takes over the slots that are set.

    `session_started` empties every slot, so those that are carried over are set again after it.
    """
    carried: tuple[Event, ...] = ()
    if domain.session.carry_over_slots:
        carried = tuple(
            SlotWasSet(name=name, value=value, filled_by=ACTION_SESSION_START)
            for name, value in state.slots.items()
            if value != domain.initial_slots.get(name)
        )
    return (
        ActionExecuted(name=ACTION_SESSION_START, confidence=1.0),
        SessionStarted(session_id=new_session_id()),
        *carried,
        ActionExecuted(name=ACTION_LISTEN),
    )
