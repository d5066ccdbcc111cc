"""How to open a connection to Redis: address, TLS, passwords and tokens."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from duologue.adapters.redis_connection_options import RedisConnectionOptions
from duologue.core.errors import DefinitionError, StorageRefusedError

Address: TypeAlias = tuple[str, int]


class ConnectionSettings:
    """How connections are made."""

    def __init__(
        self,
        kind: Callable[..., Any],
        options: Mapping[str, Any],
        *,
        address: Address,
        seeds: Sequence[Address],
        is_tls: bool,
    ) -> None:
        self._kind = kind
        self._options = options
        self.address = address
        self.db = int(options["db"] or 0)
        self.seeds = seeds
        """Nodes of the cluster, or sentinels, to begin with."""
        self.is_tls = is_tls

    def make(self, address: Address, *, without: Collection[str] = ()) -> Any:
        """A connection that is not open yet, some options left out."""
        options = {name: value for name, value in self._options.items() if name not in without}
        if "path" in options:
            return self._kind(**options)
        host, port = address
        return self._kind(host=host, port=port, **options)


def read_connection_settings(options: RedisConnectionOptions) -> ConnectionSettings:
    """How to connect with what the options say.

    Raises:
        DefinitionError: they do not fit together, or the driver is not installed.
    """
    try:
        from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise DefinitionError('A store in Redis needs an extra: pip install "duologue[redis]".') from None
    modes = ("standard", "cluster", "sentinel")
    if options.deployment_mode not in modes:
        raise StorageRefusedError(
            f"`deployment_mode: {options.deployment_mode}` is none that Redis knows; choose one of {', '.join(modes)}."
        )
    if options.deployment_mode == "sentinel" and not options.endpoints:
        raise StorageRefusedError(
            "`deployment_mode: sentinel` needs `endpoints`, the list of sentinels as host:port."
        )
    place = _read_place(options)
    # Time-outs are ours: one for a whole request, however many replies it has.
    settings: dict[str, Any] = {
        "db": 0 if options.deployment_mode == "cluster" else place.pop("db", options.db),
        "username": options.username or place.pop("username", None),
        "password": options.password or place.pop("password", None),
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "socket_keepalive": True,
        "protocol": 2,
        "retry": Retry(NoBackoff(), 0),
    }
    for name in ("db", "username", "password"):
        place.pop(name, None)
    if options.iam_region and options.iam_cluster_name:
        settings["credential_provider"] = _make_token_source(
            options, options.iam_cluster_name, options.iam_region
        )
        del settings["username"], settings["password"]
    is_tls = place.pop("is_tls", False) or options.use_ssl
    address = (place.pop("host", "localhost"), place.pop("port", options.port))
    if "path" in place:
        kind: Callable[..., Any] = UnixDomainSocketConnection
        settings.pop("socket_keepalive")
    elif is_tls:
        kind = SSLConnection
        settings |= {
            "ssl_keyfile": options.ssl_keyfile,
            "ssl_certfile": options.ssl_certfile,
            "ssl_ca_certs": options.ssl_ca_certs,
        }
    else:
        kind = Connection
    settings |= place
    seeds = [_read_address(endpoint, options.port) for endpoint in options.endpoints] or [address]
    return ConnectionSettings(kind, settings, address=address, seeds=seeds, is_tls=is_tls)


def _read_place(options: RedisConnectionOptions) -> dict[str, Any]:
    """What a host name or an address says."""
    text = options.host or options.url or "localhost"
    if "://" not in text:
        return dict(zip(("host", "port"), _read_address(text, options.port), strict=True))
    from redis.asyncio.connection import parse_url

    try:
        place: dict[str, Any] = dict(parse_url(text))
    except ValueError:
        raise StorageRefusedError(
            "The address of Redis cannot be read; it is a host name, or begins with redis://, rediss:// or unix://."
        ) from None
    for name in ("connection_class", "max_connections", "timeout"):  # not about one connection
        place.pop(name, None)
    if text.startswith("rediss://"):
        place["is_tls"] = True
    return place


def _read_address(text: str, port: int) -> Address:
    """host, host:port, [IPv6]:port or an address with a scheme."""
    if "://" in text:
        parts = urlsplit(text)
        return parts.hostname or "localhost", parts.port or port
    host, colon, number = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return text, port
    if not number.isdigit():
        raise StorageRefusedError(f"`{text}` is no address of a Redis; write host:port.")
    return host.strip("[]"), int(number)


def _make_token_source(options: RedisConnectionOptions, cluster_name: str, region: str) -> Any:
    from redis.credentials import CredentialProvider

    from duologue.adapters.aws_tokens import ElastiCacheTokens

    username = options.username or "default"
    tokens = ElastiCacheTokens(cluster_name=cluster_name, username=username, region=region)

    class TokenSource(CredentialProvider):
        def get_credentials(self) -> tuple[str, str]:
            raise RuntimeError("tokens are fetched in the event loop")

        async def get_credentials_async(self) -> tuple[str, str]:
            return username, await tokens.get()

    return TokenSource()
