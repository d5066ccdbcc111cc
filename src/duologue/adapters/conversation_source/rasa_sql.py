"""Conversations in the table `events` that a Rasa project fills in SQLite, PostgreSQL or MySQL."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from duologue.adapters.conversation_source.raw_json import read_event
from duologue.ports.conversation_source import SourceConversation, SourcePage

MOST_EVENTS = 20_000
"""A page ends before it has more events than this, so that many long conversations do not fill the memory."""

Row = Sequence[Any]  # `Any`: a row's columns are of the types that its query asks for


class SqlReader(Protocol):
    """A connection that reads; each database has its own."""

    def mark(self, place: int) -> str:
        """How the database spells its parameter number `place`, counted from 1."""
        ...

    def name_table(self, table: str) -> str:
        """The table as a query names it."""
        ...

    async def fetch(self, query: str, *parameters: object) -> Sequence[Row]: ...

    async def has_table(self, table: str) -> bool: ...

    async def close(self) -> None: ...


class RasaSqlSource:
    """Reads along the index on `sender_id`; within a conversation by `id`, the order of insertion.

    The column `timestamp` is no order: in MySQL it is rounded to minutes.
    """

    def __init__(self, reader: SqlReader) -> None:
        self._reader = reader
        self._has_users: bool | None = None

    async def count(self) -> int | None:
        events = self._reader.name_table("events")
        rows = await self._reader.fetch(f"SELECT count(DISTINCT sender_id) FROM {events}")
        return int(rows[0][0])

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        last, is_end = await self._find_last(after, limit)
        if last is None:
            return SourcePage()
        events: defaultdict[str, list[object]] = defaultdict(list)
        for sender_id, data in await self._fetch_range("events", "data", after, last, order=", id"):
            events[sender_id].append(read_event(data))
        users = await self._read_users(after, last)
        return SourcePage(
            # Where a database takes `Ada` and `ada` for the same, they stand in one range and come apart here.
            conversations=tuple(
                SourceConversation(
                    conversation_id=sender_id, user_id=users.get(sender_id), events=tuple(found)
                )
                for sender_id, found in events.items()
            ),
            next_cursor=None if is_end else last,
        )

    async def close(self) -> None:
        await self._reader.close()

    async def _find_last(self, after: str | None, limit: int) -> tuple[str | None, bool]:
        """The last id of the page that begins after `after`, and whether it is the last of all."""
        mark, table = self._reader.mark, self._reader.name_table("events")
        rows = await self._reader.fetch(
            f"SELECT sender_id, count(*) FROM {table} WHERE sender_id {_above(after)} {mark(1)}"
            f" GROUP BY sender_id ORDER BY sender_id LIMIT {limit:d}",
            after or "",
        )
        last, total = None, 0
        for place, (sender_id, number) in enumerate(rows):
            total += number
            if place and total > MOST_EVENTS:
                return last, False
            last = sender_id
        return last, len(rows) < limit

    async def _read_users(self, after: str | None, last: str) -> dict[str, str]:
        if self._has_users is None:
            self._has_users = await self._reader.has_table("users")
        if not self._has_users:
            return {}
        rows = await self._fetch_range("users", "user_id", after, last)
        return {sender_id: user_id for sender_id, user_id in rows if user_id}

    async def _fetch_range(
        self, table: str, column: str, after: str | None, last: str, *, order: str = ""
    ) -> Sequence[Row]:
        mark, name = self._reader.mark, self._reader.name_table(table)
        return await self._reader.fetch(
            f"SELECT sender_id, {column} FROM {name}"
            f" WHERE sender_id {_above(after)} {mark(1)} AND sender_id <= {mark(2)} ORDER BY sender_id{order}",
            after or "",
            last,
        )


def _above(after: str | None) -> str:
    # There may be a conversation whose id is empty.
    return ">=" if after is None else ">"
