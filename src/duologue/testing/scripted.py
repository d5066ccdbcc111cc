"""Fakes that do what a test tells them to, and remember what was asked of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from duologue.core.commands import Command
from duologue.core.errors import ActionError
from duologue.core.events import Event
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.core.understanding import Understanding
from duologue.core.values import OpenData
from duologue.flows.offers import Offers
from duologue.ports.action_runner import ActionCall, ActionResult

Understood: TypeAlias = Understanding | Command | Sequence[Command]
"""What one message is understood as; commands alone stand for an understanding without evidence."""


class ScriptedUnderstander:
    """Understands each message as the script says, in order. The script must be used up: see `assert_complete`."""

    def __init__(self, *script: Understood) -> None:
        self._script = [_to_understanding(understood) for understood in script]
        self._unexpected: list[str] = []
        self.messages: list[UserMessage] = []
        """Every message it was asked about."""
        self.offers: list[Offers] = []
        """What was on offer each time."""

    def expect(self, *understood: Understood) -> None:
        """Append to the script."""
        self._script.extend(_to_understanding(one) for one in understood)

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        """The next understanding of the script.

        Raises:
            AssertionError: the script has no more; `assert_complete` says so too, if the error was swallowed.
        """
        self.messages.append(message)
        self.offers.append(offers)
        if not self._script:
            self._unexpected.append(message.text)
            raise AssertionError(f"the script has no understanding left for {message.text!r}")
        return self._script.pop(0)

    def assert_complete(self) -> None:
        """Raise `AssertionError` unless every understanding was used and no other was asked for."""
        assert not self._unexpected, f"the script says nothing about {self._unexpected}"
        assert not self._script, f"{len(self._script)} understandings were never asked for: {self._script}"


def _to_understanding(understood: Understood) -> Understanding:
    if isinstance(understood, Understanding):
        return understood
    if isinstance(understood, Sequence):
        return Understanding(commands=tuple(understood))
    return Understanding(commands=(understood,))


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """An action that speaks while it runs, and then gives its result or raises."""

    pieces: tuple[OpenData, ...]
    """Of one message, as responses of the protocol."""
    then: ActionResult | Exception = ActionResult()


Outcome: TypeAlias = (
    ActionResult | Sequence[Event] | Exception | Saying | Callable[[ActionCall], ActionResult]
)
"""What an action does: give a result or events, raise, speak in pieces, or compute its result from the call."""


class ScriptedActions:
    """An `ActionRunner` whose actions do what the script says, each time they are called."""

    def __init__(self, outcomes: Mapping[str, Outcome] | None = None) -> None:
        self.outcomes: dict[str, Outcome] = dict(outcomes or {})
        """By action name; a test may change it between turns."""
        self.calls: list[ActionCall] = []

    @property
    def called(self) -> list[str]:
        """The names of the actions that were called, in order."""
        return [call.action_name for call in self.calls]

    async def run(self, call: ActionCall) -> ActionResult:
        """What the script says of the action; one that it does not name is unknown, and raises `ActionError`."""
        self.calls.append(call)
        outcome = self.outcomes.get(call.action_name)
        if outcome is None:
            raise ActionError(
                f"the script knows no action {call.action_name!r}", action_name=call.action_name
            )
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Saying):
            await _say(outcome, call)
            outcome = outcome.then
            if isinstance(outcome, Exception):
                raise outcome
        if isinstance(outcome, ActionResult):
            return outcome
        if callable(outcome):
            return outcome(call)
        return ActionResult(events=tuple(outcome))

    async def list_actions(self) -> frozenset[str] | None:
        return frozenset(self.outcomes)

    async def close(self) -> None:
        pass


async def _say(saying: Saying, call: ActionCall) -> None:
    assert call.replies is not None, "a turn always takes what an action streams"
    await call.replies.begin()
    for piece in saying.pieces:
        await call.replies.add(piece)
    if not isinstance(saying.then, Exception):
        await call.replies.end()


def make_time_out(action_name: str) -> ActionError:
    """The error of an action that took too long, as an outcome for `ScriptedActions`."""
    message = f"the action {action_name!r} took too long"
    return ActionError(message, action_name=action_name, is_retryable=True)


class RecordingDelivery:
    """A `Deliver` that keeps the replies it is handed, and fails from a certain one on if it is told to."""

    def __init__(self, *, fails_after: int | None = None) -> None:
        self.messages: list[BotMessage] = []
        """Replies that were said as a whole."""
        self.pieces: list[ReplyPiece] = []
        self._fails_after = fails_after

    async def __call__(self, message: BotMessage | ReplyPiece) -> None:
        if self._fails_after is not None and len(self.messages) + len(self.pieces) >= self._fails_after:
            raise ConnectionError("the listener has gone")
        if isinstance(message, ReplyPiece):
            self.pieces.append(message)
        else:
            self.messages.append(message)

    def assert_shown(self, messages: Iterable[BotMessage]) -> None:
        """Raise `AssertionError` unless exactly these were shown, in this order."""
        expected = list(messages)
        assert self.messages == expected, f"{self.messages} was shown, not {expected}"


class FrozenClock:
    """A `Clock` that stands still until it is moved."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        self._monotonic += seconds
