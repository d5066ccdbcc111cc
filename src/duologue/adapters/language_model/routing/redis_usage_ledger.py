"""Usage of a group's models counted in Redis, so that all replicas of a server see the same numbers."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from duologue.adapters.language_model.routing.usage_ledger import MINUTE, LocalUsageLedger, MinuteUsage
from duologue.core.errors import DefinitionError
from duologue.ports.clock import Clock

if TYPE_CHECKING:
    from redis.asyncio import Redis

_PREFIX = "duologue:model_usage"
_KEEP = 2 * MINUTE
_PATIENCE = 0.25
"""Seconds that Redis may take; a turn does not wait for a count."""
_PAUSE = 5.0
"""Seconds during which Redis is not asked after it failed."""

_log = logging.getLogger(__name__)


class RedisUsageLedger:
    """Counts in Redis, and in this process as well: the latter answers while Redis is away."""

    def __init__(self, redis: "Redis", group: str, clock: Clock) -> None:
        self._redis: Any = redis  # Any: the driver types its replies for the blocking client too
        self._group = group
        self._clock = clock
        self._local = LocalUsageLedger(clock)
        self._away_until = 0.0

    async def add(self, model: str, *, requests: int = 0, tokens: int = 0) -> None:
        await self._local.add(model, requests=requests, tokens=tokens)
        pipeline = self._redis.pipeline(transaction=False)
        key = self._key(model)
        pipeline.hincrby(key, "requests", requests)
        pipeline.hincrby(key, "tokens", tokens)
        pipeline.expire(key, _KEEP)
        await self._run(pipeline)

    async def read(self, models: Iterable[str]) -> Mapping[str, MinuteUsage]:
        names = list(models)
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            pipeline.hmget(self._key(name), "requests", "tokens")
        counts = await self._run(pipeline)
        if counts is None:
            return await self._local.read(names)
        return {
            name: MinuteUsage(requests=int(requests or 0), tokens=int(tokens or 0))
            for name, (requests, tokens) in zip(names, counts, strict=True)
        }

    async def close(self) -> None:
        await self._redis.aclose()

    async def _run(self, pipeline: Any) -> list[Any] | None:
        """The replies; None while Redis is away."""
        from redis.exceptions import RedisError

        if self._clock.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                replies = await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = self._clock.monotonic() + _PAUSE
            # The text of the error may hold the address with its password.
            _log.warning(
                "model_usage.redis_away", extra={"group": self._group, "error": type(error).__name__}
            )
            return None
        self._away_until = 0.0
        return replies

    def _key(self, model: str) -> str:
        return f"{_PREFIX}:{self._group}:{model}:{int(self._clock.now() // MINUTE)}"


def open_ledger(group: str, *, options: Mapping[str, object], clock: Clock) -> RedisUsageLedger:
    """A ledger in the Redis of a router's `redis_url`, or `redis_host`, `redis_port` and `redis_password`.

    Raises:
        DefinitionError: redis-py is not installed, or the address cannot be read.
    """
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise DefinitionError(
            'The router of a model group names a Redis, which needs an extra: pip install "duologue[redis]".'
        ) from None
    url = options.get("redis_url")
    password = options.get("redis_password")
    # A turn waits for no count, so nothing is tried twice.
    patience = Retry(NoBackoff(), 0)
    if not url:
        redis = Redis(
            host=str(options.get("redis_host") or "localhost"),
            port=int(str(options.get("redis_port") or 6379)),
            password=str(password) if password else None,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=patience,
        )
        return RedisUsageLedger(redis, group, clock)
    try:
        redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - untyped options in the driver
            str(url), socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=patience
        )
    except ValueError:
        raise DefinitionError(
            f"`redis_url` of the model group {group} is no Redis address; it begins with redis://, rediss:// or"
            " unix://."
        ) from None
    return RedisUsageLedger(redis, group, clock)
