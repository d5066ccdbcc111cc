"""Locks in Redis among several processes, and while Redis is paused, emptied, killed or replaced."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from redis import Redis

from duologue.adapters.lock_store.redis import RedisLockStore
from duologue.adapters.lock_store.redis_options import RedisLockStoreOptions
from duologue.core.errors import StorageRefusedError
from duologue.core.ids import ConversationId
from tests.peers.valkey import ValkeyPeer, ValkeySentinel

OpenLocks = Callable[..., Awaitable[RedisLockStore]]
PATIENCE = 20.0


@pytest.fixture(scope="module")
def peer() -> Iterator[ValkeyPeer]:
    with ValkeyPeer() as peer:
        yield peer


@pytest.fixture
async def open_locks(peer: ValkeyPeer) -> AsyncIterator[OpenLocks]:
    """Opens lock stores, each as a process of its own would have it."""
    async with AsyncExitStack() as stack:

        async def open_one(**options: Any) -> RedisLockStore:
            locks = RedisLockStore(RedisLockStoreOptions(**{"url": peer.url, **options}))
            await locks.open()
            stack.push_async_callback(locks.close)
            return locks

        yield open_one


@pytest.fixture
def anna() -> ConversationId:
    """A conversation that no other test knows."""
    return ConversationId(secrets.token_hex(8))


async def wait_until(is_true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_true():  # noqa: ASYNC110 the world tells nobody
            await asyncio.sleep(0.01)


async def count_tickets(peer: ValkeyPeer, name: str) -> int:
    """How many stand in the queue of a conversation."""

    def count() -> object:
        with Redis(port=peer.port, db=1, protocol=2) as client:
            return client.zcard(f"duologue:lock:queue:{{{name}}}")

    found = await asyncio.to_thread(count)
    assert isinstance(found, int)
    return found


class Journal:
    """Who held the lock, in order, and whether two held it at once."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.fences: list[int] = []
        self.inside = 0
        self.most = 0

    async def take_turn(
        self, locks: RedisLockStore, name: ConversationId, label: str, *, pause: float = 0.0
    ) -> None:
        async with locks.hold(name) as hold:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.order.append(label)
            self.fences.append(hold.fence)
            await asyncio.sleep(pause)
            self.inside -= 1


async def die(locks: RedisLockStore) -> None:
    """End as a process that is killed: nothing is given back."""
    for task in [*locks._tasks, locks._listener]:  # pyright: ignore[reportPrivateUsage]
        assert task is not None
        task.cancel()
    await locks._connection.close()  # pyright: ignore[reportPrivateUsage]


# -------------------------------------------------------------------- several processes


async def test_processes_get_the_lock_in_the_order_in_which_they_asked(
    peer: ValkeyPeer, open_locks: OpenLocks, anna: ConversationId
) -> None:
    stores = [await open_locks() for _ in range(3)]
    journal = Journal()
    async with stores[0].hold(anna):
        tasks: list[asyncio.Task[None]] = []
        for number in range(12):
            tasks.append(asyncio.create_task(journal.take_turn(stores[number % 3], anna, str(number))))
            async with asyncio.timeout(PATIENCE):
                while await count_tickets(peer, anna) != number + 2:  # noqa: ASYNC110 Redis tells nobody
                    await asyncio.sleep(0.005)
    await asyncio.gather(*tasks)
    assert journal.order == [str(number) for number in range(12)]
    assert journal.most == 1


async def test_under_load_nobody_shares_the_lock_and_numbers_grow(
    open_locks: OpenLocks, anna: ConversationId
) -> None:
    stores = [await open_locks() for _ in range(3)]
    journal = Journal()
    async with asyncio.timeout(60):
        await asyncio.gather(*(journal.take_turn(stores[number % 3], anna, "") for number in range(300)))
    assert journal.most == 1
    assert journal.fences == sorted(set(journal.fences))


async def test_a_dead_holders_lock_lapses(open_locks: OpenLocks, anna: ConversationId) -> None:
    dead, alive = await open_locks(lock_lifetime=1.0), await open_locks(lock_lifetime=1.0)
    await dead.hold(anna).__aenter__()
    await die(dead)
    async with asyncio.timeout(PATIENCE), alive.hold(anna) as hold:
        assert not hold.is_lost


