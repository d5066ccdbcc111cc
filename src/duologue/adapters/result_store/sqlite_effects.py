"""A transaction in the SQLite file of results that an action shares."""

import asyncio
import sqlite3
from pathlib import Path

from duologue.adapters.tracker_store.sqlite_schema import explain

WHAT = "database of remembered results"
FINISH = "UPDATE duologue_results SET until = ?, result = ? WHERE key = ? AND fence = ? AND result IS NULL"


class SqliteEffects:
    """What one call does in the file; made by `begin`. The calls of one process take turns at it."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, key: bytes, fence: int, turn: asyncio.Lock
    ) -> None:
        self._path = path
        self._key = key
        self._fence = fence
        self._turn = turn
        self.connection = connection

    @classmethod
    async def begin(
        cls, path: Path, key: bytes, fence: int, *, turn: asyncio.Lock, patience: float
    ) -> "SqliteEffects":
        """Begin, as soon as the file is free."""
        await turn.acquire()
        try:
            connection = await asyncio.to_thread(_begin, path, patience)
        except BaseException as error:
            turn.release()
            if isinstance(error, sqlite3.Error):
                raise explain(error, path, what=WHAT) from error
            raise
        return cls(connection, path, key, fence, turn)

    async def finish(self, result: bytes, *, now: float, keep: float) -> bool:
        """Commit it with the result."""
        try:
            return await asyncio.to_thread(self._commit, (now + keep, result, self._key, self._fence))
        except sqlite3.Error as error:
            raise explain(error, self._path, what=WHAT) from error
        finally:
            self._end()

    async def cancel(self) -> None:
        """Undo it: a connection that is closed leaves nothing behind."""
        self._end()

    def _commit(self, arguments: tuple[object, ...]) -> bool:
        if not self.connection.in_transaction:
            raise sqlite3.OperationalError("the action ended the transaction by itself")
        if self.connection.execute(FINISH, arguments).rowcount != 1:
            return False
        self.connection.execute("COMMIT")
        return True

    def _end(self) -> None:
        self.connection.close()
        self._turn.release()


def _begin(path: Path, timeout: float) -> sqlite3.Connection:
    # The action uses it in the event loop, where it never waits: the file is locked from here on.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
    except BaseException:
        connection.close()
        raise
    return connection
