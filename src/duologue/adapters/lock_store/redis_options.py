"""What `endpoints.yml` may say about a lock store in Redis."""

from duologue.adapters.redis_connection_options import RedisConnectionOptions


class RedisLockStoreOptions(RedisConnectionOptions, frozen=True, kw_only=True):
    """The keys of a `lock_store` of the types `redis` and `concurrent_redis`."""

    db: int = 1
    lock_lifetime: float = 60.0
    """Seconds after which the lock of a process that died is free again."""
