"""One connection to a MySQL or MariaDB server; the only file that knows the driver, which is not typed."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import asyncmy
from asyncmy import errors

from duologue.core.errors import AdapterError

LOST = 2013
"""The driver's number for a connection that broke."""
UNREACHABLE = 2003
NO_TLS = 2026
"""The client's number for a TLS connection that does not come about."""

_SESSION = (
    # Strict, so that no value is cut; waits shorter than our own, so that the server does not go on without us.
    b"SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit=1, innodb_lock_wait_timeout=2,"
    b" lock_wait_timeout=4;"
    b"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;"
    b"SELECT @@max_allowed_packet, @@innodb_flush_log_at_trx_commit"
)

Row = tuple[Any, ...]
"""Each statement has columns of its own."""


class MysqlError(Exception):
    """What the server, or the connection to it, said."""

    def __init__(self, code: int, message: str, *, place: int = 0) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.place = place
        """How many statements of the text went well before."""
        self.is_lost = code in _LOST_CODES
        """Whether nobody knows what became of the statement."""


# Gone away, lost, malformed, shut down, killed, interrupted; all of them may come before or after the commit.
_LOST_CODES = frozenset({0, UNREACHABLE, 2006, LOST, 2014, NO_TLS, 2027, 2055, 1053, 1317, 1927, 4031})


class Outcome(NamedTuple):
    """What one statement did."""

    affected: int
    rows: Sequence[Row]


class Entrance(NamedTuple):
    """How a connection is opened."""

    host: str
    port: int
    unix_socket: str | None
    database: str
    username: str
    get_password: Callable[[], Awaitable[str]]
    context: ssl.SSLContext | None
    connect_seconds: float
    """For everything between the first packet and a session that is ready."""
    statement_seconds: float
    """For one exchange with the server."""


class MysqlConnection:
    """A session with the settings that the store relies on; for one task at a time."""

    def __init__(self, inner: Any, *, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._statements: dict[str, Any] = {}
        self._is_busy = False
        self._has_failed = False
        self.packet_limit = 0
        self.is_durable = True
        """Whether the server writes each commit to the disk before it answers."""

    @property
    def is_usable(self) -> bool:
        """Whether somebody else may have it: nothing is half done on it, and the other side is there."""
        is_free = not self._is_busy and not self._has_failed
        return is_free and self._inner.connected and not self._inner._stream_broken

    async def run(self, text: bytes, *, seconds: float | None = None) -> list[Outcome]:
        """Let the server carry out one or more statements, in one round trip; it stops at the first that fails."""
        outcomes: list[Outcome] = []
        async with self._exchange(outcomes, seconds or self._seconds):
            await self._inner.query(text)
            outcomes.append(self._take_outcome())
            while self._inner._result.has_next:
                await self._inner.next_result()
                outcomes.append(self._take_outcome())
        return outcomes

    async def fetch(self, text: str, parameters: Sequence[object]) -> Sequence[Row]:
        """The rows of a query with `?` for each parameter, which is prepared once."""
        async with self._exchange([], self._seconds):
            statement = self._statements.get(text)
            if statement is None:
                statement = self._statements[text] = await self._inner.prepare(text)
            result = await statement.execute(tuple(parameters))
        return result.rows or ()

    async def roll_back(self) -> None:
        """Undo what a text did before the statement that failed."""
        await self.run(b"ROLLBACK")
        self._has_failed = False

    def abort(self) -> None:
        """Let go of the connection at once, whatever state it is in."""
        transport = self._inner._transport
        self._inner.close()
        if transport is not None:
            transport.abort()

    async def close(self) -> None:
        """Say goodbye to the server."""
        if self.is_usable:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1):
                    await self._inner.ensure_closed()
        self.abort()

    @contextlib.asynccontextmanager
    async def _exchange(self, outcomes: Sequence[Outcome], seconds: float) -> AsyncGenerator[None]:
        self._is_busy = True
        try:
            async with asyncio.timeout(seconds):
                yield
        except Exception as error:
            translated = _translate(error, len(outcomes), seconds)
            self._is_busy = translated.is_lost
            self._has_failed = True
            if translated.is_lost:
                self.abort()
            raise translated from error
        except BaseException:
            self.abort()
            raise
        self._is_busy = False

    def _take_outcome(self) -> Outcome:
        result = self._inner._result
        return Outcome(result.affected_rows, result.rows or ())


async def open_connection(entrance: Entrance) -> MysqlConnection:
    """A session that is ready.

    Raises:
        MysqlError: there is none to be had.
    """
    inner: Any = None
    try:
        password = await entrance.get_password()
        async with asyncio.timeout(entrance.connect_seconds):
            connect: Any = asyncmy.connect  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            inner = await connect(
                host=entrance.host,
                port=entrance.port,
                unix_socket=entrance.unix_socket,
                user=entrance.username,
                password=password.encode(),
                database=entrance.database,
                ssl=entrance.context,
                autocommit=None,
                program_name="duologue",
                auth_plugin_map=None if entrance.context else {"mysql_clear_password": _NoClearText},
            )
        connection = MysqlConnection(inner, seconds=entrance.statement_seconds)
        outcomes = await connection.run(_SESSION, seconds=entrance.connect_seconds)
    except AdapterError:
        raise
    except Exception as error:
        if inner is not None:
            inner.close()
        translated = _translate(error, 0, entrance.connect_seconds)
        translated.is_lost = False  # no statement was sent
        raise translated from error
    ((limit, flush),) = outcomes[-1].rows
    connection.packet_limit = int(limit)
    connection.is_durable = int(flush) == 1
    return connection


class _NoClearText:
    """Stands where the driver would send the password as it is, which only TLS makes safe."""

    def __init__(self, connection: object) -> None:
        pass

    def authenticate(self, packet: object) -> None:
        raise MysqlError(
            NO_TLS, "the server asks for the password in clear text, which is sent over TLS only"
        )


def _translate(error: Exception, place: int, seconds: float) -> MysqlError:
    match error:
        case MysqlError():
            return error
        case TimeoutError():
            return MysqlError(LOST, f"no answer within {seconds:g} seconds", place=place)
        case errors.MySQLError(args=(int(code), message)):
            cause = error.__cause__
            if isinstance(cause, ssl.SSLError):
                return MysqlError(NO_TLS, str(cause), place=place)
            if isinstance(cause, TimeoutError):
                return MysqlError(UNREACHABLE, f"no answer within {seconds:g} seconds", place=place)
            return MysqlError(code, str(cause or message), place=place)
        case OSError():
            return MysqlError(UNREACHABLE, str(error), place=place)
        case _:
            # The driver stumbles in many ways over an answer that is not one.
            return MysqlError(LOST, f"the server's answer is not understood: {error!r}", place=place)
