"""How a MySQL or MariaDB database is found and entered."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from duologue.core.errors import StorageRefusedError

DEFAULT_PORT = 3306

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

_QUERY_NAMES = ("charset", "ssl_ca", "ssl_cert", "ssl_key", "unix_socket")


class MysqlOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of `endpoints.yml`, completed from the environment."""

    url: str = "localhost"
    """A host, one with its port, or a whole URL such as `mysql://user:password@host:3306/database`."""
    port: int = DEFAULT_PORT
    db: str = "rasa"
    username: str | None = None
    password: str | None = None
    query: dict[str, str] = {}
    """What an SQLAlchemy URL has behind its question mark."""
    pool_size: int | None = None
    max_overflow: int | None = None
    ssl_mode: SslMode = "prefer"
    ssl_root_certificate: str | None = None
    iam_region: str | None = None
    """Enter with a token of AWS for this region instead of a password."""


class MysqlAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The same, with every part in its place."""

    host: str
    port: int
    database: str
    username: str
    password: str
    unix_socket: str | None
    ssl_mode: SslMode
    root_certificate: str | None
    client_certificate: str | None
    client_key: str | None

    @property
    def server(self) -> str:
        """Where the server is, for messages."""
        return self.unix_socket or f"{self.host}:{self.port}"

    @property
    def where(self) -> str:
        """The database, for messages."""
        return f"MySQL database {self.database} at {self.server}"


def find_address(options: MysqlOptions) -> MysqlAddress:
    """Where the options lead.

    Raises:
        StorageRefusedError: they contradict each other or say too little.
    """
    parts = _split(options.url)
    query = _read_query(parts, options.query)
    ssl_mode = options.ssl_mode
    if options.iam_region and ssl_mode in ("disable", "allow", "prefer"):
        ssl_mode = "require"  # the token travels as it is
    return MysqlAddress(
        host=parts.hostname or "localhost",
        port=_find_port(parts, options),
        database=unquote(parts.path.strip("/")) or options.db,
        username=unquote(parts.username or "") or options.username or "root",
        password=unquote(parts.password or "") or options.password or "",
        unix_socket=query.get("unix_socket"),
        ssl_mode="verify-ca" if ssl_mode == "require" and query.get("ssl_ca") else ssl_mode,
        root_certificate=options.ssl_root_certificate or query.get("ssl_ca"),
        client_certificate=query.get("ssl_cert"),
        client_key=query.get("ssl_key"),
    )


def _split(url: str) -> SplitResult:
    return urlsplit(url if "://" in url else f"//{url}")


def _find_port(parts: SplitResult, options: MysqlOptions) -> int:
    try:
        return parts.port or options.port
    except ValueError:
        raise StorageRefusedError(
            f"The tracker store's `url` has no usable port; write `url: {parts.hostname or 'host'}` and `port: 3306`."
        ) from None


def _read_query(parts: SplitResult, given: Mapping[str, str]) -> dict[str, str]:
    query = {**dict(parse_qsl(parts.query)), **given}
    for name in query:
        if name not in _QUERY_NAMES:
            raise StorageRefusedError(
                f"The tracker store's `query` has `{name}`, which a MySQL database is not opened with;"
                f" it may have {', '.join(_QUERY_NAMES)}, and TLS is chosen with SQL_TRACKER_STORE_SSL_MODE."
            )
    return query
