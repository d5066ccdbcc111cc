"""The lock store in Redis keeps the promise of its port, whatever kind of Redis it is."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from duologue.adapters.lock_store.redis import RedisLockStore
from duologue.adapters.lock_store.redis_options import RedisLockStoreOptions
from duologue.testing.contracts.lock_store import LockStoreContract
from tests.peers.valkey import ValkeyCluster, ValkeyPeer, ValkeySentinel, read_test_url


async def open_locks(**options: Any) -> RedisLockStore:
    locks = RedisLockStore(RedisLockStoreOptions(**options))
    await locks.open()
    return locks


class _RedisLockStoreContract(LockStoreContract):
    @pytest.fixture
    async def store(self, options: dict[str, Any]) -> AsyncIterator[RedisLockStore]:
        store = await open_locks(**options)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(self, options: dict[str, Any]) -> AsyncIterator[RedisLockStore]:
        second = await open_locks(**options)
        yield second
        await second.close()


class TestRedisLockStore(_RedisLockStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def options(cls) -> Iterator[dict[str, Any]]:
        if url := read_test_url():
            yield {"url": url}
            return
        with ValkeyPeer() as peer:
            yield {"url": peer.url}


class TestRedisClusterLockStore(_RedisLockStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def options(cls) -> Iterator[dict[str, Any]]:
        with ValkeyCluster() as cluster:
            yield {"deployment_mode": "cluster", "endpoints": cluster.endpoints}


@pytest.mark.slow
class TestRedisSentinelLockStore(_RedisLockStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def options(cls) -> Iterator[dict[str, Any]]:
        with ValkeySentinel() as sentinel:
            yield {"deployment_mode": "sentinel", "endpoints": sentinel.endpoints}
