"""Results in a table of a PostgreSQL database, for any number of action servers."""

import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from duologue.adapters.result_store.postgresql_effects import PostgresqlEffects
from duologue.adapters.result_store.postgresql_statements import (
    DEAD_CLAIM_SECONDS,
    Statements,
    prepare_table,
    write_statements,
)
from duologue.adapters.tracker_store.postgresql_access import DatabaseAccess
from duologue.adapters.tracker_store.postgresql_faults import explain
from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions, find_address
from duologue.adapters.tracker_store.postgresql_pool import SessionPool
from duologue.adapters.tracker_store.postgresql_session import FAILURES, Row, Session, SessionOpener
from duologue.core.errors import StorageRefusedError, StorageUnavailableError
from duologue.ports.result_store import Begun, Claim, Remembered, ResultStore, UnderWay

Result = TypeVar("Result")

EFFECT_CONNECTIONS = 32
"""Actions of one process that may share their transactions at the same time; further ones wait."""
_MOST_ATTEMPTS = 10


class PostgresqlResultStore:
    """A result store in one table; made by `open_store`."""

    def __init__(
        self, pool: SessionPool, effects_pool: SessionPool, statements: Statements, *, where: str
    ) -> None:
        """`effects_pool`: connections of actions that share their transaction; they may take all of them."""
        self._pool = pool
        self._effects_pool = effects_pool
        self._access = DatabaseAccess(pool, where=where)
        self._statements = statements
        self._where = where
        self._is_closed = False

    async def claim(self, key: str, *, now: float, lease: float) -> Claim:
        name, holder = _encode(key), secrets.token_bytes(8)
        for _ in range(_MOST_ATTEMPTS):
            rows = await self._fetch(self._statements.claim, name, now, now + lease, holder)
            # None if the row of somebody else came or went while the statement ran.
            if rows:
                return _read_claim(rows[0])
        raise StorageUnavailableError(f"The {self._where} is too busy with one key.")

    async def renew(self, key: str, fence: int, *, now: float, lease: float) -> bool:
        return bool(await self._fetch(self._statements.renew, _encode(key), fence, now + lease))

    async def finish(self, key: str, fence: int, result: bytes, *, now: float, keep: float) -> bool:
        return bool(await self._fetch(self._statements.finish, _encode(key), fence, now + keep, result))

    async def release(self, key: str, fence: int) -> None:
        await self._fetch(self._statements.release, _encode(key), fence)

    async def delete_expired(self, *, now: float, limit: int = 1000) -> int:
        await self._fetch(self._statements.delete_dead, now - DEAD_CLAIM_SECONDS, limit)
        return len(await self._fetch(self._statements.delete_expired, now, limit))

    async def begin_effects(self, key: str, fence: int) -> PostgresqlEffects:
        """A transaction for the holder of a key.

        Raises:
            StorageUnavailableError: it cannot be had now.
        """
        return await PostgresqlEffects.begin(
            self._effects_pool,
            finish=self._statements.finish,
            key=_encode(key),
            fence=fence,
            where=self._where,
        )

    async def check_health(self) -> None:
        await self._fetch(self._statements.touch)

    async def close(self) -> None:
        self._is_closed = True
        await self._effects_pool.close()
        await self._pool.close()

    async def _fetch(self, statement: str, *arguments: object) -> list[Row]:
        return await self._do(lambda session: session.fetch(statement, *arguments))

    async def _do(self, work: Callable[[Session], Awaitable[Result]]) -> Result:
        if self._is_closed:
            raise StorageUnavailableError(f"The {self._where} is closed.")
        # Each statement may be done twice: a claim knows its own holder, and the others look at the fence.
        return await self._access.do(work, is_repeatable=True)


def _encode(key: str) -> bytes:
    # Text in a database knows no zero, bytes do.
    return key.encode("utf-8", "surrogatepass")


def _read_claim(row: Row) -> Claim:
    fence, until, result = row
    if fence is not None:
        return Begun(fence=fence)
    return UnderWay(until=until) if result is None else Remembered(result=result)


def _read_address(url: str) -> PostgresqlOptions:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    schema = query.pop("schema", None)
    return PostgresqlOptions(url=parts._replace(query=urlencode(query)).geturl(), schema=schema)


async def open_store(url: str) -> ResultStore:
    """The store at an address such as `postgresql://user:password@host/database?schema=actions`.

    Raises:
        StorageUnavailableError: the server cannot be reached now.
        StorageRefusedError: it does not take us, or the address cannot be read.
    """
    options = _read_address(url)
    try:
        address = find_address(options)
    except StorageRefusedError as error:
        raise StorageRefusedError(str(error).replace("tracker store", "store of results")) from None
    opener = SessionOpener(address)
    try:
        session = await opener.open()
        try:
            await prepare_table(session, options.schema)
        except BaseException:
            session.drop()
            raise
    except FAILURES as error:
        raise explain(error).as_error_at_start(address.where) from error
    pool = SessionPool(opener, size=address.connections)
    pool.add(session)
    # Statements of actions are not ours to plan for: they get a connection as the server gives it.
    plain = SessionOpener(msgspec.structs.replace(address, is_pooled=True))
    return PostgresqlResultStore(
        pool,
        SessionPool(plain, size=EFFECT_CONNECTIONS),
        write_statements(options.schema),
        where=address.where,
    )
