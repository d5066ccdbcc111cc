"""The connections of one store: opened when they are needed, kept while they work."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from duologue.adapters.tracker_store.postgresql_session import REFUSALS, Session, SessionOpener
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

PATIENCE = 3.0
"""Seconds to wait for a connection that others use."""
IDLE_TIME = 240.0
"""Seconds after which a connection that nobody used is not trusted: firewalls forget them without a word."""


class SessionPool:
    """Lends connections; one that was broken, or was left in the middle of something, is never lent again."""

    def __init__(self, opener: SessionOpener, *, size: int) -> None:
        self._opener = opener
        self._places = asyncio.Semaphore(size)
        self._idle: list[Session] = []
        self._is_closed = False

    def add(self, session: Session) -> None:
        """Keep a connection for who wants one next."""
        session.used_at = asyncio.get_running_loop().time()
        self._idle.append(session)

    @contextlib.asynccontextmanager
    async def lend(self, *, fresh: bool = False) -> AsyncGenerator[Session]:
        """A connection for as long as the block lasts; it survives that a statement is refused, and nothing else."""
        async with self._take_place():
            session = (None if fresh else self._find_idle()) or await self._open()
            is_well = False
            try:
                yield session
                is_well = True
            except REFUSALS:
                is_well = True
                raise
            finally:
                if is_well and session.is_clean and not self._is_closed:
                    self.add(session)
                else:
                    session.drop()

    @contextlib.asynccontextmanager
    async def _take_place(self) -> AsyncGenerator[None]:
        async with asyncio.timeout(PATIENCE):
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _open(self) -> Session:
        try:
            return await self._opener.open()
        except StorageRefusedError as error:
            # Whoever let us in at the start may do so again.
            raise StorageUnavailableError(str(error)) from error

    def forget_idle(self) -> None:
        """Drop all that nobody uses: where one was found broken, the others are suspect."""
        while self._idle:
            self._idle.pop().drop()

    async def close(self) -> None:
        """Close all that nobody uses; the others are closed when they come back."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        for session in idle:
            await session.close()

    def _find_idle(self) -> Session | None:
        oldest = asyncio.get_running_loop().time() - IDLE_TIME
        # The one that was used last is the likeliest to work.
        while self._idle:
            session = self._idle.pop()
            if session.is_open and session.used_at > oldest:
                return session
            session.drop()
        return None
