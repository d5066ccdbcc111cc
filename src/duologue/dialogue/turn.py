"""One turn in the making: the conversation, what is recorded, and what is reported at its end."""

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from duologue.core.events import BotSpoke, Event, SessionStarted, UserSpoke
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.understanding import Understanding
from duologue.core.values import OpenData
from duologue.dialogue.session import new_session_id
from duologue.ports.clock import Clock

TURN_MARK = "duologue_turn"
"""Event metadata: the number of the turn that recorded the event, so that a turn can be told from its neighbours."""

Deliver = Callable[[BotMessage | ReplyPiece], Awaitable[None]]
"""Hands one reply, or a piece of one that is still being said, to a channel that shows replies as they come."""


_log = logging.getLogger(__name__)


class TurnReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn came to."""

    replies: tuple[BotMessage, ...]
    state: State
    understanding: Understanding = Understanding()
    is_repeat: bool = False
    """The message had been answered before; the replies are those of the first time."""
    milliseconds: float = 0.0


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Who chose an action, for the record."""

    policy: str = "FlowPolicy"
    confidence: float = 1.0
    hide_rule_turn: bool = False
    """Stories need not know of it."""


BY_FLOWS = Choice()


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a turn had come."""

    state: State
    length: int
    delivered: int


class Turn:
    """The events of one turn, stamped with the time and with whose they are."""

    def __init__(
        self,
        message: UserMessage,
        tracker: Tracker,
        *,
        clock: Clock,
        stamp: OpenData,
        deliver: Deliver | None = None,
        departure: Callable[[], Awaitable[object]] | None = None,
        key: str | None = None,
    ) -> None:
        """`key` tells the message from all others: its own id, or one that was made up for it once.

        `departure` returns when nobody listens to `deliver` any more.

        The number of the turn would not do: when two processes answer at the same time, both begin the same number,
        and the one that is refused and runs again gets another.
        """
        self.message = message
        self.tracker = tracker
        self.clock = clock
        self.deliver = deliver
        self.departure = departure
        self.delivered: list[BotSpoke] = []
        self.actions_performed = 0
        self.streams_begun = 0
        self.has_lost_listener = False
        """The channel failed to take a reply: what came after was recorded, but shown to nobody."""
        # Counted once: the session's start is performed before the message raises the count of turns.
        number = tracker.state.turns + 1
        # Quoted, so that the parts of a key can be told apart whatever is in them: no message has a key with a colon.
        self._key = (
            f"timer:{message.reminder.key}" if message.reminder else quote(key or str(number), safe="")
        )
        self._stamp = {**stamp, TURN_MARK: number, "session_id": tracker.state.session.session_id}
        """Goes into every event's metadata: `model_id`, `assistant_id`, `session_id` and the turn's number."""

    @property
    def state(self) -> State:
        return self.tracker.state

    def record(self, *events: Event) -> None:
        """Stamp the events and fold them into the conversation."""
        now = self.clock.now()
        for event in events:
            if isinstance(event, SessionStarted):
                self._stamp = {**self._stamp, "session_id": event.session_id}
            # A channel passes on metadata as it comes; whose event it is, is ours to say.
            metadata = {**event.metadata, **self._stamp} if event.metadata else self._stamp
            self.tracker.record(replace(event, timestamp=event.timestamp or now, metadata=metadata))

    def renew_session_id(self) -> None:
        """What is recorded from now on belongs to a session of another id."""
        self._stamp = {**self._stamp, "session_id": new_session_id()}

    async def show(self, spoken: BotSpoke) -> None:
        """Hand a reply that has been recorded to the channel, if it wants replies as they come."""
        if await self.hand_over(spoken.message):
            self.delivered.append(spoken)

    async def hand_over(self, reply: BotMessage | ReplyPiece) -> bool:
        """Hand a reply or a piece of one to the channel; whether it took it."""
        if self.deliver is None:
            return False
        try:
            await self.deliver(reply)
        except Exception as error:  # a listener that has gone must not undo what the user asked for
            _log.warning("delivery.failed", exc_info=error)
            self.deliver = None
            self.has_lost_listener = True
            return False
        return True

    def mark(self) -> "Checkpoint":
        """A point to which `rewind` can go back."""
        tracker = self.tracker
        return Checkpoint(state=tracker.state, length=len(tracker.new_events), delivered=len(self.delivered))

    def rewind(self, checkpoint: "Checkpoint") -> None:
        """Take back what was recorded since, but for the replies that the user has seen."""
        tracker = Tracker(checkpoint.state)
        tracker.base_length = self.tracker.base_length
        tracker.new_events = self.tracker.new_events[: checkpoint.length]
        tracker.record(*self.delivered[checkpoint.delivered :])
        self.tracker = tracker
        self._stamp = {**self._stamp, "session_id": checkpoint.state.session.session_id}

    def next_idempotency_key(self) -> str:
        """`<conversation>/<message>/<step>`; the same again when the turn is run again on the same message.

        For a reminder that came due, `timer:` and its own key stand in the message's place.
        """
        self.actions_performed += 1
        return f"{self.message.conversation_id}/{self._key}/{self.actions_performed}"

    def report(self) -> TurnReport:
        events = self.tracker.new_events
        understanding = next(
            (event.understanding for event in events if isinstance(event, UserSpoke)), Understanding()
        )
        replies = tuple(event.message for event in events if isinstance(event, BotSpoke))
        return TurnReport(replies=replies, state=self.state, understanding=understanding)
