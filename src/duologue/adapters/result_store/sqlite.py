"""Results in a SQLite file: kept through a crash, and known to all workers that use the file."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from duologue.adapters.result_store.sqlite_effects import FINISH, WHAT, SqliteEffects
from duologue.adapters.tracker_store.sqlite_schema import explain, open_connection
from duologue.adapters.tracker_store.sqlite_threads import DatabaseThread, Outcome
from duologue.core.errors import StorageUnavailableError
from duologue.ports.result_store import Begun, Claim, Remembered, ResultStore, UnderWay

LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process that writes to the file."""
DEAD_CLAIM_SECONDS = 3600.0
"""How long a claim stays whose holder does not renew: it may still be alive, and bring its result late."""

# AUTOINCREMENT never gives a number twice, not even that of a deleted row: this is what makes it a fence.
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS duologue_results (
        fence INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL UNIQUE,
        until REAL NOT NULL,
        result BLOB
    )
    """,
    "CREATE INDEX IF NOT EXISTS duologue_results_by_until ON duologue_results (until)",
)


class _Change(msgspec.Struct, frozen=True, kw_only=True):
    make: Callable[[sqlite3.Connection], Any]  # `Any`: each change has its own result
    is_durable: bool = False
    """It must be on the disk before it counts; a claim need not, since a power cut ends its holder too."""


class SqliteResultStore:
    """A result store in one file; made by `open`."""

    def __init__(self, writer: DatabaseThread[_Change], path: Path, *, lock_timeout: float) -> None:
        self._writer = writer
        self._path = path
        self._lock_timeout = lock_timeout
        self._turn = asyncio.Lock()

    @classmethod
    async def open(
        cls, path: str | PathLike[str], *, lock_timeout: float = LOCK_TIMEOUT
    ) -> "SqliteResultStore":
        """Open the file, made if it is not there; its folder must be.

        Raises:
            StorageUnavailableError: the file cannot be used.
        """
        file = Path(path)
        await asyncio.to_thread(_prepare_file, file, timeout=lock_timeout)
        writer = DatabaseThread(file, _make_changes, name="result-store", timeout=lock_timeout, what=WHAT)
        return cls(writer, file, lock_timeout=lock_timeout)

    async def claim(self, key: str, *, now: float, lease: float) -> Claim:
        name = _encode(key)
        return await self._writer.do(_Change(make=lambda connection: _claim(connection, name, now, lease)))

    async def renew(self, key: str, fence: int, *, now: float, lease: float) -> bool:
        return await self._do(
            "UPDATE duologue_results SET until = ? WHERE key = ? AND fence = ? AND result IS NULL",
            now + lease,
            _encode(key),
            fence,
        )

    async def finish(self, key: str, fence: int, result: bytes, *, now: float, keep: float) -> bool:
        return await self._do(
            FINISH,
            now + keep,
            result,
            _encode(key),
            fence,
            is_durable=True,
        )

    async def release(self, key: str, fence: int) -> None:
        await self._do(
            "DELETE FROM duologue_results WHERE key = ? AND fence = ? AND result IS NULL", _encode(key), fence
        )

    async def delete_expired(self, *, now: float, limit: int = 1000) -> int:
        return await self._writer.do(_Change(make=lambda connection: _delete_expired(connection, now, limit)))

    async def begin_effects(self, key: str, fence: int) -> SqliteEffects:
        """A transaction for the holder of a key; it locks the file for everybody else, so it should be short.

        Raises:
            StorageUnavailableError: the file cannot be used, or is locked for too long.
        """
        return await SqliteEffects.begin(
            self._path, _encode(key), fence, turn=self._turn, patience=self._lock_timeout
        )

    async def check_health(self) -> None:
        await self._writer.do(_Change(make=_touch, is_durable=True))

    async def close(self) -> None:
        await self._writer.close()

    async def _do(self, statement: str, *arguments: object, is_durable: bool = False) -> bool:
        """Whether the statement found its row."""

        def make(connection: sqlite3.Connection) -> bool:
            return connection.execute(statement, arguments).rowcount == 1

        return await self._writer.do(_Change(make=make, is_durable=is_durable))


def _encode(key: str) -> bytes:
    # Text in a database stops at some characters, bytes at none.
    return key.encode("utf-8", "surrogatepass")


def _prepare_file(path: Path, *, timeout: float) -> None:
    if not path.absolute().parent.is_dir():
        raise StorageUnavailableError(
            f"The folder {path.parent} for the {WHAT} does not exist; create it or name another path."
        )
    try:
        with contextlib.closing(open_connection(path, timeout=timeout, create=True)) as connection:
            for statement in _TABLES:
                connection.execute(statement)
    except sqlite3.Error as error:
        raise explain(error, path, what=WHAT) from error


def _make_changes(connection: sqlite3.Connection, changes: Sequence[_Change]) -> list[Outcome]:
    """One commit for all that wait."""
    is_durable = any(change.is_durable for change in changes)
    connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [change.make(connection) for change in changes]
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return outcomes


def _claim(connection: sqlite3.Connection, key: bytes, now: float, lease: float) -> Claim:
    row = connection.execute("SELECT until, result FROM duologue_results WHERE key = ?", (key,)).fetchone()
    if row is not None and row[0] > now:
        return UnderWay(until=row[0]) if row[1] is None else Remembered(result=row[1])
    connection.execute("DELETE FROM duologue_results WHERE key = ?", (key,))
    cursor = connection.execute("INSERT INTO duologue_results (key, until) VALUES (?, ?)", (key, now + lease))
    assert cursor.lastrowid is not None, "a row that was put in has a number"
    return Begun(fence=cursor.lastrowid)


def _delete_expired(connection: sqlite3.Connection, now: float, limit: int) -> int:
    connection.execute(
        "DELETE FROM duologue_results WHERE result IS NULL AND until <= ?", (now - DEAD_CLAIM_SECONDS,)
    )
    return connection.execute(
        """
        DELETE FROM duologue_results WHERE fence IN (
            SELECT fence FROM duologue_results WHERE until <= ? AND result IS NOT NULL ORDER BY until LIMIT ?
        )
        """,
        (now, limit),
    ).rowcount


def _touch(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO duologue_results (key, until) VALUES (x'', 0)")
    connection.execute("DELETE FROM duologue_results WHERE key = x''")


async def open_store(path: str | PathLike[str]) -> ResultStore:
    """The store in that file.

    Raises:
        StorageUnavailableError: the file cannot be used.
    """
    return await SqliteResultStore.open(path)
