"""A transaction in the database of results that an action shares."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from duologue.adapters.tracker_store.postgresql_faults import explain
from duologue.adapters.tracker_store.postgresql_pool import SessionPool
from duologue.adapters.tracker_store.postgresql_session import FAILURES, Session

_RESET_SECONDS = 2.0


class PostgresqlEffects:
    """What one call does in the database; made by `begin`."""

    def __init__(
        self,
        lending: AbstractAsyncContextManager[Session],
        session: Session,
        *,
        finish: str,
        key: bytes,
        fence: int,
        where: str,
    ) -> None:
        self._lending = lending
        self._session = session
        # The driver's own way, so that `connection.transaction()` of the action is a savepoint in it.
        self._transaction: Any = session.driver.transaction()
        self._finish = finish
        self._key = key
        self._fence = fence
        self._where = where

    @classmethod
    async def begin(
        cls, pool: SessionPool, *, finish: str, key: bytes, fence: int, where: str
    ) -> "PostgresqlEffects":
        """Begin, with a connection that nobody else has; `finish` is the statement that keeps the result."""
        lending = pool.lend()
        try:
            session = await lending.__aenter__()
        except FAILURES as error:
            raise explain(error).as_unavailable(where) from error
        effects = cls(lending, session, finish=finish, key=key, fence=fence, where=where)
        await effects.start()
        return effects

    @property
    def connection(self) -> Any:
        """The driver's connection, for the action."""
        return self._session.driver

    async def start(self) -> None:
        """Begin the transaction."""
        is_done = False
        try:
            await self._transaction.start()
            is_done = True
        except FAILURES as error:
            raise explain(error).as_unavailable(self._where) from error
        finally:
            if not is_done:
                await self.cancel()

    async def finish(self, result: bytes, *, now: float, keep: float) -> bool:
        """Commit it with the result."""
        is_done = False
        try:
            rows = await self.connection.fetch(self._finish, self._key, self._fence, now + keep, result)
            await (self._transaction.commit() if rows else self._transaction.rollback())
            is_done = await self._forget_settings()
        except FAILURES as error:
            raise explain(error).as_unavailable(self._where) from error
        finally:
            await self._give_back(is_clean=is_done)
        return bool(rows)

    async def _forget_settings(self) -> bool:
        """Whether the connection is as before: the action may have changed what the next one expects."""
        try:
            await self.connection.reset(timeout=_RESET_SECONDS)
        except FAILURES:
            return False
        return True

    async def cancel(self) -> None:
        """Undo it: the server does so when it misses the connection."""
        await self._give_back(is_clean=False)

    async def _give_back(self, *, is_clean: bool) -> None:
        if not is_clean:
            self._session.drop()
        await self._lending.__aexit__(None, None, None)
