"""Whether a store can be used now, asked of it at most once a second, however many ask us."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from duologue.core.errors import DuologueError, StorageUnavailableError

LONGEST_CHECK = 3.0
"""Seconds that the store has for its answer; probes commonly wait no longer."""


class Readiness:
    """Shares one check among all who ask while it runs, and for a while after."""

    def __init__(
        self,
        check: Callable[[], Awaitable[object]],
        *,
        who: str,
        seconds: float,
        longest: float = LONGEST_CHECK,
    ) -> None:
        """`who` is asked by `check`: "The tracker store"."""
        self._check = check
        self._who = who
        self._seconds = seconds
        self._longest = longest
        self._latest: asyncio.Task[DuologueError | None] | None = None
        self._fresh_until = 0.0

    async def check(self) -> None:
        """Return if the store can be used.

        Raises:
            StorageUnavailableError: it cannot, or does not say so in time.
        """
        latest = self._latest
        if latest is None or (latest.done() and time.monotonic() >= self._fresh_until):
            latest = self._latest = asyncio.create_task(self._ask())
        # Whoever leaves must not take the check away from the others.
        error = await asyncio.shield(latest)
        if error is not None:
            raise error

    async def _ask(self) -> DuologueError | None:
        """What is wrong; returned, since it may be that nobody waits for it any more."""
        try:
            async with asyncio.timeout(self._longest):
                await self._check()
        except TimeoutError:
            return StorageUnavailableError(f"{self._who} did not answer within {self._longest:g} seconds.")
        except DuologueError as error:
            return error
        finally:
            self._fresh_until = time.monotonic() + self._seconds
        return None
