"""What the tracker store says to MySQL and MariaDB.

Every value that somebody outside has chosen is written as a hexadecimal literal, so that no setting of the server, and
no proxy before it, can take a part of it for SQL. Both servers read all of this in the same way.
"""

import math
from collections.abc import Iterator, Sequence

from duologue.adapters.tracker_store.mysql_driver import Row
from duologue.adapters.tracker_store.pending_append import EventRow, PendingAppend

MOST_CHARACTERS = 255
"""Length of the longest id that has a place in an index."""
_PART_SIZE = 256 * 1024

LOAD = """
    SELECT 0, snapshot_length, length, snapshot FROM duologue_conversations WHERE conversation_id = ?
    UNION ALL
    SELECT 1, sequence, 0, data FROM duologue_events WHERE conversation_id = ?
    AND sequence >= (SELECT snapshot_length FROM duologue_conversations WHERE conversation_id = ?)
"""
LOAD_WITH_MESSAGE = f"""
    {LOAD}
    UNION ALL
    SELECT 2, sequence, 0, NULL FROM duologue_events WHERE conversation_id = ? AND message_id = ?
"""
GET_LENGTH = "SELECT length FROM duologue_conversations WHERE conversation_id = ?"
READ_EVENTS = """
    SELECT data FROM duologue_events WHERE conversation_id = ? AND sequence >= ? AND sequence < ? ORDER BY sequence
"""
_SUMMARY = "SELECT conversation_id, user_id, started_at, updated_at, length FROM duologue_conversations"
LIST_ALL = f"{_SUMMARY} ORDER BY updated_at DESC, conversation_id DESC LIMIT ? OFFSET ?"
LIST_OF_USER = f"{_SUMMARY} WHERE user_id = ? ORDER BY updated_at DESC, conversation_id DESC LIMIT ? OFFSET ?"
SCAN_FIRST = f"{_SUMMARY} ORDER BY conversation_id LIMIT ?"
SCAN_NEXT = f"{_SUMMARY} WHERE conversation_id > ? ORDER BY conversation_id LIMIT ?"
LIST_DUE = "SELECT conversation_id FROM duologue_conversations WHERE wake_at <= ? ORDER BY wake_at LIMIT ?"
LIST_UNPUBLISHED = """
    SELECT conversation_id, publish_from, length FROM duologue_conversations
    WHERE publish_from IS NOT NULL ORDER BY publish_from, conversation_id LIMIT ?
"""
# It changes something, so that the commit has to reach the disk.
TOUCH = b"UPDATE duologue_schema SET checks = checks + 1"


def write_append(pending: PendingAppend) -> list[bytes]:
    """The statements of an append, to be carried out in one transaction.

    One of them fails if the conversation has not the length that the append expects: the first row of a conversation
    is there already, the first event gets no conversation, or the number of an event is taken.

    Raises:
        ValueError: an id is too long for the tables.
    """
    _check_lengths(pending)
    head = _insert_conversation(pending) if pending.expected == 0 else _update_conversation(pending)
    return [head.encode(), *(text.encode() for text in _insert_events(pending))]


def mark_published(conversation_id: str, stop: int) -> bytes:
    """Move the mark forward."""
    mark = int(stop)
    return (
        f"UPDATE duologue_conversations SET publish_from = IF({mark} < length, GREATEST(publish_from, {mark}), NULL)"
        f" WHERE conversation_id = {_text(conversation_id)} AND publish_from IS NOT NULL"
    ).encode()


def claim_run(job: str, due: float) -> bytes:
    """Note the run; no row is affected if it was, or one that is later."""
    moment = _number(due)
    return (
        f"INSERT INTO duologue_jobs (job, due) VALUES ({_text(job)}, {moment})"
        f" ON DUPLICATE KEY UPDATE due = GREATEST(due, {moment})"
    ).encode()


