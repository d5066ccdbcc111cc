"""Connections that read the tables of a Rasa project: SQLite, PostgreSQL, MySQL and MariaDB."""

import asyncio
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from duologue.adapters.conversation_source.rasa_sql import RasaSqlSource, Row
from duologue.core.errors import AdapterError
from duologue.ports.conversation_source import ConversationSource

TIMEOUT = 60.0
"""Seconds that one query may take."""
CONNECT_TIMEOUT = 10.0


class SqlServer(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the database of a Rasa project."""

    host: str = "localhost"
    port: int | None = None
    database: str = "rasa.db"
    username: str | None = None
    password: str | None = None
    schema: str | None = None
    """Of PostgreSQL; the user's own search path without it."""
    ssl_mode: str | None = None
    ssl_root_certificate: str | None = None

    @property
    def shown(self) -> str:
        """Where it is, for messages."""
        return f"{self.host}:{self.port}/{self.database}" if self.port else f"{self.host}/{self.database}"


class _SqliteReader:
    """A file, opened so that it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False
        # Not the event loop's: a read that was cancelled goes on in its thread.
        self._door = threading.Lock()

    def mark(self, place: int) -> str:
        return f"?{place}"

    def name_table(self, table: str) -> str:
        return table

    async def fetch(self, query: str, *parameters: object) -> Sequence[Row]:
        return await asyncio.to_thread(self._fetch, query, parameters)

    async def has_table(self, table: str) -> bool:
        return bool(await self.fetch("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", table))

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._door:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _fetch(self, query: str, parameters: Sequence[Any]) -> list[Row]:
        with self._door:
            if self._is_closed:  # a read that nobody waits for any more may begin late
                raise AdapterError(f"The file {self._path} is closed.", port="conversation_source")
            return self._ask(query, parameters)

    def _ask(self, query: str, parameters: Sequence[Any]) -> list[Row]:
        try:
            if self._connection is None:
                address = f"file:{quote(str(self._path.absolute()))}?mode=ro"
                self._connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=5.0)
                # A text that is not UTF-8 must not stop the import.
                self._connection.text_factory = _read_text
            return self._connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            is_passing = "locked" in str(error) or "busy" in str(error)
            raise _explain(error, str(self._path), is_retryable=is_passing) from error


def _read_text(text: bytes) -> str:
    return text.decode("utf-8", "replace")


class _PostgresqlReader:
    def __init__(self, server: SqlServer) -> None:
        self._server = server
        self._connection: Any = None  # `Any`: asyncpg has no types of its own
        self._door = asyncio.Lock()

    def mark(self, place: int) -> str:
        return f"${place}"

    def name_table(self, table: str) -> str:
        schema = self._server.schema
        return f'"{schema.replace(chr(34), chr(34) * 2)}".{table}' if schema else table

    async def fetch(self, query: str, *parameters: object) -> Sequence[Row]:
        import asyncpg  # pyright: ignore[reportMissingTypeStubs]

        async with self._door:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._connect()
                connection: Any = self._connection
                return await connection.fetch(query, *parameters, timeout=TIMEOUT)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                is_passing = isinstance(
                    error, OSError | TimeoutError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError
                )
                raise _explain(error, self._server.shown, is_retryable=is_passing) from error

    async def has_table(self, table: str) -> bool:
        rows = await self.fetch("SELECT to_regclass($1) IS NOT NULL", self.name_table(table))
        return bool(rows[0][0])

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _connect(self) -> Any:
        import asyncpg  # pyright: ignore[reportMissingTypeStubs]

        server = self._server
        driver: Any = asyncpg
        return await driver.connect(
            host=server.host,
            port=server.port or 5432,
            user=server.username,
            password=server.password,
            database=server.database,
            ssl=_make_tls(server) or server.ssl_mode,
            timeout=CONNECT_TIMEOUT,
            server_settings={
                "application_name": "duologue import",
                "default_transaction_read_only": "on",
            },
        )


class _MysqlReader:
    def __init__(self, server: SqlServer) -> None:
        self._server = server
        self._connection: Any = None  # `Any`: asyncmy has no types of its own
        self._door = asyncio.Lock()

    def mark(self, place: int) -> str:
        return "%s"

    def name_table(self, table: str) -> str:
        return table

    async def fetch(self, query: str, *parameters: object) -> Sequence[Row]:
        from asyncmy.errors import Error, InterfaceError, OperationalError

        async with self._door:
            try:
                async with asyncio.timeout(TIMEOUT):
                    return await self._fetch(query, parameters)
            except (OSError, Error, TimeoutError) as error:
                await self._disconnect()
                is_passing = isinstance(error, OSError | TimeoutError | OperationalError | InterfaceError)
                raise _explain(error, self._server.shown, is_retryable=is_passing) from error

    async def has_table(self, table: str) -> bool:
        return bool(
            await self.fetch(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s",
                table,
            )
        )

    async def close(self) -> None:
        await self._disconnect()

    async def _fetch(self, query: str, parameters: Sequence[object]) -> Sequence[Row]:
        if self._connection is None:
            self._connection = await self._connect()
        async with self._connection.cursor() as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()

    async def _connect(self) -> Any:
        import asyncmy

        server = self._server
        driver: Any = asyncmy
        connection = await driver.connect(
            host=server.host,
            port=server.port or 3306,
            user=server.username or "root",
            password=server.password or "",
            db=server.database,
            charset="utf8mb4",
            ssl=_make_tls(server),
            connect_timeout=int(CONNECT_TIMEOUT),
            autocommit=True,
        )
        async with connection.cursor() as cursor:
            await cursor.execute("SET SESSION TRANSACTION READ ONLY")
        return connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _make_tls(server: SqlServer) -> Any:  # `Any`: an `ssl.SSLContext`, whose module is loaded on use
    """The context of a connection that checks the server's certificate; None if it need not."""
    if server.ssl_mode not in {"verify-ca", "verify-full"}:
        return None
    import ssl

    context = ssl.create_default_context(cafile=server.ssl_root_certificate)
    context.check_hostname = server.ssl_mode == "verify-full"
    return context


def _explain(error: Exception, place: str, *, is_retryable: bool) -> AdapterError:
    # Drivers of MySQL give a number and a text.
    said = error.args[1] if len(error.args) > 1 and isinstance(error.args[0], int) else error
    text = str(said).strip() or type(error).__name__
    hint = " Is it the database of the Rasa project?" if "events" in text else ""
    return AdapterError(
        f"The conversations in {place} cannot be read: {text.rstrip('.')}.{hint}",
        port="conversation_source",
        is_retryable=is_retryable,
    )


def open_sqlite(path: Path) -> ConversationSource:
    """The conversations in a SQLite file."""
    return RasaSqlSource(_SqliteReader(path))


_SERVERS: Mapping[str, type[_PostgresqlReader] | type[_MysqlReader]] = {
    "postgresql": _PostgresqlReader,
    "postgres": _PostgresqlReader,
    "mysql": _MysqlReader,
    "mariadb": _MysqlReader,
}
DIALECTS = frozenset(_SERVERS)


def open_server(dialect: str, server: SqlServer) -> ConversationSource:
    """The conversations in the database of a server; `dialect` is one of `DIALECTS`."""
    return RasaSqlSource(_SERVERS[dialect](server))
