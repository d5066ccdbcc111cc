"""How a PostgreSQL database is found and entered."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

import msgspec

from duologue.core.errors import StorageRefusedError

DEFAULT_PORT = 5432
DEFAULT_CONNECTIONS = 8
CONNECT_TIMEOUT = 3.0
"""Seconds until a connection has to stand."""
COMMAND_TIMEOUT = 6.0
"""Seconds until a statement has to be done."""

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

_TLS_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_TLS_NAMES = ("sslmode", *_TLS_FILES, "sslpassword", "sslnegotiation")
_QUERY_NAMES = (
    *_TLS_NAMES,
    *("host", "connect_timeout", "command_timeout", "prepared_statement_cache_size", "statement_cache_size"),
    *("target_session_attrs", "application_name", "passfile"),
)


class PostgresqlOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of `endpoints.yml`, completed from the environment."""

    url: str = "localhost"
    """A host, several with commas between, the folder of a socket, or a whole URL such as
    `postgresql://user:password@host:5432/database`."""
    port: int = DEFAULT_PORT
    db: str | None = None
    """None for the one that is called as the user."""
    username: str | None = None
    password: str | None = None
    login_db: str | None = None
    """A database that exists already: enter it first, and create `db` if it is missing."""
    query: dict[str, str | int] = {}
    """What a URL has behind its question mark."""
    schema: str | None = None
    """Where the tables are; None for the first of the user's search path."""
    pool_size: int | None = None
    max_overflow: int | None = None
    ssl_mode: SslMode | None = None
    ssl_root_certificate: str | None = None
    iam_region: str | None = None
    """Enter with a token of AWS for this region instead of a password."""


class PostgresqlAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The same, with every part in its place."""

    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    database: str | None
    username: str | None
    password: str | None
    passfile: str | None
    tls: str
    """What is wished for TLS, as the query of a URL."""
    tls_files: tuple[str, ...]
    """Those of the files that are named in it."""
    connect_timeout: float
    command_timeout: float
    application_name: str
    target_session_attrs: str | None
    is_pooled: bool
    """Something between us and the server gives every transaction another session, as pgbouncer does."""
    connections: int

    @property
    def servers(self) -> str:
        """Where the servers are, for messages."""
        return ",".join(
            host if host.startswith("/") else f"{host}:{port}"
            for host, port in zip(self.hosts, self.ports, strict=True)
        )

    @property
    def where(self) -> str:
        """The database, for messages."""
        name = self.database or (f"of the user {self.username}" if self.username else "of the user")
        return f"PostgreSQL database {name} at {self.servers}"


def find_address(options: PostgresqlOptions) -> PostgresqlAddress:
    """Where the options lead; a part of the URL counts more than the option of that name.

    Raises:
        StorageRefusedError: they contradict each other.
    """
    parts = _split(options.url)
    query = _read_query(parts, options.query)
    tls = _find_tls(options, query)
    hosts, ports = _find_hosts(parts.netloc.rpartition("@")[2], options, query)
    return PostgresqlAddress(
        hosts=hosts,
        ports=ports,
        database=unquote(parts.path.strip("/")) or options.db,
        username=unquote(parts.username or "") or options.username,
        password=unquote(parts.password or "") or options.password,
        passfile=query.get("passfile"),
        tls=urlencode(tls),
        tls_files=tuple(tls[name] for name in _TLS_FILES if name in tls),
        connect_timeout=_read_number(query, "connect_timeout", CONNECT_TIMEOUT) or CONNECT_TIMEOUT,
        command_timeout=_read_number(query, "command_timeout", COMMAND_TIMEOUT) or COMMAND_TIMEOUT,
        application_name=query.get("application_name", "duologue"),
        target_session_attrs=query.get("target_session_attrs", "read-write" if len(hosts) > 1 else None),
        is_pooled=_is_pooled(query),
        connections=_count_connections(options),
    )


def _split(url: str) -> SplitResult:
    if url.startswith("/"):
        return SplitResult(scheme="", netloc=url, path="", query="", fragment="")
    return urlsplit(url if "://" in url else f"//{url}")


def _find_hosts(
    netloc: str, options: PostgresqlOptions, query: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    found: list[tuple[str, int]] = []
    for text in (netloc or query.get("host") or "localhost").split(","):
        # `[::1]:5432`, and `%2Fvar%2Frun` for the folder of a socket
        host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        host = unquote((host if colon else text).strip("[]"))
        if colon and not port.isdecimal():
            raise StorageRefusedError(
                f"The tracker store's `url` names the server `{host}` with `{port}` for a port; write a number there."
            )
        found.append((host or "localhost", int(port) if colon else options.port))
    return tuple(host for host, _ in found), tuple(port for _, port in found)


def _read_query(parts: SplitResult, given: Mapping[str, str | int]) -> dict[str, str]:
    query = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in given.items()}}
    for name in query:
        if name not in _QUERY_NAMES:
            raise StorageRefusedError(
                f"The tracker store's `query` has `{name}`, which a PostgreSQL database is not opened with; it may"
                f" have {', '.join(sorted(_QUERY_NAMES))}."
            )
    return query


def _find_tls(options: PostgresqlOptions, query: Mapping[str, str]) -> dict[str, str]:
    wishes = {name: query[name] for name in _TLS_NAMES if name in query}
    if options.ssl_mode is not None:
        wishes["sslmode"] = options.ssl_mode
    if options.ssl_root_certificate is not None:
        wishes["sslrootcert"] = options.ssl_root_certificate
    if options.iam_region and wishes.get("sslmode") in (None, "disable", "allow", "prefer"):
        wishes["sslmode"] = "require"  # the token is as good as a password
    return wishes


def _is_pooled(query: Mapping[str, str]) -> bool:
    names = ("prepared_statement_cache_size", "statement_cache_size")
    return any(_read_number(query, name, 1.0) == 0 for name in names)


def _read_number(query: Mapping[str, str], name: str, default: float) -> float:
    try:
        number = float(query.get(name, default))
    except ValueError:
        number = -1.0
    if number >= 0:
        return number
    raise StorageRefusedError(
        f"The tracker store's `query` has `{name}: {query[name]}`; it must be a number that is not below 0."
    )


def _count_connections(options: PostgresqlOptions) -> int:
    if options.pool_size is None:
        return DEFAULT_CONNECTIONS
    return max(1, options.pool_size + max(0, options.max_overflow or 0))
