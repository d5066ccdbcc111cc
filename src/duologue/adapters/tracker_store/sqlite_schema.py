"""The SQLite file of the tracker store: how it is opened, what is in it, how older files are brought up to date."""

import contextlib
import sqlite3
import time
from pathlib import Path

from duologue.core.errors import StorageUnavailableError

# Each entry brings the file from the version of its place to the next; entries are never changed, only added.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE duologue_conversations (
            conversation_id TEXT NOT NULL PRIMARY KEY,
            length INTEGER NOT NULL,
            user_id TEXT,
            started_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            changed INTEGER NOT NULL,
            snapshot_length INTEGER NOT NULL,
            snapshot BLOB
        )
        """,
        """
        CREATE TABLE duologue_events (
            conversation_id TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            type TEXT NOT NULL,
            timestamp REAL NOT NULL,
            message_id TEXT,
            data TEXT NOT NULL,
            PRIMARY KEY (conversation_id, sequence)
        ) WITHOUT ROWID
        """,
        """
        CREATE UNIQUE INDEX duologue_events_by_message ON duologue_events (conversation_id, message_id)
        WHERE message_id IS NOT NULL
        """,
        # `changed` counts appends over the whole file: clocks may jump, the order of changes does not.
        "CREATE INDEX duologue_conversations_by_change ON duologue_conversations (changed)",
        "CREATE INDEX duologue_conversations_by_user ON duologue_conversations (user_id, changed)",
    ),
)


def prepare_file(path: Path, *, timeout: float) -> None:
    """Make sure that the file is there and has the tables of this release.

    Raises:
        StorageUnavailableError: it cannot be used.
    """
    if not path.absolute().parent.is_dir():
        raise StorageUnavailableError(
            f"The folder {path.parent} for the conversation database does not exist; create it or name another path."
        )
    try:
        with contextlib.closing(open_connection(path, timeout=timeout, create=True)) as connection:
            _migrate(connection, path)
    except sqlite3.Error as error:
        raise explain(error, path) from error


def open_connection(path: Path, *, timeout: float, create: bool = False) -> sqlite3.Connection:
    """A connection for the calling thread that makes every commit durable before it returns.

    Only `prepare_file` creates the file: one that goes away while it is in use must be noticed.
    """
    mode = "rwc" if create else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=timeout, isolation_level=None
    )
    try:
        _use_write_ahead_log(connection, timeout)
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection, timeout: float) -> None:
    # SQLite does not wait for other processes at this step, so we do.
    give_up = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS duologue_schema (version INTEGER NOT NULL, checks INTEGER NOT NULL)"
        )
        row = connection.execute("SELECT version FROM duologue_schema").fetchone()
        version = row[0] if row else 0
        if version > len(_MIGRATIONS):
            raise StorageUnavailableError(
                f"The conversation database {path} was written by a newer release (its tables have version "
                f"{version}, this release knows {len(_MIGRATIONS)}); use that release or another file."
            )
        for statement in (statement for step in _MIGRATIONS[version:] for statement in step):
            connection.execute(statement)
        if row is None:
            connection.execute("INSERT INTO duologue_schema VALUES (?, 0)", (len(_MIGRATIONS),))
        elif version < len(_MIGRATIONS):
            connection.execute("UPDATE duologue_schema SET version = ?", (len(_MIGRATIONS),))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


_SENTENCES = {
    sqlite3.SQLITE_BUSY: "is locked by another process",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_READONLY: "may only be read; check the permissions of the file and its folder",
    sqlite3.SQLITE_PERM: "may not be used; check the permissions of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that the file is there and may be written",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database; restore it from a backup or use another file",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk fails",
}


def explain(error: sqlite3.Error, path: Path) -> StorageUnavailableError:
    """The error in one sentence, with its cause chained."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    sentence = _SENTENCES.get(code, f"failed: {error}")
    explained = StorageUnavailableError(f"The conversation database {path} {sentence}.")
    explained.__cause__ = error
    return explained


def is_passing(error: sqlite3.Error) -> bool:
    """Whether the connection is as good as before: the lock was taken, or the disk full."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}
