"""What an author writes: a class with a name and a `run`, or a function marked with `@action`."""

from collections.abc import Awaitable, Callable
from typing import Any

from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import MissingMethodError
from duologue.sdk.payloads import DomainDict, EventType
from duologue.sdk.tracker import Tracker

RunResult = list[EventType] | None
RunFunction = Callable[[CollectingDispatcher, Tracker, DomainDict], RunResult | Awaitable[RunResult]]


class Action:
    """One step of the project's own code; `run` may be a plain method or an `async` one."""

    remember: bool = True
    """Whether a server that remembers results keeps this action's, and gives it again to a call that is repeated.

    False suits an action that has no effect and should look at the state each time.
    """

    def name(self) -> str:
        """Tell the name under which flows, stories and rules call this action."""
        raise MissingMethodError(f"{type(self).__name__} has no name(): let it return the action's name.")

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> RunResult | Awaitable[RunResult]:
        """Do the work, speak through `dispatcher`, and return the events to record.

        A plain `run` executes in a worker thread, an `async` one on the event loop.
        """
        raise MissingMethodError(f"{type(self).__name__} has no run(dispatcher, tracker, domain).")

    def __str__(self) -> str:
        return f"Action('{self.name()}')"


class FunctionAction(Action):
    """A function under the name of an action; calling it calls the function."""

    def __init__(self, name: str, function: RunFunction, *, remember: bool = True) -> None:
        self._name = name
        self.remember = remember
        self.function = function
        self.__doc__ = function.__doc__

    def name(self) -> str:
        """Tell the name the function was given."""
        return self._name

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> RunResult | Awaitable[RunResult]:
        """Call the function."""
        return self.function(dispatcher, tracker, domain)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as it was written; its own parameters are its author's business."""
        return self.function(*args, **kwargs)


def action(name: str, *, remember: bool = True) -> Callable[[RunFunction], FunctionAction]:
    """Make a function an action: `@action("action_check_balance")`; `remember` as in `Action`."""

    def mark(function: RunFunction) -> FunctionAction:
        return FunctionAction(name, function, remember=remember)

    return mark
