"""The tracker store in Redis keeps the promise of its port, whatever kind of Redis it is."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from duologue.adapters.tracker_store.redis import RedisTrackerStore
from duologue.adapters.tracker_store.redis_options import RedisTrackerStoreOptions
from duologue.testing.contracts.tracker_store import TrackerStoreContract
from tests.peers.valkey import ValkeyCluster, ValkeyPeer, ValkeySentinel, read_test_url


class _RedisTrackerStoreContract(TrackerStoreContract):
    @pytest.fixture
    def options(self, server: dict[str, Any]) -> RedisTrackerStoreOptions:
        """A prefix of its own makes the storage of each test an empty one."""
        return RedisTrackerStoreOptions(**server, key_prefix=secrets.token_hex(8))

    @pytest.fixture
    async def store(self, options: RedisTrackerStoreOptions) -> AsyncIterator[RedisTrackerStore]:
        store = await RedisTrackerStore.open(options)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(
        self, store: RedisTrackerStore, options: RedisTrackerStoreOptions
    ) -> AsyncIterator[RedisTrackerStore]:
        second = await RedisTrackerStore.open(options)
        yield second
        await second.close()


class TestRedisTrackerStore(_RedisTrackerStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[dict[str, Any]]:
        if url := read_test_url():
            yield {"url": url}
            return
        with ValkeyPeer(appendonly=True, appendfsync="always") as peer:
            yield {"url": peer.url}


class TestRedisClusterTrackerStore(_RedisTrackerStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[dict[str, Any]]:
        with ValkeyCluster() as cluster:
            yield {"deployment_mode": "cluster", "endpoints": cluster.endpoints}


@pytest.mark.slow
class TestRedisSentinelTrackerStore(_RedisTrackerStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[dict[str, Any]]:
        with ValkeySentinel() as sentinel:
            yield {
                "deployment_mode": "sentinel",
                "endpoints": sentinel.endpoints,
                "wait_for_replicas": 1,
            }
