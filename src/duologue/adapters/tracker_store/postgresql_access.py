"""Work with a PostgreSQL database whose connections may turn out to be broken."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from duologue.adapters.tracker_store.postgresql_faults import READ_ONLY, explain, find_sqlstate
from duologue.adapters.tracker_store.postgresql_pool import SessionPool
from duologue.adapters.tracker_store.postgresql_session import FAILURES, Session
from duologue.core.errors import StorageUnavailableError

Result = TypeVar("Result")


class DatabaseAccess:
    """Lends connections to pieces of work, and says in a sentence what went wrong."""

    def __init__(self, pool: SessionPool, *, where: str) -> None:
        self._pool = pool
        self._where = where

    async def do(self, work: Callable[[Session], Awaitable[Result]], *, is_repeatable: bool) -> Result:
        """Do something with a connection; once more with another one, if this one turns out to be broken.

        Raises:
            StorageUnavailableError: it cannot be done now.
        """
        try:
            async with self._pool.lend() as session:
                return await work(session)
        except FAILURES as error:
            if not is_repeatable or not _is_worth_another_connection(error):
                raise self.fail(error) from error
        self._pool.forget_idle()
        try:
            async with self._pool.lend(fresh=True) as session:
                return await work(session)
        except FAILURES as error:
            raise self.fail(error) from error

    def fail(self, error: BaseException) -> StorageUnavailableError:
        """The error of ours for one of the driver; idle connections are given up, since they are suspect too."""
        self._pool.forget_idle()
        return explain(error).as_unavailable(self._where)


def _is_worth_another_connection(error: BaseException) -> bool:
    if isinstance(error, TimeoutError):
        return False
    code = find_sqlstate(error)
    return code is None or code == READ_ONLY or code[:2] in ("08", "57", "0A")
