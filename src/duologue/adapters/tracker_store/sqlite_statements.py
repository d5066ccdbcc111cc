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
from duologue.ports.tracker_store import ConversationPage, ConversationSummary, UnpublishedEvents
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
    message_at: int | None
    """Sequence number of the message that was asked for."""


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
        (conversation_id, length, user_id, started_at, updated_at, changed, snapshot_length, snapshot, wake_at,
         publish_from)
    """,
    columns=10,
    tail="""
    ON CONFLICT (conversation_id) DO UPDATE SET
        length = excluded.length,
        user_id = coalesce(excluded.user_id, user_id),
        started_at = CASE WHEN started_at = 0 THEN excluded.started_at ELSE started_at END,
        updated_at = CASE WHEN excluded.updated_at = 0 THEN updated_at ELSE excluded.updated_at END,
        changed = excluded.changed,
        snapshot_length = CASE WHEN excluded.snapshot IS NULL THEN snapshot_length ELSE excluded.snapshot_length END,
        snapshot = coalesce(excluded.snapshot, snapshot),
        wake_at = excluded.wake_at,
        publish_from = coalesce(publish_from, excluded.publish_from)
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
                outcomes.append(_make_change(connection, change))
        outcomes += _append(connection, appends)
    return outcomes


def _make_change(connection: sqlite3.Connection, change: Callable[[sqlite3.Connection], object]) -> object:
    try:
        return change(connection)
    except ConflictError as conflict:  # it changed nothing, and refuses only itself
        return conflict


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
            pending.wake_at,
            pending.expected if pending.is_promised else None,
        )
        for place, pending in enumerate(accepted, 1)
    ]
    _INSERT_EVENTS.execute(connection, events)
    _PUT_CONVERSATIONS.execute(connection, conversations)


def delete_conversation(
    connection: sqlite3.Connection, conversation_id: ConversationId, expected: int | None
) -> bool:
    """Remove the conversation; False if there was none.

    Raises:
        ConflictError: it has not as many events as expected; nothing was changed.
    """
    row = connection.execute(
        "SELECT length FROM duologue_conversations WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    if row is None:
        return False
    if expected is not None and row[0] != expected:
        raise ConflictError(f"The conversation has {row[0]} events, not {expected} as the deletion expects.")
    connection.execute("DELETE FROM duologue_events WHERE conversation_id = ?", (conversation_id,))
    connection.execute("DELETE FROM duologue_conversations WHERE conversation_id = ?", (conversation_id,))
    return True


def touch(connection: sqlite3.Connection) -> None:
    """Change something, so that the commit has to reach the disk."""
    connection.execute("UPDATE duologue_schema SET checks = checks + 1")


# The index is named because SQLite would otherwise walk through all events of a conversation.
_FIND_CONVERSATION = """
    SELECT length, snapshot_length, snapshot, (
        SELECT group_concat(data, char(10)) FROM (
            SELECT data FROM duologue_events
            WHERE conversation_id = ?1 AND sequence >= conversation.snapshot_length ORDER BY sequence
        )
    ), (
        SELECT sequence FROM duologue_events INDEXED BY duologue_events_by_message
        WHERE conversation_id = ?1 AND message_id = ?2
    )
    FROM duologue_conversations AS conversation WHERE conversation_id = ?1
"""


def find_conversation(
    connection: sqlite3.Connection, conversation_id: ConversationId, message_id: str | None
) -> StoredRow | None:
    """The conversation with its snapshot and the events after it, and where a message of it stands."""
    row = connection.execute(_FIND_CONVERSATION, (conversation_id, message_id)).fetchone()
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


def list_conversations(
    connection: sqlite3.Connection, user_id: str | None, limit: int, offset: int
) -> list[ConversationSummary]:
    """Conversations, the most recently changed first."""
    chosen, parameters = ("WHERE user_id = ?", [user_id]) if user_id is not None else ("", list[Any]())
    rows = connection.execute(
        f"{_SELECT_SUMMARIES} {chosen} ORDER BY changed DESC LIMIT ? OFFSET ?", [*parameters, limit, offset]
    )
    return [_make_summary(row) for row in rows]


def scan_conversations(
    connection: sqlite3.Connection, cursor: str | None, limit: int, since: float | None, until: float | None
) -> ConversationPage:
    """Conversations by their ids, from the one after the cursor on."""
    # A cursor is the id before it with a letter in front: there is an id that is empty.
    rows = connection.execute(
        f"""
        {_SELECT_SUMMARIES}
        WHERE (?1 IS NULL OR conversation_id > substr(?1, 2))
            AND updated_at >= coalesce(?2, -9e99) AND started_at < coalesce(?3, 9e99)
        ORDER BY conversation_id LIMIT ?4
        """,
        (cursor, since, until, limit + 1),
    ).fetchall()
    summaries = tuple(_make_summary(row) for row in rows[:limit])
    is_last = len(rows) <= limit
    return ConversationPage(
        conversations=summaries, next_cursor=None if is_last else f"={summaries[-1].conversation_id}"
    )


_SELECT_SUMMARIES = """
    SELECT conversation_id, user_id, started_at, updated_at, length FROM duologue_conversations
"""


def _make_summary(row: Sequence[Any]) -> ConversationSummary:
    conversation_id, user_id, started_at, updated_at, length = row
    return ConversationSummary(
        conversation_id=ConversationId(conversation_id),
        user_id=None if user_id is None else UserId(user_id),
        started_at=started_at,
        updated_at=updated_at,
        length=length,
    )


def list_due(connection: sqlite3.Connection, now: float, limit: int) -> list[ConversationId]:
    """Conversations whose time has come, the earliest first."""
    rows = connection.execute(
        """
        SELECT conversation_id FROM duologue_conversations
        WHERE wake_at IS NOT NULL AND wake_at <= ? ORDER BY wake_at LIMIT ?
        """,
        (now, limit),
    )
    return [ConversationId(conversation_id) for (conversation_id,) in rows]


def list_unpublished(connection: sqlite3.Connection, limit: int) -> list[UnpublishedEvents]:
    """Conversations with events that were promised and are not marked."""
    rows = connection.execute(
        """
        SELECT conversation_id, publish_from, length FROM duologue_conversations
        WHERE publish_from IS NOT NULL ORDER BY conversation_id LIMIT ?
        """,
        (limit,),
    )
    return [
        UnpublishedEvents(conversation_id=ConversationId(conversation_id), start=start, stop=stop)
        for conversation_id, start, stop in rows
    ]


def mark_published(connection: sqlite3.Connection, conversation_id: ConversationId, stop: int) -> None:
    """Move the mark on to `stop`."""
    connection.execute(
        """
        UPDATE duologue_conversations
        SET publish_from = CASE WHEN length <= ?2 THEN NULL ELSE max(publish_from, ?2) END
        WHERE conversation_id = ?1 AND publish_from IS NOT NULL
        """,
        (conversation_id, stop),
    )


def claim_run(connection: sqlite3.Connection, job: str, due: float) -> bool:
    """Whether the run was not claimed before."""
    claimed = connection.execute(
        """
        INSERT INTO duologue_jobs (job, claimed) VALUES (?, ?)
        ON CONFLICT (job) DO UPDATE SET claimed = excluded.claimed WHERE claimed < excluded.claimed
        """,
        (job, due),
    )
    return claimed.rowcount > 0
