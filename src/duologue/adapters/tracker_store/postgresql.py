"""Conversations in a PostgreSQL database, for any number of servers.

A turn costs one statement to read and one to write, which is one commit; turns that come at the same time share them.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from duologue.adapters.tracker_store.pending_append import PendingAppend, check_id, prepare_append
from duologue.adapters.tracker_store.postgresql_access import DatabaseAccess
from duologue.adapters.tracker_store.postgresql_appends import AppendWriter, refuse_length
from duologue.adapters.tracker_store.postgresql_batches import BatchQueue
from duologue.adapters.tracker_store.postgresql_faults import explain
from duologue.adapters.tracker_store.postgresql_options import (
    PostgresqlAddress,
    PostgresqlOptions,
    find_address,
)
from duologue.adapters.tracker_store.postgresql_pool import SessionPool
from duologue.adapters.tracker_store.postgresql_schema import create_database, prepare_schema
from duologue.adapters.tracker_store.postgresql_session import FAILURES, Row, Session, SessionOpener
from duologue.adapters.tracker_store.postgresql_statements import Statements, write_statements
from duologue.core.errors import ConflictError, StorageRefusedError, StorageUnavailableError
from duologue.core.events import Event
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.state import State
from duologue.ports.tracker_store import (
    ConversationPage,
    ConversationSummary,
    StoredConversation,
    TrackerStore,
    UnpublishedEvents,
)
from duologue.wire.events import parse_event
from duologue.wire.snapshot import decode_snapshot

Result = TypeVar("Result")
Asked = tuple[str, str | None]
"""A conversation, and the message to look for in it."""
Mark = tuple[str, int]
"""A conversation, and up to where it is published."""

_JSON = msgspec.json.Decoder()
_END = 2**31 - 1
"""No conversation is that long."""


class PostgresqlTrackerStore:
    """A tracker store in tables of one database; made by `open_store`."""

    def __init__(self, pool: SessionPool, statements: Statements, *, where: str) -> None:
        self._pool = pool
        self._access = DatabaseAccess(pool, where=where)
        self._statements = statements
        self._where = where
        self._is_closed = False
        writer = AppendWriter(pool, statements, where=where)
        self._appends = BatchQueue[PendingAppend](writer.write, key=lambda append: append.conversation_id)
        self._loads = BatchQueue[Asked](self._load_batch)
        self._marks = BatchQueue[Mark](self._mark_batch)

    # ---------------------------------------------------------------- turns

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        self._require_open()
        check_id(conversation_id)
        if message_id:
            check_id(message_id)
        row: Row | None = await self._loads.do((conversation_id, message_id or None))
        if row is None:
            return None
        _, length, snapshot_length, snapshot, tail, message_at = row
        state = None if snapshot is None else decode_snapshot(snapshot)
        if state is not None or snapshot_length == 0:
            return StoredConversation(snapshot=state, tail=tuple(_parse_lines(tail)), message_at=message_at)
        # A snapshot of an older shape: all the events, up to what the row had.
        events = await self.load_events(conversation_id, stop=length)
        return StoredConversation(snapshot=None, tail=tuple(events), message_at=message_at)

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        self._require_open()
        pending = prepare_append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )
        if not pending.rows:
            await self._require_length(conversation_id, expected)
            return
        message_ids = [row.message_id for row in pending.rows if row.message_id]
        if len(message_ids) > len(set(message_ids)):
            raise ConflictError("The same message id is twice in one append.")
        await self._appends.do(pending)

    async def _require_length(self, conversation_id: ConversationId, expected: int) -> None:
        row: Row | None = await self._loads.do((conversation_id, None))
        if (0 if row is None else row[1]) != expected:
            raise refuse_length(expected)

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        check_id(conversation_id)
        end = _END if stop is None else min(stop, _END)
        ((lines,),) = await self._read(self._statements.load_events, conversation_id, min(start, _END), end)
        return _parse_lines(lines)

    # ---------------------------------------------------------------- listings

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        if user_id is None:
            rows = await self._read(self._statements.list_all, limit, offset)
        else:
            rows = await self._read(self._statements.list_of_user, limit, offset, user_id)
        return [_read_summary(row) for row in rows]

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        if cursor is None:
            rows = await self._read(self._statements.scan_from_start, limit + 1)
        else:
            # A cursor is the id before it with a letter in front: there is an id that is empty.
            rows = await self._read(self._statements.scan, limit + 1, cursor[1:])
        summaries = [_read_summary(row) for row in rows]
        return ConversationPage(
            conversations=tuple(
                summary
                for summary in summaries[:limit]
                if (since is None or summary.updated_at >= since)
                and (until is None or summary.started_at < until)
            ),
            next_cursor=f"={summaries[limit - 1].conversation_id}" if len(summaries) > limit else None,
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        rows = await self._read(self._statements.list_due, now, limit)
        return [ConversationId(row[0]) for row in rows]

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        return [
            UnpublishedEvents(conversation_id=ConversationId(name), start=start, stop=stop)
            for name, start, stop in await self._read(self._statements.list_unpublished, limit)
        ]

    # ---------------------------------------------------------------- changes beside turns

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        self._require_open()
        check_id(conversation_id)
        await self._marks.do((conversation_id, stop))

    async def claim_run(self, job: str, due: float) -> bool:
        return bool(await self._read(self._statements.claim_run, job, due, is_repeatable=False))

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        self._require_open()
        check_id(conversation_id)

        async def delete(session: Session) -> int | None:
            async with session.begin():
                # Whoever appends at this moment is through before we look for what to delete.
                rows = await session.fetch(self._statements.lock, conversation_id)
                length: int | None = rows[0][0] if rows else None
                if length is not None and expected in (None, length):
                    await session.fetch(self._statements.delete, conversation_id)
            return length

        length = await self._do(delete, is_repeatable=False)
        if length is not None and expected not in (None, length):
            raise refuse_length(expected or 0)
        return length is not None

    # ---------------------------------------------------------------- the store itself

    async def check_health(self) -> None:
        await self._read(self._statements.touch)

    async def close(self) -> None:
        self._is_closed = True
        for queue in (self._loads, self._appends, self._marks):
            await queue.finish()
        await self._pool.close()

    # ---------------------------------------------------------------- how

    async def _load_batch(self, asked: Sequence[Asked]) -> Sequence[Row | None]:
        ids, message_ids = [name for name, _ in asked], [message_id for _, message_id in asked]
        rows = await self._fetch(self._statements.load, ids, message_ids)
        found = {row[0]: row for row in rows}
        return [found.get(place) for place in range(1, len(asked) + 1)]

    async def _mark_batch(self, marks: Sequence[Mark]) -> Sequence[None]:
        stops: dict[str, int] = {}
        for name, stop in marks:
            stops[name] = min(max(stop, stops.get(name, 0)), _END)
        names = sorted(stops)
        await self._fetch(self._statements.mark_published, names, [stops[name] for name in names])
        return [None] * len(marks)

    async def _read(self, statement: str, *arguments: object, is_repeatable: bool = True) -> list[Row]:
        self._require_open()
        return await self._fetch(statement, *arguments, is_repeatable=is_repeatable)

    async def _fetch(self, statement: str, *arguments: object, is_repeatable: bool = True) -> list[Row]:
        return await self._do(
            lambda session: session.fetch(statement, *arguments), is_repeatable=is_repeatable
        )

    async def _do(self, work: Callable[[Session], Awaitable[Result]], *, is_repeatable: bool) -> Result:
        return await self._access.do(work, is_repeatable=is_repeatable)

    def _require_open(self) -> None:
        if self._is_closed:
            raise StorageUnavailableError(f"The {self._where} is closed.")


def _parse_lines(lines: str | None) -> list[Event]:
    return [] if lines is None else [parse_event(data) for data in _JSON.decode_lines(lines)]


def _read_summary(row: Row) -> ConversationSummary:
    conversation_id, user_id, started_at, updated_at, length = row
    return ConversationSummary(
        conversation_id=ConversationId(conversation_id),
        user_id=None if user_id is None else UserId(user_id),
        started_at=started_at,
        updated_at=updated_at,
        length=length,
    )


async def open_store(options: PostgresqlOptions) -> TrackerStore:
    """The store in that database, whose tables are made if they are not there.

    Raises:
        StorageUnavailableError: the server cannot be reached now.
        StorageRefusedError: it does not take us, or only a newer release may use the tables.
    """
    address = find_address(options)
    _check_files(address)
    opener = SessionOpener(address, iam_region=options.iam_region)
    try:
        if options.login_db is not None and address.database is not None:
            await _create_database(opener, options.login_db, address.database)
        session = await opener.open()
        try:
            _check_encoding(session, address)
            await prepare_schema(session, options.schema, where=f"The {address.where}")
        except BaseException:
            session.drop()
            raise
    except FAILURES as error:
        raise explain(error).as_error_at_start(address.where) from error
    pool = SessionPool(opener, size=address.connections)
    pool.add(session)
    return PostgresqlTrackerStore(pool, write_statements(options.schema), where=address.where)


def _check_files(address: PostgresqlAddress) -> None:
    for name in address.tls_files:
        if not Path(name).is_file():
            raise StorageRefusedError(
                f"The {address.where} cannot be entered: there is no file {name}, which is named for TLS."
            )


async def _create_database(opener: SessionOpener, login_database: str, database: str) -> None:
    session = await opener.open(database=login_database)
    try:
        await create_database(session, database)
    finally:
        await session.close()


def _check_encoding(session: Session, address: PostgresqlAddress) -> None:
    if session.encoding not in (None, "UTF8"):
        raise StorageRefusedError(
            f"The {address.where} keeps its text as {session.encoding}, which does not have every letter;"
            " make a database with ENCODING 'UTF8'."
        )
