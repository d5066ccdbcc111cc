"""One turn in the making: the conversation, what is recorded, and what is reported at its end."""

from collections.abc import Awaitable, Callable

import msgspec
from msgspec.structs import replace

from duologue.core.events import BotSpoke, Event, UserSpoke
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.understanding import Understanding
from duologue.core.values import OpenData
from duologue.ports.clock import Clock

Deliver = Callable[[BotMessage], Awaitable[None]]
"""Hands one reply to a channel that shows replies as they come."""


class TurnReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn came to."""

    replies: tuple[BotMessage, ...]
    state: State
    understanding: Understanding = Understanding()
    is_repeat: bool = False
    """The message had been answered before; the replies are those of the first time."""
    milliseconds: float = 0.0


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
    ) -> None:
        self.message = message
        self.tracker = tracker
        self.clock = clock
        self.deliver = deliver
        self.delivered: list[BotSpoke] = []
        self.actions_performed = 0
        self._stamp = stamp
        """Goes into every event's metadata: `model_id`, `assistant_id`, and `session_id`."""

    @property
    def state(self) -> State:
        return self.tracker.state

    def record(self, *events: Event) -> None:
        """Stamp the events and fold them into the conversation."""
        now = self.clock.now()
        for event in events:
            session_id = self.tracker.state.session.session_id
            metadata = {**self._stamp, "session_id": session_id, **event.metadata}
            stamped = replace(event, timestamp=event.timestamp or now, metadata=metadata)
            self.tracker.record(stamped)

    async def show(self, spoken: BotSpoke) -> None:
        """Hand a reply that has been recorded to the channel, if it wants replies as they come."""
        if self.deliver is not None:
            await self.deliver(spoken.message)
            self.delivered.append(spoken)

    def next_idempotency_key(self) -> str:
        """`<conversation>/<turn>/<step>`; the same again when the turn is run again on the same message."""
        self.actions_performed += 1
        return f"{self.message.conversation_id}/{self.state.turns}/{self.actions_performed}"

    def report(self) -> TurnReport:
        events = self.tracker.new_events
        understanding = next(
            (event.understanding for event in events if isinstance(event, UserSpoke)), Understanding()
        )
        replies = tuple(event.message for event in events if isinstance(event, BotSpoke))
        return TurnReport(replies=replies, state=self.state, understanding=understanding)
