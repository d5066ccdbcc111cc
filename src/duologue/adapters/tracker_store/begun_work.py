"""Calls that a store has begun: closing waits for them and lets no new ones in."""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager

from duologue.core.errors import StorageUnavailableError


class BegunWork:
    """What one store is busy with, in one event loop."""

    def __init__(self) -> None:
        self._count = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def one_more(self) -> Generator[None]:
        """Everything inside is finished before the store closes.

        Raises:
            StorageUnavailableError: it is closed.
        """
        if self._is_closed:
            raise StorageUnavailableError("The conversation store is closed.")
        self._count += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._is_idle.set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside the calls, before the store closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> bool:
        """Let nothing new in and wait for the rest; False if that was done before."""
        if self._is_closed:
            return False
        self._is_closed = True
        await self._is_idle.wait()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        return True