async def test_a_dead_waiters_ticket_lapses_before_a_holders_would(
    open_locks: OpenLocks, anna: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duologue.adapters.lock_store.redis._WAITER_LIFETIME", 1.0)
    holder, dead, alive = [await open_locks() for _ in range(3)]
    async with holder.hold(anna):
        asleep = asyncio.create_task(dead.hold(anna).__aenter__())
        await asyncio.sleep(0.1)
        await die(dead)
        journal = Journal()
        waiting = asyncio.create_task(journal.take_turn(alive, anna, "alive"))
        await asyncio.sleep(0.1)
    async with asyncio.timeout(PATIENCE):
        await waiting
    asleep.cancel()
    await asyncio.gather(asleep, return_exceptions=True)


async def test_a_long_turn_keeps_its_lock(open_locks: OpenLocks, anna: ConversationId) -> None:
    one, other = await open_locks(lock_lifetime=0.6), await open_locks(lock_lifetime=0.6)
    journal = Journal()
    async with one.hold(anna) as hold:
        waiting = asyncio.create_task(journal.take_turn(other, anna, "other"))
        await asyncio.sleep(2.0)
        assert journal.order == []
        assert not hold.is_lost
    await waiting
    assert journal.order == ["other"]


async def test_a_holder_learns_that_its_lock_is_gone(
    peer: ValkeyPeer, open_locks: OpenLocks, anna: ConversationId
) -> None:
    locks = await open_locks(lock_lifetime=0.9)
    async with locks.hold(anna) as hold:
        await asyncio.to_thread(peer.flush)
        await wait_until(lambda: hold.is_lost)
    async with locks.hold(anna) as hold:
        assert not hold.is_lost


async def test_a_cancelled_waiter_of_another_process_leaves_the_queue(
    peer: ValkeyPeer, open_locks: OpenLocks, anna: ConversationId
) -> None:
    one, other = await open_locks(), await open_locks()
    journal = Journal()
    async with one.hold(anna):
        leaving = asyncio.create_task(journal.take_turn(other, anna, "leaving"))
        staying = asyncio.create_task(journal.take_turn(one, anna, "staying"))
        await asyncio.sleep(0.1)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    async with asyncio.timeout(5):
        await staying
    assert journal.order == ["staying"]


async def test_closing_hands_over_what_is_held_and_waited_for(
    open_locks: OpenLocks, anna: ConversationId
) -> None:
    closing, other = await open_locks(), await open_locks()
    journal = Journal()
    release = asyncio.Event()

    async def hold_on() -> bool:
        async with closing.hold(anna) as hold:
            await release.wait()
            return hold.is_lost

    holding = asyncio.create_task(hold_on())
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(journal.take_turn(closing, anna, "of the closed"))
    await asyncio.sleep(0.1)
    taking_over = asyncio.create_task(journal.take_turn(other, anna, "other"))
    await asyncio.sleep(0.1)
    assert journal.order == []
    await closing.close()
    async with asyncio.timeout(5):
        await taking_over
    release.set()
    assert await holding
    await waiting


async def test_a_server_that_forgets_its_scripts_learns_them_again(
    peer: ValkeyPeer, open_locks: OpenLocks, anna: ConversationId
) -> None:
    locks = await open_locks()
    await asyncio.to_thread(peer.command, "SCRIPT", "FLUSH")
    journal = Journal()
    await asyncio.gather(*(journal.take_turn(locks, anna, "") for _ in range(5)))
    assert journal.most == 1
    assert not locks._is_away  # pyright: ignore[reportPrivateUsage]


async def test_prefixes_keep_assistants_apart(open_locks: OpenLocks, anna: ConversationId) -> None:
    one, other = await open_locks(key_prefix="one"), await open_locks(key_prefix="two")
    async with one.hold(anna), asyncio.timeout(5), other.hold(anna):
        pass


# -------------------------------------------------------------------- Redis goes wrong


async def test_numbers_grow_across_a_flush(
    peer: ValkeyPeer, open_locks: OpenLocks, anna: ConversationId
) -> None:
    one, other = await open_locks(), await open_locks()
    journal = Journal()
    for locks in (one, other, one, other):
        await journal.take_turn(locks, anna, "")
        await asyncio.to_thread(peer.flush)
    assert journal.fences == sorted(set(journal.fences))


async def test_a_flush_while_turns_run_stops_nobody(
    peer: ValkeyPeer, open_locks: OpenLocks, anna: ConversationId
) -> None:
    one, other = await open_locks(), await open_locks()
    journals = [Journal(), Journal()]
    tasks = [
        asyncio.create_task(
            journals[number % 2].take_turn([one, other][number % 2], anna, str(number), pause=0.02)
        )
        for number in range(40)
    ]
    await asyncio.sleep(0.2)
    await asyncio.to_thread(peer.flush)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*tasks)
    for start, journal in enumerate(journals):
        # Whatever the others do, turns of one process keep their order.
        assert journal.order == [str(number) for number in range(start, 40, 2)]
        assert journal.most == 1


