"""How many calls run at once; further ones wait a moment in line, and are sent away if that is not enough."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from duologue.action_server.reloading import ActionCode
from duologue.core.errors import DuologueError
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.payloads import ActionResult

WAIT_SECONDS = 10.0


class TooManyCallsError(DuologueError):
    """The server runs as many calls as it may; nothing of this one was run."""


class BoundedCode:
    """Runs at most `most` calls at once, and lets as many wait."""

    def __init__(self, code: ActionCode, most: int, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._code = code
        self._most = most
        self._wait_seconds = wait_seconds
        self._places = asyncio.Semaphore(most)
        self._waiting = 0
        self._running: Counter[str] = Counter()
        self._ended: set[str] = set()

    def names(self) -> list[str]:
        return self._code.names()

    def is_remembered(self, name: str) -> bool:
        return self._code.is_remembered(name)

    # A call is open JSON, hence `Any`.
    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        """Run the call as soon as there is a place.

        Raises:
            TooManyCallsError: there was none in time.
        """
        await self._take_place()
        name = str(call.get("next_action"))
        self._running[name] += 1
        try:
            return await self._code.run(call, dispatcher)
        finally:
            self._running[name] -= 1
            self._ended.add(name)
            self._places.release()

    def list_recent(self) -> list[str]:
        """The actions that run, and those that ended since this was last asked."""
        running = +self._running
        recent = sorted(self._ended | set(running))
        self._running, self._ended = running, set()
        return recent

    async def _take_place(self) -> None:
        if self._places.locked() and self._waiting >= self._most:
            raise self._refuse("and as many wait")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise self._refuse(f"and none ended within {self._wait_seconds:g} seconds") from None
        finally:
            self._waiting -= 1

    def _refuse(self, more: str) -> TooManyCallsError:
        return TooManyCallsError(
            f"The action server runs {self._most} calls at once, {more}; call again in a moment."
        )
