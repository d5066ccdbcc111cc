"""What `endpoints.yml` may say about a tracker store in Redis."""

from duologue.adapters.redis_connection_options import RedisConnectionOptions


class RedisTrackerStoreOptions(RedisConnectionOptions, frozen=True, kw_only=True):
    """The keys of a `tracker_store` of the type `redis`."""

    record_exp: float | None = None
    """Seconds after the last append after which a conversation is forgotten; None or 0 for never."""
    wait_for_disk: bool = True
    """An append returns when Redis has it on disk, where Redis can tell."""
    wait_for_replicas: int = 0
    """An append returns when so many replicas have it too."""
