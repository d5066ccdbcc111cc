"""What a loop needs of whoever performs actions."""

from collections.abc import Sequence
from typing import Protocol

from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.state import State
from duologue.dialogue.turn import Turn
from duologue.ports.response_generator import ResponseGenerator


class ActionHost(Protocol):
    """Performs actions inside another one: nothing is recorded or shown, the events are handed back."""

    @property
    def domain(self) -> Domain: ...

    @property
    def responses(self) -> ResponseGenerator: ...

    def can_perform(self, name: str) -> bool:
        """Whether the project has an action of this name, or a response, or it is one of ours."""
        ...

    async def compute(
        self, name: str, turn: Turn, state: State, recorded: Sequence[Event] = ()
    ) -> tuple[Event, ...]:
        """What the action does when the conversation stands at `state`.

        Args:
            recorded: events that led from the turn's own state to `state` and are not recorded yet; an action
                server sees them behind those of the tracker.

        Replies are among the events as `BotSpoke`, in their order; the `ActionExecuted` of the action is not.

        Raises:
            ActionRejectedError: the action does not want to run now.
            ActionError: it failed.
            FlowError: there is no such action.
        """
        ...
