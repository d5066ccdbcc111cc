"""The wire between the locks of one process and Redis: what is asked goes out in order, together with what else waits."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from duologue.adapters.redis_connection import RedisConnection
from duologue.adapters.redis_node import Command, Reply

Answer: TypeAlias = Callable[[Reply], None]
"""Is told the server's reply; None if there is no telling whether the command was done."""

_MOST_AT_ONCE = 500


class RedisLockWire:
    """Sends one batch at a time, so that what is asked first is done first."""

    def __init__(self, connection: RedisConnection, on_failure: Callable[[BaseException], None]) -> None:
        self._connection = connection
        self._on_failure = on_failure
        self._waiting: deque[tuple[bytes, Command, Answer]] = deque()
        self._has_work = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def send(self, key: bytes, command: Command, answer: Answer) -> None:
        """Ask; the answer comes from the task that runs `work`."""
        self._waiting.append((key, command, answer))
        self._is_idle.clear()
        self._has_work.set()

    async def wait_until_idle(self) -> None:
        """Return when everything has been sent and answered."""
        await self._is_idle.wait()

    async def work(self) -> None:
        """Send what waits, for ever."""
        while True:
            if not self._waiting:
                self._is_idle.set()
                self._has_work.clear()
                await self._has_work.wait()
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            await self._send(batch)

    async def _send(self, batch: list[tuple[bytes, Command, Answer]]) -> None:
        failure: Exception | None = None
        replies: list[Reply]
        commands = [(key, command) for key, command, _ in batch]
        try:
            try:
                replies = await self._connection.run_each(commands)
            except TimeoutError:
                # It may be this process that was too busy to look at the answer; asking again does no harm.
                replies = await self._connection.run_each(commands)
        except Exception as error:  # whatever it is, those who wait must not wait for ever
            failure, replies = error, [None] * len(batch)
        for (_, _, answer), reply in zip(batch, replies, strict=True):
            if isinstance(reply, Exception):
                failure = failure or reply
                answer(None)
            else:
                answer(reply)
        if failure is not None:
            self._on_failure(failure)
