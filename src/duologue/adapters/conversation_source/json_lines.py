"""Conversations in a file of event queue messages: one event a line, each with its `sender_id`."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from duologue.adapters.conversation_source.raw_json import read_json
from duologue.core.errors import AdapterError
from duologue.core.values import OpenData
from duologue.ports.conversation_source import ConversationSource, SourceConversation, SourcePage, UnreadEntry
from duologue.wire.members import is_object

_BATCH = 10_000
_ADDED = ("sender_id", "user_id")
"""What a message has beside the members of its event. The `user_id` of a `user` event is its own as well."""


class JsonLinesSource:
    """Lines of a conversation stand anywhere in the file, so an index of their places is made first.

    The index is a database without a name, on disk as soon as it is large; the file itself is read twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: sqlite3.Connection | None = None
        self._unread: tuple[UnreadEntry, ...] = ()
        self._is_closed = False
        # Not the event loop's: a read that was cancelled goes on in its thread.
        self._door = threading.Lock()

    async def count(self) -> int | None:
        return await asyncio.to_thread(self._count)

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        return await asyncio.to_thread(self._read, after, limit)

    async def close(self) -> None:
        self._is_closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._door:
            if self._index is not None:
                self._index.close()
                self._index = None

    def _count(self) -> int:
        with self._door:
            (number,) = self._require_index().execute("SELECT count(*) FROM conversations").fetchone()
        return number

    def _read(self, after: str | None, limit: int) -> SourcePage:
        with self._door:
            return self._read_page(self._require_index(), after, limit)

    def _read_page(self, index: sqlite3.Connection, after: str | None, limit: int) -> SourcePage:
        found = index.execute(
            "SELECT number, sender_id FROM conversations WHERE number > ? ORDER BY number LIMIT ?",
            (int(after or 0), limit),
        ).fetchall()
        try:
            with self._path.open("rb") as file:
                conversations: list[SourceConversation] = []
                for number, sender_id in found:
                    places = index.execute(
                        "SELECT start FROM lines WHERE conversation = ? ORDER BY start", (number,)
                    )
                    messages = [_read_line(file.readline()) for (start,) in places if file.seek(start) >= 0]
                    conversations.append(_gather(sender_id, messages))
        except OSError as error:
            raise self._explain(error) from error
        return SourcePage(
            conversations=tuple(conversations),
            unread=self._unread if after is None else (),
            next_cursor=None if len(found) < limit else str(found[-1][0]),
        )

    def _require_index(self) -> sqlite3.Connection:
        if self._is_closed:  # a read that nobody waits for any more may begin late
            raise AdapterError(f"The file {self._path} is closed.", port="conversation_source")
        if self._index is None:
            index = sqlite3.connect("", check_same_thread=False, isolation_level=None)
            try:
                self._unread = tuple(self._fill(index))
            except OSError as error:
                index.close()
                raise self._explain(error) from error
            except BaseException:
                index.close()
                raise
            self._index = index
        return self._index

    def _fill(self, index: sqlite3.Connection) -> Iterator[UnreadEntry]:
        index.execute("PRAGMA journal_mode = OFF")
        index.execute("CREATE TABLE conversations (number INTEGER PRIMARY KEY, sender_id TEXT UNIQUE)")
        index.execute(
            "CREATE TABLE lines (conversation INTEGER, start INTEGER, PRIMARY KEY (conversation, start)) WITHOUT ROWID"
        )
        index.execute("BEGIN")
        with self._path.open("rb") as file:
            start = 0
            for line_number, line in enumerate(file, 1):
                if line.strip():
                    problem = _add_line(index, line, start)
                    if problem is not None:
                        yield UnreadEntry(name=f"{self._path.name}:{line_number}", reason=problem)
                start += len(line)
                if line_number % _BATCH == 0:
                    if self._is_closed:
                        return
                    index.execute("COMMIT")
                    index.execute("BEGIN")
        index.execute("COMMIT")

    def _explain(self, error: OSError) -> AdapterError:
        return AdapterError(
            f"The file {self._path} cannot be read: {error.strerror}.", port="conversation_source"
        )


def _add_line(index: sqlite3.Connection, line: bytes, start: int) -> str | None:
    """Note where the line stands; what is wrong with it, if it is no event of a conversation."""
    message = _read_line(line)
    if message is None:
        return "The line is no JSON object."
    sender_id = message.get("sender_id")
    if not isinstance(sender_id, str):
        return "The event has no `sender_id`."
    # A file that another program writes may hold halves of characters, which no database takes.
    sender_id = sender_id.encode("utf-8", "replace").decode()
    index.execute("INSERT OR IGNORE INTO conversations (sender_id) VALUES (?)", (sender_id,))
    index.execute(
        "INSERT INTO lines SELECT number, ? FROM conversations WHERE sender_id = ?", (start, sender_id)
    )
    return None


def _read_line(line: bytes) -> OpenData | None:
    try:
        message = read_json(line)
    except (ValueError, RecursionError):
        return None
    return message if is_object(message) else None


def _gather(sender_id: str, messages: list[OpenData | None]) -> SourceConversation:
    there = [message for message in messages if message is not None]
    users = [user for message in there if isinstance(user := message.get("user_id"), str) and user]
    return SourceConversation(
        conversation_id=sender_id,
        user_id=users[-1] if users else None,
        events=tuple(_take_event(message) for message in there),
    )


def _take_event(message: OpenData) -> OpenData:
    is_user = message.get("event") == "user"
    return {
        name: value
        for name, value in message.items()
        if name not in _ADDED or (is_user and name == "user_id" and value is not None)
    }


def open_file(path: Path) -> ConversationSource:
    """The conversations in a file of JSON lines."""
    return JsonLinesSource(path)
