"""Writes appends to MySQL: those that wait together share one transaction, which costs one round trip."""

import asyncio
from collections import deque
from collections.abc import Sequence

from duologue.adapters.tracker_store import mysql_statements as statements
from duologue.adapters.tracker_store.mysql_driver import MysqlConnection, MysqlError
from duologue.adapters.tracker_store.mysql_errors import (
    PACKET_TOO_LARGE,
    concerns_one_append,
    explain,
    is_conflict,
    is_contention,
)
from duologue.adapters.tracker_store.mysql_options import MysqlAddress
from duologue.adapters.tracker_store.mysql_pool import MysqlPool
from duologue.adapters.tracker_store.pending_append import PendingAppend
from duologue.core.errors import ConflictError, StorageUnavailableError

MOST_TRIES = 4
"""How often an append is tried that other transactions, or a broken connection, keep from being written."""
_MOST_APPENDS = 64
_MOST_BYTES = 1024 * 1024
_ROOM = 1024
"""Bytes that a packet has besides its statements."""


class _Waiting:
    """An append whose caller waits for it."""

    def __init__(self, pending: PendingAppend) -> None:
        self.pending = pending
        self.statements = statements.write_append(pending)
        self.size = sum(map(len, self.statements))
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tries = 0
        self.may_be_stored = False
        """A connection broke while it was written."""

    def succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class MysqlWriter:
    """A few tasks that write what waits, as long as something does."""

    def __init__(self, pool: MysqlPool, address: MysqlAddress, *, most_tasks: int) -> None:
        self._pool = pool
        self._address = address
        self._most_tasks = most_tasks
        self._queue: deque[_Waiting] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy_tasks = 0
        """Those that will look at the queue again."""
        self._is_closed = False

    async def write(self, pending: PendingAppend) -> None:
        """Return when the append is committed.

        Raises:
            ConflictError: the conversation is not as the append expects.
            StorageUnavailableError: it cannot be written now.
        """
        if self._is_closed:
            raise StorageUnavailableError("The conversation database is closed.")
        waiting = _Waiting(pending)
        self._queue.append(waiting)
        if self._busy_tasks < self._most_tasks:
            self._busy_tasks += 1
            task = asyncio.create_task(self._write_what_waits())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await waiting.done

    async def close(self) -> None:
        """Write what waits and take no more."""
        self._is_closed = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _write_what_waits(self) -> None:
        try:
            while batch := self._take_batch():
                await self._write_for_callers(batch)
        finally:
            self._busy_tasks -= 1

    async def _write_for_callers(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._write_batch(batch)
        except MysqlError as error:
            for waiting in batch:
                waiting.fail(explain(error, self._address))
        except BaseException as error:
            stopped = StorageUnavailableError("The conversation database is closed.")
            for waiting in batch:
                waiting.fail(error if isinstance(error, Exception) else stopped)
            if not isinstance(error, Exception):
                raise

    def _take_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._queue and len(batch) < _MOST_APPENDS and (not batch or size < _MOST_BYTES):
            waiting = self._queue.popleft()
            if not waiting.done.done():  # otherwise the caller has given up
                batch.append(waiting)
                size += waiting.size
        return batch

    async def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        """Write them together; if that fails, without the one at which it failed, or each alone."""
        rounds: deque[list[_Waiting]] = deque([list(batch)])
        while rounds:
            together = [waiting for waiting in rounds.popleft() if not waiting.done.done()]
            if not together:
                continue
            try:
                async with self._pool.lend() as connection:
                    failure = await _write_together(connection, together)
            except MysqlError as error:
                self._pool.forget_idle()  # the server may have become another, or a mere replica
                if not error.is_lost:
                    raise
                failure = await self._settle_lost(together, error)
            if failure is None:
                continue
            place, error = failure
            blamed = None if place is None else together[place]
            if blamed is None:
                rounds.extend([waiting] for waiting in together)
                continue
            rounds.append([waiting for waiting in together if waiting is not blamed])
            if await self._settle(blamed, error):
                rounds.append([blamed])

    async def _settle(self, blamed: _Waiting, error: MysqlError) -> bool:
        """What becomes of the append at which a transaction failed; True if it is to be tried again."""
        if is_contention(error) and blamed.tries < MOST_TRIES:
            return True
        if is_conflict(error):
            if blamed.may_be_stored and await self._is_stored(blamed):
                blamed.succeed()
            else:
                blamed.fail(
                    ConflictError(
                        f"The conversation has not {blamed.pending.expected} events as the append expects,"
                        " or has a message with the same id already."
                    )
                )
            return False
        blamed.fail(explain(error, self._address))
        return False

    async def _settle_lost(
        self, together: Sequence[_Waiting], error: MysqlError
    ) -> tuple[int | None, MysqlError] | None:
        """Look which appends are stored after all; the others are tried again."""
        for waiting in together:
            if await self._is_stored(waiting):
                waiting.succeed()
            elif waiting.may_be_stored:  # lost twice
                waiting.fail(explain(error, self._address))
            waiting.may_be_stored = True
        return None if all(waiting.done.done() for waiting in together) else (None, error)

    async def _is_stored(self, waiting: _Waiting) -> bool:
        pending = waiting.pending
        key = (pending.conversation_id, pending.expected, pending.length)
        async with self._pool.lend() as connection:
            return statements.is_stored(pending, await connection.fetch(statements.READ_EVENTS, key))


async def _write_together(
    connection: MysqlConnection, together: Sequence[_Waiting]
) -> tuple[int | None, MysqlError] | None:
    """Commit all and tell their callers, or nothing: then say at which of them it failed, if any, and why.

    Raises:
        MysqlError: it did not fail because of any of them.
    """
    limit = connection.packet_limit - _ROOM
    for place, waiting in enumerate(together):
        if max(map(len, waiting.statements)) > limit:
            # The server would end the connection.
            return place, MysqlError(PACKET_TOO_LARGE, f"its limit is {connection.packet_limit} bytes")
    texts: list[bytes] = [b"BEGIN"]
    owners: list[int | None] = [None]
    for place, waiting in enumerate(together):
        waiting.tries += 1
        texts += waiting.statements
        owners += [place] * len(waiting.statements)
    texts.append(b"COMMIT")
    owners.append(None)
    done = 0
    try:
        for packet in _pack(texts, limit):
            done += len(await connection.run(packet))
    except MysqlError as error:
        blamed = owners[min(done + error.place, len(owners) - 1)]
        if is_contention(error):
            place = 0 if len(together) == 1 else blamed
        elif blamed is not None and (is_conflict(error) or concerns_one_append(error)):
            place = blamed
        else:
            raise
        await connection.roll_back()
        return place, error
    for waiting in together:
        waiting.succeed()
    return None


def _pack(texts: Sequence[bytes], limit: int) -> list[bytes]:
    packets: list[bytes] = []
    part: list[bytes] = []
    size = 0
    for text in texts:
        if part and size + len(text) > limit:
            packets.append(b";".join(part))
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    packets.append(b";".join(part))
    return packets
