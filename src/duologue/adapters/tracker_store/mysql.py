"""Conversations in a MySQL or MariaDB database, for any number of servers.

A turn costs one round trip to read and one to write. Appends of this process that wait together share a transaction,
and an append returns only when its commit is done.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from duologue.adapters.tracker_store import mysql_statements as statements
from duologue.adapters.tracker_store.mysql_driver import MysqlConnection, MysqlError, Row
from duologue.adapters.tracker_store.mysql_entrance import MysqlDoor
from duologue.adapters.tracker_store.mysql_errors import explain, explain_start, is_contention
from duologue.adapters.tracker_store.mysql_options import MysqlAddress, MysqlOptions, find_address
from duologue.adapters.tracker_store.mysql_pool import MysqlPool
from duologue.adapters.tracker_store.mysql_schema import prepare_tables
from duologue.adapters.tracker_store.mysql_writer import MysqlWriter
from duologue.adapters.tracker_store.pending_append import check_id, prepare_append
from duologue.core.errors import ConflictError, StorageUnavailableError
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
from duologue.wire.events import decode_event
from duologue.wire.snapshot import decode_snapshot

PATIENCE = 10.0
"""Seconds after which a caller hears that the store is unavailable, whatever it is waiting for."""
POOL_SIZE = 10
WRITING_TASKS = 2
_NO_LIMIT = 2**31 - 1

T = TypeVar("T")

_log = logging.getLogger(__name__)


class MysqlTrackerStore:
    """A tracker store in one database; made by `open`."""

    def __init__(
        self, pool: MysqlPool, address: MysqlAddress, *, writing_tasks: int, patience: float
    ) -> None:
        self._patience = patience
        self._pool = pool
        self._address = address
        self._writer = MysqlWriter(pool, address, most_tasks=writing_tasks)

    @classmethod
    async def open(cls, options: MysqlOptions, *, patience: float = PATIENCE) -> "MysqlTrackerStore":
        """Enter the database and make the tables if they are not there.

        Raises:
            StorageRefusedError: the server is there and does not let us.
            StorageUnavailableError: it cannot be reached.
        """
        address = find_address(options)
        door = MysqlDoor(options, address, patience=patience)
        size = max(options.pool_size or POOL_SIZE, 1)
        pool = MysqlPool(door.open, size=size)
        try:
            connection = await door.open()
            try:
                await prepare_tables(connection, address)
            except BaseException:
                connection.abort()
                raise
        except MysqlError as error:
            raise explain_start(error, address) from error
        if not connection.is_durable:
            _log.warning(
                "tracker_store.not_durable",
                extra={
                    "finding": f"The {address.where} may lose its last commits when the machine stops, because"
                    " innodb_flush_log_at_trx_commit is not 1."
                },
            )
        pool.put(connection)
        return cls(pool, address, writing_tasks=max(1, min(WRITING_TASKS, size // 2)), patience=patience)

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        check_id(conversation_id)
        if message_id:
            check_id(message_id)
            rows = await self._fetch(statements.LOAD_WITH_MESSAGE, *[conversation_id] * 4, message_id)
        else:
            rows = await self._fetch(statements.LOAD, *[conversation_id] * 3)
        stored, unread = _read_conversation(rows)
        if stored is None or not unread:
            return stored
        # A snapshot of an older shape: all the events, up to what the row had.
        events = await self.load_events(conversation_id, stop=unread)
        return msgspec.structs.replace(stored, tail=tuple(events)) if events else None

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
        pending = prepare_append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )
        if not pending.rows:
            await self._require_length(conversation_id, expected)
            return
        async with self._limit_time():
            await self._writer.write(pending)

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        check_id(conversation_id)
        end = _NO_LIMIT if stop is None else max(stop, 0)
        rows = await self._fetch(statements.READ_EVENTS, conversation_id, max(start, 0), end)
        return [decode_event(data) for (data,) in rows]

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        if user_id is None:
            rows = await self._fetch(statements.LIST_ALL, limit, offset)
        else:
            rows = await self._fetch(statements.LIST_OF_USER, user_id, limit, offset)
        return [_summarize(row) for row in rows]

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        # A cursor is the id before it with a letter in front: there is an id that is empty.
        if cursor is None:
            rows = await self._fetch(statements.SCAN_FIRST, limit)
        else:
            rows = await self._fetch(statements.SCAN_NEXT, cursor[1:], limit)
        summaries = [_summarize(row) for row in rows]
        return ConversationPage(
            conversations=tuple(
                summary
                for summary in summaries
                if (since is None or summary.updated_at >= since)
                and (until is None or summary.started_at < until)
            ),
            next_cursor=f"={summaries[-1].conversation_id}" if rows and len(rows) == limit else None,
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        rows = await self._fetch(statements.LIST_DUE, now, limit)
        return [ConversationId(name.decode()) for (name,) in rows]

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        rows = await self._fetch(statements.LIST_UNPUBLISHED, limit)
        return [
            UnpublishedEvents(conversation_id=ConversationId(name.decode()), start=start, stop=stop)
            for name, start, stop in rows
        ]

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        check_id(conversation_id)
        await self._change(statements.mark_published(conversation_id, stop))

    async def claim_run(self, job: str, due: float) -> bool:
        # Not tried again: the second try could not tell that it was the first that got the run.
        (affected,) = await self._change(statements.claim_run(job, due), most_tries=1)
        return affected > 0

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        check_id(conversation_id)
        affected = await self._change(statements.delete_conversation(conversation_id, expected))
        if affected[1]:
            return True
        if expected is not None:
            await self._require_length(conversation_id, expected)
        return False

    async def check_health(self) -> None:
        await self._change(statements.TOUCH)

    async def close(self) -> None:
        await self._writer.close()
        await self._pool.close()

    async def _require_length(self, conversation_id: ConversationId, expected: int) -> None:
        rows = await self._fetch(statements.GET_LENGTH, conversation_id)
        length = rows[0][0] if rows else 0
        if length != expected:
            raise ConflictError(
                f"The conversation has {length} events, not {expected} as the append expects."
            )

    async def _fetch(self, text: str, *parameters: object) -> Sequence[Row]:
        return await self._use(lambda connection: connection.fetch(text, parameters), most_tries=2)

    async def _change(self, text: bytes, *, most_tries: int = 3) -> list[int]:
        """Carry out the statements in one round trip; how many rows each of them changed."""

        async def run(connection: MysqlConnection) -> list[int]:
            try:
                return [outcome.affected for outcome in await connection.run(text)]
            except MysqlError as error:
                if is_contention(error):
                    await connection.roll_back()
                raise

        return await self._use(run, most_tries=most_tries)

    async def _use(self, work: Callable[[MysqlConnection], Awaitable[T]], *, most_tries: int) -> T:
        """Do it on a connection, and again on another where that may help."""
        async with self._limit_time():
            tries = 0
            while True:
                tries += 1
                try:
                    async with self._pool.lend() as connection:
                        return await work(connection)
                except MysqlError as error:
                    if not is_contention(error):
                        self._pool.forget_idle()  # the server may have become another, or a mere replica
                    if tries >= most_tries or not (error.is_lost or is_contention(error)):
                        raise explain(error, self._address) from error

    @contextlib.asynccontextmanager
    async def _limit_time(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._patience):
                yield
        except TimeoutError as error:
            raise StorageUnavailableError(
                f"The {self._address.where} gives no answer within {self._patience:g} seconds."
            ) from error


def _read_conversation(rows: Sequence[Row]) -> tuple[StoredConversation | None, int]:
    """What the rows of a load say; with the number of events that have to be read beside it."""
    snapshot: State | None = None
    unread = 0
    found = False
    message_at: int | None = None
    tail: list[tuple[int, bytes]] = []
    for part, number, length, data in rows:
        match part:
            case 0:
                found = True
                snapshot = None if data is None else decode_snapshot(data)
                unread = length if data is not None and snapshot is None else 0
            case 1:
                tail.append((number, data))
            case _:
                message_at = number
    if not found:
        return None, 0
    events = tuple(decode_event(data) for _, data in sorted(tail))
    return StoredConversation(snapshot=snapshot, tail=events, message_at=message_at), unread


def _summarize(row: Row) -> ConversationSummary:
    conversation_id, user_id, started_at, updated_at, length = row
    return ConversationSummary(
        conversation_id=ConversationId(conversation_id.decode()),
        user_id=None if user_id is None else UserId(user_id.decode()),
        started_at=started_at,
        updated_at=updated_at,
        length=length,
    )


async def open_store(options: MysqlOptions) -> TrackerStore:
    """The store in the database that the options lead to."""
    return await MysqlTrackerStore.open(options)
