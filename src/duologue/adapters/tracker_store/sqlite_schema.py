"""The SQLite file of the tracker store: how it is opened, what is in it, how older files are brought up to date."""

import contextlib
import sqlite3
import time
from pathlib import Path

from duologue.adapters.tracker_store.schema_version import check_schema_version
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
    (
        # A release that knows version 1 only sets neither column, and reads none: both may use the file.
        "ALTER TABLE duologue_schema ADD COLUMN oldest_reader INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE duologue_conversations ADD COLUMN wake_at REAL",
        "ALTER TABLE duologue_conversations ADD COLUMN publish_from INTEGER",
        """
        CREATE INDEX duologue_conversations_by_wake ON duologue_conversations (wake_at)
        WHERE wake_at IS NOT NULL
        """,
        """
        CREATE INDEX duologue_conversations_unpublished ON duologue_conversations (conversation_id)
        WHERE publish_from IS NOT NULL
        """,
        "CREATE TABLE duologue_jobs (job TEXT NOT NULL PRIMARY KEY, claimed REAL NOT NULL)",
    ),
)
_OLDEST_READER = 1
"""The lowest version that a release has to know to use a file of the latest one."""


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
        # What is deleted on somebody's wish must not stand in the file's free pages.
        connection.execute("PRAGMA secure_delete = ON")
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
        version, oldest_reader = _read_version(connection)
        check_schema_version(
            found=version,
            oldest_reader=oldest_reader,
            known=len(_MIGRATIONS),
            where=f"The conversation database {path}",
        )
        for statement in (statement for step in _MIGRATIONS[version:] for statement in step):
            connection.execute(statement)
        if version == 0:
            connection.execute("INSERT INTO duologue_schema (version, checks) VALUES (0, 0)")
        if version < len(_MIGRATIONS):
            connection.execute(
                "UPDATE duologue_schema SET version = ?, oldest_reader = ?",
                (len(_MIGRATIONS), _OLDEST_READER),
            )
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _read_version(connection: sqlite3.Connection) -> tuple[int, int]:
    """The version of the file, and the lowest that has to be known to use it; 0 if it is new."""
    cursor = connection.execute("SELECT * FROM duologue_schema")
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    if row is None:
        return 0, 0
    found = dict(zip(names, row, strict=True))
    return found["version"], found.get("oldest_reader", found["version"])


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


def explain(
    error: sqlite3.Error, path: Path, *, what: str = "conversation database"
) -> StorageUnavailableError:
    """The error in one sentence, with its cause chained; `what` names the file's purpose."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    sentence = _SENTENCES.get(code, f"failed: {error}")
    explained = StorageUnavailableError(f"The {what} {path} {sentence}.")
    explained.__cause__ = error
    return explained


def is_passing(error: sqlite3.Error) -> bool:
    """Whether the connection is as good as before: the lock was taken, or the disk full."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}
