"""Results in Redis or Valkey: one server, a master behind sentinels, or a cluster. Redis deletes them by itself."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

from duologue.adapters.redis_connection import RedisConnection
from duologue.adapters.redis_keys import make_key, make_root
from duologue.adapters.redis_node import Command, Reply
from duologue.adapters.result_store.redis_options import read_redis_address
from duologue.adapters.result_store.redis_scripts import CLAIM, FINISH, RELEASE, RENEW, SCRIPTS
from duologue.adapters.tracker_store.begun_work import BegunWork
from duologue.adapters.tracker_store.redis_durability import Durability
from duologue.adapters.tracker_store.redis_options import RedisTrackerStoreOptions
from duologue.core.errors import DuologueError
from duologue.ports.result_store import Begun, Claim, Remembered, ResultStore, UnderWay

_AFTERLIFE = 3600.0
"""Seconds that a call without a result stays after its lease, for a holder that is slow and not dead."""


class RedisResultStore:
    """A result store in Redis; made by `open`."""

    def __init__(self, options: RedisTrackerStoreOptions) -> None:
        self._connection = RedisConnection(options, timeout=options.socket_timeout, scripts=SCRIPTS)
        self._root = make_root(options.key_prefix)
        self._durability = Durability(
            options, self._connection.where, port="result_store", things="results", changes="results"
        )
        self._work = BegunWork()
        self._probe_key = f"{self._root}{{result}}:probe".encode()

    @classmethod
    async def open(cls, options: RedisTrackerStoreOptions) -> "RedisResultStore":
        """The store in a Redis that can be written to.

        Raises:
            StorageUnavailableError: it cannot be reached, or not be written to now.
            StorageRefusedError: it refuses us.
        """
        store = cls(options)
        try:
            await store.check_health()
            async with store._busy():
                await store._durability.examine(store._connection, store._probe_key)
        except BaseException:
            await store._connection.close()
            raise
        return store

    async def claim(self, key: str, *, now: float, lease: float) -> Claim:
        name, milliseconds = self._name(key), _to_milliseconds(lease + _AFTERLIFE)
        claim = CLAIM.call([name], repr(now), repr(now + lease), secrets.token_hex(8), milliseconds)
        state, value = await self._change(name, claim)
        match state:
            case 0:
                return UnderWay(until=float(value))
            case 1:
                return Begun(fence=int(value))
            case _:
                return Remembered(result=value)

    async def renew(self, key: str, fence: int, *, now: float, lease: float) -> bool:
        name = self._name(key)
        renewal = RENEW.call([name], fence, repr(now + lease), _to_milliseconds(lease + _AFTERLIFE))
        return bool(await self._change(name, renewal))

    async def finish(self, key: str, fence: int, result: bytes, *, now: float, keep: float) -> bool:
        name = self._name(key)
        end = FINISH.call([name], fence, repr(now + keep), _to_milliseconds(keep), result)
        return bool(await self._change(name, end, is_durable=True))

    async def release(self, key: str, fence: int) -> None:
        name = self._name(key)
        await self._change(name, RELEASE.call([name], fence))

    async def delete_expired(self, *, now: float, limit: int = 1000) -> int:
        return 0

    async def check_health(self) -> None:
        async with self._busy():
            await self._connection.check_writable(self._probe_key)

    async def close(self) -> None:
        await self._work.finish()
        await self._connection.close()

    async def _change(self, key: bytes, change: Command, *, is_durable: bool = False) -> Reply:
        waits: Sequence[Command] = self._durability.waits if is_durable else ()
        async with self._busy():
            reply, *answers = await self._connection.run(key, [change, *waits])
            if isinstance(reply, Exception):
                raise reply
            self._durability.check(waits, answers)
        return reply

    def _name(self, key: str) -> bytes:
        return make_key(self._root, "result", quote(key, safe="/:-_.", errors="surrogatepass"))

    @asynccontextmanager
    async def _busy(self) -> AsyncGenerator[None]:
        """Closing waits for what is done inside, and what Redis complains about becomes an error of ours."""
        from redis.exceptions import RedisError

        with self._work.one_more():
            try:
                yield
            except DuologueError:
                raise
            except (RedisError, OSError, TimeoutError) as error:
                raise self._connection.describe(error) from None


def _to_milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))


async def open_store(url: str) -> ResultStore:
    """The store at an address that begins with redis://, rediss:// or unix://.

    Raises:
        StorageUnavailableError: it cannot be reached, or not be written to now.
        StorageRefusedError: it refuses us, or the address cannot be read.
    """
    return await RedisResultStore.open(read_redis_address(url))
