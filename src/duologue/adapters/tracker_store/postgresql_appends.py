"""Appends to conversations in PostgreSQL: many in one statement, and what becomes of them when it fails."""

import asyncio
from collections.abc import Sequence

from duologue.adapters.tracker_store.pending_append import PendingAppend
from duologue.adapters.tracker_store.postgresql_faults import (
    READ_ONLY,
    explain,
    find_sqlstate,
)
from duologue.adapters.tracker_store.postgresql_pool import SessionPool
from duologue.adapters.tracker_store.postgresql_schema import MESSAGE_INDEX
from duologue.adapters.tracker_store.postgresql_session import FAILURES, Session
from duologue.adapters.tracker_store.postgresql_statements import Statements
from duologue.core.errors import ConflictError, StorageUnavailableError

Outcome = ConflictError | StorageUnavailableError | None
"""What became of one append; None if it is stored."""

_PLAN_IS_STALE = "0A000"
_LOOKS = 20
_PAUSE = 0.05


class AppendWriter:
    """Writes appends to different conversations, together."""

    def __init__(self, pool: SessionPool, statements: Statements, *, where: str) -> None:
        self._pool = pool
        self._statements = statements
        self._where = where

    async def write(self, appends: Sequence[PendingAppend], *, is_last: bool = False) -> list[Outcome]:
        """Store those that fit, in one commit; the others are refused one by one.

        Raises:
            StorageUnavailableError: none of them is stored, or nobody can tell.
        """
        session: Session | None = None
        try:
            async with self._pool.lend(fresh=is_last) as session:
                return await self._store(session, appends)
        except FAILURES as error:
            if session is None:
                self._pool.forget_idle()
                raise self._fail(error) from error
            if not session.is_open:
                return await self._settle(appends, session, error, is_last=is_last)
            return await self._refuse(appends, error, is_last=is_last)

    async def _store(self, session: Session, appends: Sequence[PendingAppend]) -> list[Outcome]:
        begins = any(append.expected == 0 for append in appends)
        statement = self._statements.append_and_begin if begins else self._statements.append
        # In the same order in every server, so that no two wait for each other's rows.
        ordered = sorted(appends, key=lambda append: append.conversation_id)
        rows = await session.fetch(statement, *_list_conversations(ordered), *_list_events(ordered))
        if len(rows) == len(appends):
            return [None] * len(appends)
        accepted = {row[0] for row in rows}
        return [
            None if append.conversation_id in accepted else refuse_length(append.expected)
            for append in appends
        ]

    async def _refuse(
        self, appends: Sequence[PendingAppend], error: BaseException, *, is_last: bool
    ) -> list[Outcome]:
        """The server has said no, and nothing is stored."""
        code = find_sqlstate(error)
        if code in (READ_ONLY, _PLAN_IS_STALE) and not is_last:
            # Another server may have taken the place of this one, or another release have changed the tables.
            self._pool.forget_idle()
            return await self.write(appends, is_last=True)
        if len(appends) > 1 and (code is None or code[:2] in ("21", "22", "23", "40", "54")):
            # One odd append must not cost the others.
            return [await self._write_alone(append) for append in appends]
        if getattr(error, "constraint_name", None) == MESSAGE_INDEX:
            return [ConflictError("A message with the same id is stored in the conversation already.")]
        if code == READ_ONLY:
            self._pool.forget_idle()
        # The server answers, so whoever waits behind these may try for himself.
        return [self._fail(error)] * len(appends)

    async def _write_alone(self, append: PendingAppend) -> Outcome:
        try:
            (outcome,) = await self.write([append])
        except StorageUnavailableError as error:
            return error
        return outcome

    async def _settle(
        self, appends: Sequence[PendingAppend], lost: Session, error: BaseException, *, is_last: bool
    ) -> list[Outcome]:
        """The connection broke, so the commit may have been made or not: look.

        The server is told to end what is left of the old connection first, so that nothing is stored behind our back.
        """
        self._pool.forget_idle()
        try:
            async with self._pool.lend(fresh=True) as session:
                is_over = await self._end(session, lost)
                stored = await self._find_stored(session, appends)
        except FAILURES as second:
            raise self._fail(second) from error
        missing = [append for place, append in enumerate(appends) if place not in stored]
        rest: Sequence[Outcome] = [self._fail(error)] * len(missing)
        if missing and is_over and not is_last and not isinstance(error, TimeoutError):
            try:
                rest = await self.write(missing, is_last=True)
            except StorageUnavailableError as second:
                rest = [second] * len(missing)
        outcomes = iter(rest)
        return [None if place in stored else next(outcomes) for place in range(len(appends))]

    async def _end(self, session: Session, lost: Session) -> bool:
        """Whether the server is done with the connection that broke."""
        if lost.pid is None:
            return False
        for _ in range(_LOOKS):
            if not await session.fetch(self._statements.end_session, lost.pid, lost.name):
                return True
            await asyncio.sleep(_PAUSE)
        return False

    async def _find_stored(self, session: Session, appends: Sequence[PendingAppend]) -> set[int]:
        rows = await session.fetch(
            self._statements.find_appends,
            [append.conversation_id for append in appends],
            [append.expected for append in appends],
            [append.length for append in appends],
        )
        found = {place - 1: data for place, data in rows}
        return {
            place
            for place, append in enumerate(appends)
            if found.get(place) == [row.data.decode() for row in append.rows]
        }

    def _fail(self, error: BaseException) -> StorageUnavailableError:
        failure = explain(error).as_unavailable(self._where)
        failure.__cause__ = error
        return failure


def refuse_length(expected: int) -> ConflictError:
    """The error for an append that expects another length than the stored one."""
    return ConflictError(f"The conversation does not have {expected} events as the append expects.")


def _list_conversations(appends: Sequence[PendingAppend]) -> list[list[object]]:
    """Columns of the conversations, as the statement takes them."""
    return [
        [append.conversation_id for append in appends],
        [append.expected for append in appends],
        [append.length for append in appends],
        [None if append.user_id is None else _clean(append.user_id) for append in appends],
        [append.started_at for append in appends],
        [append.updated_at for append in appends],
        [append.snapshot for append in appends],
        [append.wake_at for append in appends],
        [append.is_promised for append in appends],
    ]


def _list_events(appends: Sequence[PendingAppend]) -> list[list[object]]:
    """Columns of their events."""
    rows = [row for append in appends for row in append.rows]
    return [
        [append.conversation_id for append in appends for _ in append.rows],
        [row.sequence for row in rows],
        [_clean(row.type_name) for row in rows],
        [row.timestamp for row in rows],
        [row.message_id for row in rows],
        [row.data.decode() for row in rows],
    ]


def _clean(text: str) -> str:
    # A column for looking things up; what the event holds itself is kept to the letter.
    if text.isprintable():
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
