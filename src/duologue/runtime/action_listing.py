"""The actions that the domain declares, held against those that can run."""

import asyncio
import difflib
import logging
from collections.abc import Awaitable, Callable, Collection

from duologue.ports.action_runner import ActionRunner

POLL_SECONDS = 5.0
"""How long to wait before an action server that did not answer is asked again."""

_log = logging.getLogger(__name__)


class ActionListing:
    """Names the actions that nothing can run, since a flow that comes to one of them fails.

    An action server that is not there yet is asked again, beside the turns, until it says what it has.
    """

    def __init__(
        self,
        declared: Collection[str],
        actions: ActionRunner | None,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._declared = frozenset(declared)
        self._actions = actions
        self._sleep = sleep
        self._asking: asyncio.Task[None] | None = None

    async def check(self) -> bool:
        """Compare once; False if the action server did not say what it has."""
        if not self._declared:
            return True
        known = await self._actions.list_actions() if self._actions is not None else frozenset[str]()
        if known is None:
            return False
        missing = sorted(self._declared - known)
        if missing:
            _log.warning(
                "actions.missing", extra={"missing": ", ".join(_suggest(name, known) for name in missing)}
            )
        return True

    async def check_at_start(self) -> bool:
        """The same, and say so if it remains unknown."""
        is_known = await self.check()
        if not is_known:
            _log.warning(
                "actions.unknown", extra={"reason": "the action server did not list its actions yet"}
            )
        return is_known

    def start(self) -> None:
        self._asking = asyncio.create_task(self._ask_until_known())

    def stop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    async def close(self) -> None:
        self.stop()
        if self._asking is not None:
            await asyncio.wait({self._asking})

    async def _ask_until_known(self) -> None:
        while not await self.check():
            await self._sleep(POLL_SECONDS)


def _suggest(name: str, known: Collection[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    return f"{name} (is it {nearest[0]}?)" if nearest else name