async def test_while_redis_is_paused_turns_go_on_in_this_process_and_later_in_all(
    open_locks: OpenLocks, anna: ConversationId, caplog: pytest.LogCaptureFixture
) -> None:
    with ValkeyPeer() as peer:
        locks = await open_locks(url=peer.url)
        other = await open_locks(url=peer.url)
        journal = Journal()
        await journal.take_turn(locks, anna, "before")
        peer.pause()
        loop = asyncio.get_running_loop()
        begin = loop.time()
        async with asyncio.timeout(5):
            await journal.take_turn(locks, anna, "first")
        # Nobody waits for the time-out again.
        begin = loop.time()
        await asyncio.gather(*(journal.take_turn(locks, anna, str(number)) for number in range(100)))
        assert loop.time() - begin < 0.9
        assert journal.order == ["before", "first", *(str(number) for number in range(100))]
        assert journal.most == 1
        peer.resume()
        await wait_until(lambda: not locks._is_away)  # pyright: ignore[reportPrivateUsage]
        # What was left in Redis meanwhile holds nobody up.
        async with asyncio.timeout(5):
            await journal.take_turn(other, anna, "other")
            await journal.take_turn(locks, anna, "after")
        assert journal.fences == sorted(set(journal.fences))
        lines = [
            record.message for record in caplog.records if record.name == "duologue.adapters.lock_store.redis"
        ]
        assert lines.count("lock_store.redis_back") == lines.count("lock_store.redis_away")
        await locks.close()
        await other.close()


async def test_a_turn_that_began_with_redis_excludes_those_that_begin_without(
    open_locks: OpenLocks, anna: ConversationId
) -> None:
    with ValkeyPeer() as peer:
        locks = await open_locks(url=peer.url)
        journal = Journal()
        async with locks.hold(anna):
            queued = [asyncio.create_task(journal.take_turn(locks, anna, f"queued {n}")) for n in range(3)]
            await asyncio.sleep(0.1)
            peer.kill()
            late = [asyncio.create_task(journal.take_turn(locks, anna, f"late {n}")) for n in range(3)]
            await wait_until(lambda: locks._is_away)  # pyright: ignore[reportPrivateUsage]
            assert journal.order == []
        await asyncio.gather(*queued, *late)
        assert journal.order == [*(f"queued {n}" for n in range(3)), *(f"late {n}" for n in range(3))]
        async with locks.hold(anna):
            peer.start()
            await wait_until(lambda: not locks._is_away)  # pyright: ignore[reportPrivateUsage]
            back = asyncio.create_task(journal.take_turn(locks, anna, "back"))
            await asyncio.sleep(0.1)
            assert "back" not in journal.order
        async with asyncio.timeout(5):
            await back
        assert journal.most == 1
        await locks.close()


async def test_a_turn_that_began_without_redis_holds_the_others_up_when_it_is_back(
    open_locks: OpenLocks, anna: ConversationId
) -> None:
    with ValkeyPeer() as peer:
        locks, other = await open_locks(url=peer.url), await open_locks(url=peer.url)
        peer.kill()
        journal = Journal()
        async with locks.hold(anna):
            peer.start()
            await wait_until(lambda: not locks._is_away and not other._is_away)  # pyright: ignore[reportPrivateUsage]
            await asyncio.sleep(0.2)
            waiting = asyncio.create_task(journal.take_turn(other, anna, "other"))
            await asyncio.sleep(0.3)
            assert journal.order == []
        async with asyncio.timeout(5):
            await waiting
        await locks.close()
        await other.close()


async def test_it_opens_while_redis_is_away_and_finds_it_later(
    open_locks: OpenLocks, anna: ConversationId
) -> None:
    with ValkeyPeer() as peer:
        peer.kill()
        locks = await open_locks(url=peer.url)
        async with asyncio.timeout(1), locks.hold(anna) as hold:
            assert hold.fence > 0
        peer.start()
        await wait_until(lambda: not locks._is_away)  # pyright: ignore[reportPrivateUsage]
        async with locks.hold(anna) as later:
            assert later.fence > hold.fence
        await locks.close()


