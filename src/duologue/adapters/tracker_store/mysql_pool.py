"""The connections of one store: opened when they are needed, kept while they work."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

from duologue.adapters.tracker_store.mysql_driver import MysqlConnection
from duologue.core.errors import StorageUnavailableError


class MysqlPool:
    """Lends connections; one that was broken, or was left in the middle of an exchange, is never lent again."""

    def __init__(self, open_connection: Callable[[], Awaitable[MysqlConnection]], *, size: int) -> None:
        self._open = open_connection
        self._places = asyncio.Semaphore(size)
        self._idle: list[MysqlConnection] = []
        self._is_closed = False

    def put(self, connection: MysqlConnection) -> None:
        """Keep a connection for the next who wants one."""
        self._idle.append(connection)

    @contextlib.asynccontextmanager
    async def lend(self) -> AsyncGenerator[MysqlConnection]:
        """A connection, for as long as the block lasts."""
        self._check_open()
        async with self._places:
            connection = self._find_idle() or await self._open()
            try:
                self._check_open()
                yield connection
            finally:
                if connection.is_usable and not self._is_closed:
                    self._idle.append(connection)
                else:
                    connection.abort()

    def forget_idle(self) -> None:
        """Drop all that nobody uses: where one was found broken, the others may be."""
        while self._idle:
            self._idle.pop().abort()

    async def close(self) -> None:
        """Close all that nobody uses; the others are closed when they come back."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    def _find_idle(self) -> MysqlConnection | None:
        # The one that was used last is the likeliest to work.
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.abort()
        return None

    def _check_open(self) -> None:
        if self._is_closed:
            raise StorageUnavailableError("The conversation database is closed.")
