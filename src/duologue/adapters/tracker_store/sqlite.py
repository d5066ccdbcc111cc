"""Conversations in a SQLite file: the embedded default, durable without any service beside it.

Appends that wait together share one commit, and an append returns only when its commit is on the disk. Several
processes may use one file. Work is done in two threads, one that writes and one that reads, so no event loop
ever waits for the disk.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from duologue.adapters.tracker_store import sqlite_statements as statements
from duologue.adapters.tracker_store.pending_append import check_id, prepare_append
from duologue.adapters.tracker_store.sqlite_schema import prepare_file
from duologue.adapters.tracker_store.sqlite_statements import Change
from duologue.adapters.tracker_store.sqlite_threads import DatabaseThread, Outcome
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
from duologue.wire.snapshot import decode_snapshot

LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process that writes to the file."""

Read = Callable[[sqlite3.Connection], Any]  # `Any`: each read has its own result


class SqliteTrackerStore:
    """A tracker store in one file; made by `open`."""

    def __init__(self, writer: DatabaseThread[Change], reader: DatabaseThread[Read]) -> None:
        self._writer = writer
        self._reader = reader

    @classmethod
    async def open(
        cls, path: str | PathLike[str], *, lock_timeout: float = LOCK_TIMEOUT
    ) -> "SqliteTrackerStore":
        """Open the file, made if it is not there; its folder must be.

        Raises:
            StorageUnavailableError: the file cannot be used.
        """
        file = Path(path)
        await asyncio.to_thread(prepare_file, file, timeout=lock_timeout)
        return cls(
            DatabaseThread(file, statements.make_changes, name="tracker-store-writer", timeout=lock_timeout),
            DatabaseThread(file, _read_batch, name="tracker-store-reader", timeout=lock_timeout),
        )

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        check_id(conversation_id)
        check_id(message_id or "")
        return await self._reader.do(partial(_load, conversation_id=conversation_id, message_id=message_id))

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
        await self._writer.do(pending)

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        check_id(conversation_id)
        return await self._reader.do(
            partial(statements.read_events, conversation_id=conversation_id, start=start, stop=stop)
        )

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        return await self._reader.do(
            partial(statements.list_conversations, user_id=user_id, limit=limit, offset=offset)
        )

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        return await self._reader.do(
            partial(statements.scan_conversations, cursor=cursor, limit=limit, since=since, until=until)
        )

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        return await self._reader.do(partial(statements.list_due, now=now, limit=limit))

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        return await self._reader.do(partial(statements.list_unpublished, limit=limit))

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        check_id(conversation_id)
        await self._writer.do(partial(statements.mark_published, conversation_id=conversation_id, stop=stop))

    async def claim_run(self, job: str, due: float) -> bool:
        return await self._writer.do(partial(statements.claim_run, job=job, due=due))

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        check_id(conversation_id)
        return await self._writer.do(
            partial(statements.delete_conversation, conversation_id=conversation_id, expected=expected)
        )

    async def check_health(self) -> None:
        await self._writer.do(statements.touch)

    async def close(self) -> None:
        # The writer goes last: the connection that closes a file last tidies up its log.
        await self._reader.close()
        await self._writer.close()


def _read_batch(connection: sqlite3.Connection, reads: Sequence[Read]) -> list[Outcome]:
    return [_read(connection, read) for read in reads]


def _read(connection: sqlite3.Connection, read: Read) -> Outcome:
    try:
        return read(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # an odd request must not spoil those that wait beside it
        return error


def _load(
    connection: sqlite3.Connection, conversation_id: ConversationId, message_id: MessageId | None
) -> StoredConversation | None:
    row = statements.find_conversation(connection, conversation_id, message_id)
    if row is None:
        return None
    state = decode_snapshot(row.snapshot) if row.snapshot is not None else None
    if state is not None or row.snapshot_length == 0:
        tail = tuple(statements.parse_lines(row.tail))
        return StoredConversation(snapshot=state, tail=tail, message_at=row.message_at)
    # A snapshot of an older shape: all the events, up to what the row had.
    events = statements.read_events(connection, conversation_id, 0, row.length)
    if not events:
        return None
    return StoredConversation(snapshot=None, tail=tuple(events), message_at=row.message_at)


async def open_store(path: str | PathLike[str]) -> TrackerStore:
    """The store in that file."""
    return await SqliteTrackerStore.open(path)
