"""Where a Redis is and how it is reached."""

import msgspec


class RedisConnectionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of `endpoints.yml` that the stores in Redis have in common."""

    url: str | None = None
    """A host name, or an address that begins with redis://, rediss:// or unix://."""
    host: str | None = None
    """The same; it comes before `url`."""
    port: int = 6379
    db: int = 0
    username: str | None = None
    password: str | None = None
    use_ssl: bool = False
    ssl_keyfile: str | None = None
    ssl_certfile: str | None = None
    ssl_ca_certs: str | None = None
    socket_timeout: float = 10.0
    """Seconds that any request may take."""
    deployment_mode: str = "standard"
    """`standard`, `cluster` or `sentinel`."""
    endpoints: tuple[str, ...] = ()
    """host:port of some nodes of the cluster, or of the sentinels."""
    sentinel_service: str = "mymaster"
    key_prefix: str | None = None
    iam_region: str | None = None
    """Set if the password is a token of AWS."""
    iam_cluster_name: str | None = None