def delete_conversation(conversation_id: str, expected: int | None) -> bytes:
    """Remove the conversation if it has that length; the second statement says whether it was removed."""
    place = f"conversation_id = {_text(conversation_id)}"
    length = "" if expected is None else f" AND length = {int(expected)}"
    # Without the row of the conversation nothing keeps others from beginning it anew between the statements.
    return (
        f"BEGIN;DELETE FROM duologue_conversations WHERE {place}{length};SET @duologue_deleted = ROW_COUNT();"
        f"DELETE FROM duologue_events WHERE {place} AND @duologue_deleted = 1;COMMIT"
    ).encode()


def is_stored(pending: PendingAppend, rows: Sequence[Row]) -> bool:
    """Whether the rows of `READ_EVENTS` are exactly those of the append."""
    return [row.data for row in pending.rows] == [_as_bytes(data) for (data,) in rows]


def _check_lengths(pending: PendingAppend) -> None:
    for text in (pending.conversation_id, pending.user_id, *(row.message_id for row in pending.rows)):
        if text is not None and len(text) > MOST_CHARACTERS:
            raise ValueError(f"The id {text[:40]!r}... has more than {MOST_CHARACTERS} characters.")


def _insert_conversation(pending: PendingAppend) -> str:
    values = {
        "conversation_id": _text(pending.conversation_id),
        "length": str(pending.length),
        "user_id": _text(pending.user_id),
        "started_at": _number(pending.started_at),
        "updated_at": _number(pending.updated_at),
        "wake_at": _number(pending.wake_at),
        "publish_from": "0" if pending.is_promised else "NULL",
        "snapshot_length": "0" if pending.snapshot is None else str(pending.length),
        "snapshot": _bytes(pending.snapshot),
    }
    return f"INSERT INTO duologue_conversations ({','.join(values)}) VALUES ({','.join(values.values())})"


def _update_conversation(pending: PendingAppend) -> str:
    values = [f"length={pending.length}", f"wake_at={_number(pending.wake_at)}"]
    if pending.is_promised:
        values.append(f"publish_from=COALESCE(publish_from,{pending.expected})")
    if pending.user_id is not None:
        values.append(f"user_id={_text(pending.user_id)}")
    if pending.updated_at:
        values += [
            f"started_at=IF(started_at=0,{_number(pending.started_at)},started_at)",
            f"updated_at={_number(pending.updated_at)}",
        ]
    if pending.snapshot is not None:
        values += [f"snapshot_length={pending.length}", f"snapshot={_bytes(pending.snapshot)}"]
    return f"UPDATE duologue_conversations SET {','.join(values)} WHERE {_match(pending, pending.expected)}"


def _insert_events(pending: PendingAppend) -> Iterator[str]:
    conversation_id = _text(pending.conversation_id)
    # NULL, which the column does not take, unless the statement before it found the conversation as expected.
    owner = f"(SELECT conversation_id FROM duologue_conversations WHERE {_match(pending, pending.length)})"
    part: list[str] = []
    size = 0
    for row in pending.rows:
        text = _write_row(row, owner)
        owner = conversation_id
        if part and size + len(text) > _PART_SIZE:
            yield _insert_rows(part)
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield _insert_rows(part)


def _insert_rows(rows: Sequence[str]) -> str:
    columns = "conversation_id,sequence,type,timestamp,message_id,data"
    return f"INSERT INTO duologue_events ({columns}) VALUES {','.join(rows)}"


def _write_row(row: EventRow, owner: str) -> str:
    return (
        f"({owner},{row.sequence},{_text(row.type_name)},{_number(row.timestamp)},{_text(row.message_id)},"
        f"x'{row.data.hex()}')"
    )


def _match(pending: PendingAppend, length: int) -> str:
    return f"conversation_id={_text(pending.conversation_id)} AND length={length}"


def _text(value: str | None) -> str:
    return "NULL" if value is None else f"x'{value.encode().hex()}'"


def _bytes(value: bytes | None) -> str:
    return "NULL" if value is None else f"x'{value.hex()}'"


def _number(value: float | None) -> str:
    if value is None:
        return "NULL"
    if not math.isfinite(value):
        raise ValueError(f"The time {value} cannot be stored.")
    return repr(float(value))


def _as_bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data
