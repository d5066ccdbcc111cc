"""One connection to PostgreSQL, opened as the options say."""

import contextlib
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Protocol

import asyncpg  # pyright: ignore[reportMissingTypeStubs] it has no hints for others

from duologue.adapters.tracker_store.postgresql_options import PostgresqlAddress

# Tables grow while plans are kept: a plan that reads a whole small table, or hashes it, would be slow later on.
_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

REFUSALS: tuple[type[Exception], ...] = (asyncpg.PostgresError, asyncpg.DataError)
"""A statement, or its arguments, are not taken; the connection may be as good as before."""
FAILURES: tuple[type[Exception], ...] = (
    OSError,
    *REFUSALS,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""All that the driver, and the network below it, raise."""

Row = Sequence[Any]
"""`Any`: each column has its own type, which the reader of the row knows."""


class _Connection(Protocol):
    """What we use of the driver's connection. `Any`: the driver has no hints, and its statements are not ours."""

    prepare: Callable[..., Awaitable[Any]]
    fetch: Callable[..., Awaitable[list[Row]]]
    execute: Callable[..., Awaitable[str]]
    close: Callable[..., Awaitable[None]]

    def terminate(self) -> None: ...
    def is_closed(self) -> bool: ...
    def get_server_pid(self) -> int: ...
    def get_settings(self) -> Any: ...


class Session:
    """A connection with the statements it has prepared."""

    def __init__(self, connection: _Connection, *, name: str, timeout: float, is_pooled: bool) -> None:
        self._connection = connection
        self._timeout = timeout
        self._is_pooled = is_pooled
        self._prepared: dict[str, Any] = {}
        self.name = name
        """What the server knows it by."""
        self.pid = None if is_pooled else connection.get_server_pid()
        """Number of the server's process for it, if it can be known."""
        self.used_at = 0.0
        self._is_in_transaction = False

    @property
    def driver(self) -> Any:
        """The driver's own connection, for statements that are not ours."""
        return self._connection

    @property
    def is_open(self) -> bool:
        return not self._connection.is_closed()

    @property
    def is_clean(self) -> bool:
        """Whether it can be used for something else."""
        return self.is_open and not self._is_in_transaction

    @property
    def encoding(self) -> str | None:
        """How the database writes text, if the server says so."""
        return getattr(self._connection.get_settings(), "server_encoding", None)

    async def fetch(self, statement: str, *arguments: object, within: float | None = None) -> list[Row]:
        """Do a statement, prepared when it is done for the first time; one outside `begin` is a transaction."""
        within = within or self._timeout
        if self._is_pooled:
            return await self._connection.fetch(statement, *arguments, timeout=within)
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = await self._connection.prepare(statement, timeout=within)
            self._prepared[statement] = prepared
        return await prepared.fetch(*arguments, timeout=within)

    async def execute(self, script: str, *, within: float | None = None) -> None:
        """Do what has neither arguments nor an answer."""
        await self._connection.execute(script, timeout=within or self._timeout)

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncGenerator[None]:
        """A transaction; after an error in it the session is of no use."""
        self._is_in_transaction = True
        await self.execute("BEGIN")
        yield
        await self.execute("COMMIT")
        self._is_in_transaction = False

    def drop(self) -> None:
        """Break the connection off."""
        self._prepared.clear()
        self._connection.terminate()

    async def close(self) -> None:
        """Say goodbye."""
        self._prepared.clear()
        try:
            await self._connection.close(timeout=1.0)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._connection.terminate()


class SessionOpener:
    """Opens connections to one database."""

    def __init__(self, address: PostgresqlAddress, *, iam_region: str | None = None) -> None:
        self._address = address
        self._password = _find_password(address, iam_region)

    async def open(self, *, database: str | None = None) -> Session:
        """A new connection, to another database of the server if one is named."""
        address = self._address
        name = f"{address.application_name[:40]}-{secrets.token_hex(6)}"
        settings = {"application_name": name, **({} if address.is_pooled else _PLANS)}
        # The driver knows the wishes for TLS in this form only. Its hints are not for others.
        connect: Callable[..., Awaitable[_Connection]] = vars(asyncpg)["connect"]
        connection = await connect(
            f"postgresql://?{address.tls}" if address.tls else None,
            host=list(address.hosts),
            port=list(address.ports),
            user=address.username,
            password=self._password,
            passfile=address.passfile,
            database=database or address.database,
            timeout=address.connect_timeout,
            command_timeout=address.command_timeout,
            statement_cache_size=0 if address.is_pooled else 100,
            max_cached_statement_lifetime=0,
            server_settings=settings,
            target_session_attrs=address.target_session_attrs,
        )
        return Session(connection, name=name, timeout=address.command_timeout, is_pooled=address.is_pooled)


def _find_password(address: PostgresqlAddress, iam_region: str | None) -> Any:
    # `Any`: a text, or a function that fetches a token for each connection.
    if iam_region is None:
        return address.password
    from duologue.adapters.aws_tokens import RdsTokens

    host, port = address.hosts[0], address.ports[0]
    return RdsTokens(host=host, port=port, username=address.username or "postgres", region=iam_region).get
