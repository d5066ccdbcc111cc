"""Whether turns can be stored now, asked of the store at most once a second, however many ask us."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from duologue.core.errors import DuologueError, StorageUnavailableError

LONGEST_CHECK = 3.0
"""Seconds that the store has for its answer; probes commonly wait no longer."""


class Readiness:
    """Shares one check among all who ask while it runs, and for a while after."""

    def __init__(
        self, check: Callable[[], Awaitable[object]], *, seconds: float, longest: float = LONGEST_CHECK
    ) -> None:
        self._check = check
        self._seconds = seconds
        self._longest = longest
        self._latest: asyncio.Task[DuologueError | None] | None = None
        self._fresh_until = 0.0

    async def check(self) -> None:
        """Return if turns can be stored.

        Raises:
            StorageUnavailableError: they cannot, or the store does not say so in time.
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
            return StorageUnavailableError(
                f"The tracker store did not answer within {self._longest:g} seconds."
            )
        except DuologueError as error:
            return error
        finally:
            self._fresh_until = time.monotonic() + self._seconds
        return None
