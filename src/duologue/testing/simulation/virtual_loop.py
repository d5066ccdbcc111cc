"""An event loop whose time passes in jumps: whoever sleeps is woken at once, in the right order."""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

Result = TypeVar("Result")


class StuckError(RuntimeError):
    """Everybody waits for somebody else: nothing is ready, and no sleep will end."""


class NobodyListensError(BaseException):
    """Ends a task whose end nobody has to hear of; nothing may catch it."""


class _TimeSkipper(selectors.SelectSelector):
    """Stands where a loop waits for the network; there is none, so it moves the time on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError("Nothing is ready, and nobody sleeps.")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs tasks as any loop does; `time()` is virtual, begins at 0 and costs nothing."""

    def __init__(self) -> None:
        self._skipper = _TimeSkipper()
        super().__init__(self._skipper)

    def time(self) -> float:
        return self._skipper.now

    def call_exception_handler(self, context: Mapping[str, Any]) -> None:
        if isinstance(context.get("exception"), NobodyListensError):
            return
        # What a task that nobody awaits raised would be lost in a log.
        raise RuntimeError(str(context.get("message"))) from context.get("exception")


def run_virtually(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
