"""The project's own code, run somewhere."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.state import State
from duologue.core.values import OpenData


class ReplyStream(Protocol):
    """Takes what an action says while it still runs. One call may say several messages this way, one after the other."""

    async def begin(self) -> None:
        """A message begins."""
        ...

    async def add(self, piece: OpenData) -> None:
        """The next piece of it, as a response of the protocol: `text`, `image`, `buttons`, `elements`, `attachment`, `custom`."""
        ...

    async def end(self) -> None:
        """The message is complete."""
        ...

    async def wait_until_left(self) -> None:
        """Return when nobody listens any more: the user interrupted, or is gone. The action may still finish its work."""
        ...


class ActionCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a custom action."""

    action_name: str
    state: State
    domain: Domain
    idempotency_key: str
    """`<conversation>/<turn>/<step>`: a turn that is run again sends the same key."""
    load_events: Callable[[], Awaitable[Sequence[Event]]]
    """The conversation's recent events, this turn's included; loaded only when asked for."""
    replies: ReplyStream | None = None
    """Where streamed messages go as they come. Without it, what was streamed is in the result as ordinary responses."""


class ActionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an action gave back."""

    events: tuple[Event, ...] = ()
    responses: tuple[OpenData, ...] = ()
    """Messages as the action protocol spells them: `text`, `response`, `buttons`, `custom` …, and variables."""


class ActionRunner(Protocol):
    """Runs custom actions."""

    async def run(self, call: ActionCall) -> ActionResult:
        """Run one action. Messages that went through `call.replies` are not in the result again.

        Raises:
            ActionRejectedError: the action declined.
            ActionError: it is unknown, failed, or took too long.
        """
        ...

    async def list_actions(self) -> frozenset[str] | None:
        """Names of the actions it can run; None if that cannot be known."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
