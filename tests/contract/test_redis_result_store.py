"""Results in Redis keep the promise of their port, whatever kind of Redis it is."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest

from duologue.adapters.result_store.redis import open_store
from duologue.core.errors import StorageRefusedError, StorageUnavailableError
from duologue.ports.result_store import Remembered, ResultStore
from duologue.testing.contracts.result_store import KEEP, LEASE, NOW, ResultStoreContract, begin
from tests.peers.valkey import ValkeyCluster, ValkeyPeer, ValkeySentinel, read_test_url


class _RedisResultStoreContract(ResultStoreContract):
    @pytest.fixture
    def url(self, server: str) -> str:
        """A prefix of its own makes the storage of each test an empty one."""
        return f"{server}{'&' if '?' in server else '?'}key_prefix={secrets.token_hex(8)}"

    @pytest.fixture
    async def store(self, url: str) -> AsyncIterator[ResultStore]:
        store = await open_store(url)
        yield store
        await store.close()

    @pytest.fixture
    async def second_store(self, store: ResultStore, url: str) -> AsyncIterator[ResultStore]:
        second = await open_store(url)
        yield second
        await second.close()


class TestRedisResultStore(_RedisResultStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[str]:
        if url := read_test_url():
            yield url
            return
        with ValkeyPeer(appendonly=True, appendfsync="always") as peer:
            yield peer.url


class TestRedisClusterResultStore(_RedisResultStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[str]:
        with ValkeyCluster() as cluster:
            yield f"redis://?deployment_mode=cluster&endpoints={','.join(cluster.endpoints)}"


@pytest.mark.slow
class TestRedisSentinelResultStore(_RedisResultStoreContract):
    @pytest.fixture(scope="class")
    @classmethod
    def server(cls) -> Iterator[str]:
        with ValkeySentinel() as sentinel:
            yield f"redis://?deployment_mode=sentinel&endpoints={','.join(sentinel.endpoints)}"


async def test_a_redis_that_went_away_and_came_back_has_the_results(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ValkeyPeer(appendonly=True, appendfsync="everysec") as peer:
        store = await open_store(f"{peer.url}?socket_timeout=5")
        await store.finish("a", await begin(store, "a"), b"done", now=NOW, keep=KEEP)
        peer.kill()
        with pytest.raises(StorageUnavailableError, match=r"Redis at 127\.0\.0\.1.* cannot be reached"):
            await store.claim("a", now=NOW, lease=LEASE)
        peer.start()
        assert await store.claim("a", now=NOW, lease=LEASE) == Remembered(result=b"done")
        await store.close()
    assert "result_store.redis_risk" in caplog.messages


async def test_an_address_with_a_value_that_cannot_be_is_refused() -> None:
    with pytest.raises(StorageRefusedError, match="socket_timeout"):
        await open_store("redis://localhost?socket_timeout=soon")
