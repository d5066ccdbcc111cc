"""What is to happen in a conversation without anybody's word, and when."""

from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.reminders import EXTERNAL_PREFIX, Reminder
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData
from duologue.dialogue.engine import DialogueEngine
from duologue.dialogue.session import expire, find_expiry
from duologue.dialogue.turn import Turn
from duologue.ports.clock import Clock


class SessionExpiry(msgspec.Struct, frozen=True, kw_only=True):
    """The user has been silent for as long as a session lives."""

    due_at: float
    """Seconds since the epoch."""


Timer: TypeAlias = SessionExpiry | Reminder


def find_wake_time(state: State, domain: Domain) -> float | None:
    """When somebody has to look at the conversation again; None if it only waits for the user."""
    timer = _find_next(state, domain)
    return timer.due_at if timer else None


def find_due(state: State, domain: Domain, now: float) -> Timer | None:
    """What has come due, the earliest first."""
    timer = _find_next(state, domain)
    return timer if timer and timer.due_at <= now else None


def _find_next(state: State, domain: Domain) -> Timer | None:
    expires_at = find_expiry(state, domain)
    timers: list[Timer] = [] if expires_at is None else [SessionExpiry(due_at=expires_at)]
    timers.extend(state.reminders)
    return min(timers, key=lambda timer: timer.due_at, default=None)


def make_reminder_message(reminder: Reminder, state: State) -> UserMessage:
    """The message that nobody sent: what it asks for is in its field `reminder`, never in its text."""
    metadata: OpenData = {"is_external": True}
    return UserMessage(
        conversation_id=state.conversation_id,
        text=EXTERNAL_PREFIX + reminder.intent,
        channel=state.channel,
        metadata=metadata,
        reminder=reminder,
    )


async def run_timer(
    timer: Timer, tracker: Tracker, *, engine: DialogueEngine, clock: Clock, stamp: OpenData
) -> tuple[BotMessage, ...]:
    """Record in the tracker what comes of a timer; what the assistant says."""
    match timer:
        case SessionExpiry():
            # No mark of a turn: it belongs neither to the one before nor to the one after.
            metadata = {**stamp, "session_id": tracker.state.session.session_id}
            now = clock.now()
            tracker.record(*(replace(event, timestamp=now, metadata=metadata) for event in expire()))
            return ()
        case Reminder():
            turn = Turn(make_reminder_message(timer, tracker.state), tracker, clock=clock, stamp=stamp)
            report = await engine.run_turn(turn)
            if turn.tracker is not tracker:  # a failed turn works on a fresh tracker
                tracker.state, tracker.new_events = turn.tracker.state, turn.tracker.new_events
            return report.replies