@pytest.mark.slow
async def test_kill_and_restart_while_turns_run(open_locks: OpenLocks, anna: ConversationId) -> None:
    with ValkeyPeer() as peer:
        stores = [await open_locks(url=peer.url) for _ in range(2)]
        journals = [Journal(), Journal()]
        stop = False

        async def converse(which: int) -> None:
            count = 0
            while not stop:
                count += 1
                await journals[which].take_turn(stores[which], anna, str(count), pause=0.002)

        tasks = [asyncio.create_task(converse(which)) for which in (0, 1) for _ in range(4)]
        for _ in range(2):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(peer.kill)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(peer.start)
            await wait_until(lambda: not any(locks._is_away for locks in stores))  # pyright: ignore[reportPrivateUsage]
        stop = True
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*tasks)
        for journal in journals:
            assert journal.most == 1
            assert journal.order
            assert journal.fences == sorted(set(journal.fences))
        for locks in stores:
            await locks.close()


@pytest.mark.slow
async def test_a_failover_while_turns_run_raises_nothing(open_locks: OpenLocks, anna: ConversationId) -> None:
    with ValkeySentinel() as sentinel:
        options: dict[str, Any] = {"deployment_mode": "sentinel", "endpoints": sentinel.endpoints}
        locks = await open_locks(**options)
        journal = Journal()
        stop = False

        async def converse() -> None:
            while not stop:
                await journal.take_turn(locks, anna, "", pause=0.002)

        tasks = [asyncio.create_task(converse()) for _ in range(4)]
        await asyncio.sleep(0.2)
        await asyncio.to_thread(sentinel.fail_over)
        await wait_until(lambda: not locks._is_away)  # pyright: ignore[reportPrivateUsage]
        before = sentinel.get_master_port()
        # The new master dies in turn, without a farewell.
        new = sentinel.replica if sentinel.replica.port == before else sentinel.master
        await asyncio.to_thread(new.kill)
        await asyncio.to_thread(sentinel.wait_for_new_master, before)
        count = len(journal.order)
        await wait_until(lambda: not locks._is_away and len(journal.order) > count + 20)  # pyright: ignore[reportPrivateUsage]
        stop = True
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*tasks)
        assert journal.most == 1
        await locks.close()


async def test_a_busy_process_does_not_take_redis_for_dead(
    open_locks: OpenLocks, anna: ConversationId, caplog: pytest.LogCaptureFixture
) -> None:
    locks = await open_locks()
    journal = Journal()
    turn = asyncio.create_task(journal.take_turn(locks, anna, ""))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    time.sleep(1.5)  # noqa: ASYNC251 what a greedy action does to everybody in its process
    await turn
    assert "redis_away" not in caplog.text


# -------------------------------------------------------------------- passwords and TLS


async def test_a_wrong_password_is_said_at_the_start(open_locks: OpenLocks, anna: ConversationId) -> None:
    with ValkeyPeer(password="right") as peer:
        locks = await open_locks(url=peer.url, password="right")
        async with locks.hold(anna):
            pass
        await locks.close()
        refused: tuple[tuple[dict[str, Any], str], ...] = (
            ({"password": "wrong-secret"}, "correct"),
            ({}, "set `password`"),
        )
        for options, mend in refused:
            with pytest.raises(StorageRefusedError, match=mend) as caught:
                await open_locks(url=peer.url, **options)
            assert "wrong-secret" not in str(caught.value)
            assert f"127.0.0.1:{peer.port}" in str(caught.value)


async def hold_at_the_server(locks: RedisLockStore, conversation_id: ConversationId) -> None:
    """Take the lock until the server has it; a machine that is busy with other things may need more than one go."""
    async with asyncio.timeout(30):
        while True:
            async with locks.hold(conversation_id):
                if not locks._is_away:  # pyright: ignore[reportPrivateUsage]
                    return
            await asyncio.sleep(0.2)


async def test_tls(
    open_locks: OpenLocks, anna: ConversationId, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "server.key")
    for chain in certificate.cert_chain_pems:
        chain.write_to_path(tmp_path / "server.pem", append=True)
    with ValkeyPeer(tls=tmp_path) as peer:
        trusted: dict[str, Any] = {"use_ssl": True, "ssl_ca_certs": str(tmp_path / "ca.pem")}
        locks = await open_locks(url=f"127.0.0.1:{peer.tls_port}", **trusted)
        await hold_at_the_server(locks, anna)
        await locks.close()
        with pytest.raises(StorageRefusedError, match="ssl_ca_certs"):
            await open_locks(url=f"rediss://127.0.0.1:{peer.tls_port}")
    with ValkeyPeer() as plain:
        locks = await open_locks(url=f"127.0.0.1:{plain.port}", **trusted)
        assert "leave out `use_ssl`" in str([record.__dict__ for record in caplog.records])
        await locks.close()


@pytest.fixture(autouse=True)
def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
