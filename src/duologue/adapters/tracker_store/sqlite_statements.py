"""What the tracker store says to SQLite.

Python's `sqlite3` lets go of the interpreter's lock in every step of a statement, and under load each return
may have to wait. So everything here takes few steps however many rows it touches: many rows are written by one
statement, and many events are read as one row.
"""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import msgspec

from duologue.adapters.tracker_store.pending_append import PendingAppend
from duologue.core.errors import ConflictError
from duologue.core.events import Event
from duologue.core.ids import ConversationId, UserId
from duologue.ports.tracker_store import ConversationSummary
from duologue.wire.encoding import encode_json
from duologue.wire.events import parse_event

Change: TypeAlias = PendingAppend | Callable[[sqlite3.Connection], object]
"""An append, or anything else that changes the file."""

_JSON = msgspec.json.Decoder()


class StoredRow(NamedTuple):
    """A conversation as it is stored."""

    length: int
    snapshot_length: int
    snapshot: bytes | None
    tail: str | None
    """The events after the snapshot, one in a line."""


class _RowStatement:
    """A statement with any number of rows; made once for each power of two, so that SQLite prepares few."""

    def __init__(self, head: str, *, columns: int, tail: str = "") -> None:
        row = f"({', '.join('?' * columns)})"
        sizes = [1 << power for power in range(8, -1, -1)]
        self._texts = [(size, f"{head} VALUES {', '.join([row] * size)} {tail}") for size in sizes]

    def execute(self, connection: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> None:
        """Write the rows in their order."""
        start = 0
        for size, text in self._texts:
            while len(rows) - start >= size:
                part = rows[start : start + size]
                connection.execute(text, list(chain.from_iterable(part)))
                start += size


_INSERT_EVENTS = _RowStatement(
    "INSERT INTO duologue_events (conversation_id, sequence, type, timestamp, message_id, data)", columns=6
)
_PUT_CONVERSATIONS = _RowStatement(
    """
    INSERT INTO duologue_conversations
        (conversation_id, length, user_id, started_at, updated_at, changed, snapshot_length, snapshot)
    """,
    columns=8,
    tail="""
    ON CONFLICT (conversation_id) DO UPDATE SET
        length = excluded.length,
        user_id = coalesce(excluded.user_id, user_id),
        started_at = CASE WHEN started_at = 0 THEN excluded.started_at ELSE started_at END,
        updated_at = CASE WHEN excluded.updated_at = 0 THEN updated_at ELSE excluded.updated_at END,
        changed = excluded.changed,
        snapshot_length = CASE WHEN excluded.snapshot IS NULL THEN snapshot_length ELSE excluded.snapshot_length END,
        snapshot = coalesce(excluded.snapshot, snapshot)
    """,
)

# The index is named because SQLite would otherwise walk through all events of a conversation.
_LOOK_UP = """
    SELECT
        (SELECT json_group_object(conversation_id, length) FROM duologue_conversations
         WHERE conversation_id IN (SELECT value FROM json_each(?1))),
        (SELECT json_group_array(json_array(stored.conversation_id, stored.message_id))
         FROM json_each(?2) AS wanted CROSS JOIN duologue_events AS stored INDEXED BY duologue_events_by_message
         WHERE stored.conversation_id = json_extract(wanted.value, '$[0]')
           AND stored.message_id = json_extract(wanted.value, '$[1]')),
        (SELECT coalesce(max(changed), 0) FROM duologue_conversations)
"""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """Everything inside is committed together, or nothing is."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def make_changes(connection: sqlite3.Connection, changes: Sequence[Change]) -> list[object]:
    """Make the changes in their order and commit them together; an append in conflict refuses only itself."""
    outcomes: list[object] = []
    with transaction(connection):
        appends: list[PendingAppend] = []
        for change in changes:
            if isinstance(change, PendingAppend):
                appends.append(change)
            else:
                outcomes += _append(connection, appends)
                appends = []
                outcomes.append(change(connection))
        outcomes += _append(connection, appends)
    return outcomes


def _append(connection: sqlite3.Connection, appends: Sequence[PendingAppend]) -> list[ConflictError | None]:
    if not appends:
        return []
    message_keys = [_list_message_keys(pending) for pending in appends]
    lengths_text, taken_text, changed = connection.execute(
        _LOOK_UP,
        (
            encode_json([pending.conversation_id for pending in appends]).decode(),
            encode_json(list(chain.from_iterable(message_keys))).decode(),
        ),
    ).fetchone()
    lengths: dict[str, int] = _JSON.decode(lengths_text)
    taken = {(conversation_id, message_id) for conversation_id, message_id in _JSON.decode(taken_text)}
    outcomes: list[ConflictError | None] = []
    accepted: list[PendingAppend] = []
    for pending, keys in zip(appends, message_keys, strict=True):
        conflict = _find_conflict(pending, lengths.get(pending.conversation_id, 0), keys, taken)
        outcomes.append(conflict)
        if conflict is None and pending.rows:
            lengths[pending.conversation_id] = pending.length
            taken.update(keys)
            accepted.append(pending)
    _write(connection, accepted, changed)
    return outcomes


def _list_message_keys(pending: PendingAppend) -> list[tuple[str, str]]:
    return [(pending.conversation_id, row.message_id) for row in pending.rows if row.message_id]


def _find_conflict(
    pending: PendingAppend, length: int, keys: Sequence[tuple[str, str]], taken: set[tuple[str, str]]
) -> ConflictError | None:
    if length != pending.expected:
        return ConflictError(
            f"The conversation has {length} events, not {pending.expected} as the append expects."
        )
    if len(set(keys)) < len(keys) or not taken.isdisjoint(keys):
        return ConflictError("A message with the same id is stored in the conversation already.")
    return None


def _write(connection: sqlite3.Connection, accepted: Sequence[PendingAppend], changed: int) -> None:
    events = [
        (
            pending.conversation_id,
            row.sequence,
            row.type_name,
            row.timestamp,
            row.message_id,
            row.data.decode(),
        )
        for pending in accepted
        for row in pending.rows
    ]
    conversations = [
        (
            pending.conversation_id,
            pending.length,
            pending.user_id,
            pending.started_at,
            pending.updated_at,
            changed + place,
            0 if pending.snapshot is None else pending.length,
            pending.snapshot,
        )
        for place, pending in enumerate(accepted, 1)
    ]
    _INSERT_EVENTS.execute(connection, events)
    _PUT_CONVERSATIONS.execute(connection, conversations)


def delete_conversation(connection: sqlite3.Connection, conversation_id: ConversationId) -> bool:
    """Remove the conversation; False if there was none."""
    connection.execute("DELETE FROM duologue_events WHERE conversation_id = ?", (conversation_id,))
    deleted = connection.execute(
        "DELETE FROM duologue_conversations WHERE conversation_id = ?", (conversation_id,)
    )
    return deleted.rowcount > 0


def touch(connection: sqlite3.Connection) -> None:
    """Change something, so that the commit has to reach the disk."""
    connection.execute("UPDATE duologue_schema SET checks = checks + 1")


def find_conversation(connection: sqlite3.Connection, conversation_id: ConversationId) -> StoredRow | None:
    """The conversation with its snapshot and the events after it."""
    row = connection.execute(
        """
        SELECT length, snapshot_length, snapshot, (
            SELECT group_concat(data, char(10)) FROM (
                SELECT data FROM duologue_events
                WHERE conversation_id = ?1 AND sequence >= conversation.snapshot_length ORDER BY sequence
            )
        )
        FROM duologue_conversations AS conversation WHERE conversation_id = ?1
        """,
        (conversation_id,),
    ).fetchone()
    return None if row is None else StoredRow(*row)


def read_events(
    connection: sqlite3.Connection, conversation_id: ConversationId, start: int, stop: int | None
) -> list[Event]:
    """The events from `start` up to `stop`, or to the end."""
    (lines,) = connection.execute(
        """
        SELECT group_concat(data, char(10)) FROM (
            SELECT data FROM duologue_events
            WHERE conversation_id = ?1 AND sequence >= ?2 AND sequence < coalesce(?3, 9e18) ORDER BY sequence
        )
        """,
        (conversation_id, start, stop),
    ).fetchone()
    return parse_lines(lines)


def parse_lines(lines: str | None) -> list[Event]:
    """Events of which each has a line."""
    return [] if lines is None else [parse_event(data) for data in _JSON.decode_lines(lines)]


def find_message(
    connection: sqlite3.Connection, conversation_id: ConversationId, message_id: str
) -> int | None:
    """Sequence number of the message with that id."""
    row = connection.execute(
        """
        SELECT sequence FROM duologue_events INDEXED BY duologue_events_by_message
        WHERE conversation_id = ? AND message_id = ?
        """,
        (conversation_id, message_id),
    ).fetchone()
    return None if row is None else row[0]


def list_conversations(
    connection: sqlite3.Connection, user_id: str | None, limit: int, offset: int
) -> list[ConversationSummary]:
    """Conversations, the most recently changed first."""
    chosen, parameters = ("WHERE user_id = ?", [user_id]) if user_id is not None else ("", list[Any]())
    rows = connection.execute(
        f"""
        SELECT conversation_id, user_id, started_at, updated_at, length FROM duologue_conversations
        {chosen} ORDER BY changed DESC LIMIT ? OFFSET ?
        """,
        [*parameters, limit, offset],
    )
    return [
        ConversationSummary(
            conversation_id=ConversationId(conversation_id),
            user_id=None if user is None else UserId(user),
            started_at=started_at,
            updated_at=updated_at,
            length=length,
        )
        for conversation_id, user, started_at, updated_at, length in rows
    ]
