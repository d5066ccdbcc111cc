"""Conversations in Redis while Redis is paused, full, killed, replaced or set up badly, and while we die half-way."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.crc import key_slot

from duologue.adapters.tracker_store.redis import RedisTrackerStore
from duologue.adapters.tracker_store.redis_options import RedisTrackerStoreOptions
from duologue.core.errors import ConflictError, StorageRefusedError, StorageUnavailableError
from duologue.core.events import Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId, UserId
from tests.peers.valkey import ValkeyCluster, ValkeyPeer, ValkeySentinel

OpenStore = Callable[..., Awaitable[RedisTrackerStore]]
ANNA = ConversationId("anna")
BEN = ConversationId("ben")
PATIENCE = 20.0


def slots(*values: object, at: float = 1000.0) -> list[Event]:
    return [SlotWasSet(name="n", value=value, timestamp=at) for value in values]


@pytest.fixture(scope="module")
def peer() -> Iterator[ValkeyPeer]:
    with ValkeyPeer(appendonly=True, appendfsync="always") as peer:
        yield peer


@pytest.fixture
async def open_store(peer: ValkeyPeer) -> AsyncIterator[OpenStore]:
    """Opens stores over the same storage, which is a new one for each test."""
    prefix = secrets.token_hex(8)
    async with AsyncExitStack() as stack:

        async def open_one(**options: Any) -> RedisTrackerStore:
            store = await RedisTrackerStore.open(
                RedisTrackerStoreOptions(**{"url": peer.url, "key_prefix": prefix, **options})
            )
            stack.push_async_callback(store.close)
            return store

        yield open_one


def forget_to_settle(store: RedisTrackerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is like to die after an append and before the indexes know."""
    monkeypatch.setattr(store._index, "settle_later", lambda *_: None)  # pyright: ignore[reportPrivateUsage]


async def keep_appending(
    store: RedisTrackerStore, name: ConversationId, until: asyncio.Event
) -> list[object]:
    """Values that were acknowledged, of one appender who tries again on fresh state."""
    acknowledged: list[object] = []
    number = 0
    while not until.is_set():
        number += 1
        try:
            length = len(await store.load_events(name))
            await store.append(name, slots(number), expected=length)
        except (StorageUnavailableError, ConflictError):
            await asyncio.sleep(0.02)
            continue
        acknowledged.append(number)
    return acknowledged


async def read_values(store: RedisTrackerStore, name: ConversationId) -> list[object]:
    return [event.value for event in await store.load_events(name) if isinstance(event, SlotWasSet)]


async def wait_until_healthy(store: RedisTrackerStore) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await store.check_health()
            except StorageUnavailableError:
                await asyncio.sleep(0.02)
            else:
                return


def assert_is_a_part_in_order(part: list[object], whole: list[object]) -> None:
    rest = iter(whole)
    assert all(value in rest for value in part)
    assert len(set(whole)) == len(whole)


# -------------------------------------------------------------------- we die half-way


async def test_what_was_appended_by_one_who_died_at_once_is_in_every_listing(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying, reader = await open_store(), await open_store()
    forget_to_settle(dying, monkeypatch)
    spoken = UserSpoke(text="hi", message_id="m", user_id="u-1", timestamp=1000.0)
    await dying.append(ANNA, [spoken], expected=0, wake_at=2000.0, publish=True)
    assert [entry.conversation_id for entry in await reader.list_conversations()] == [ANNA]
    assert [entry.conversation_id for entry in await reader.list_conversations(user_id=UserId("u-1"))] == [
        ANNA
    ]
    assert [entry.conversation_id for entry in (await reader.scan_conversations()).conversations] == [ANNA]
    assert await reader.list_due(2000.0) == [ANNA]
    assert [(entry.start, entry.stop) for entry in await reader.list_unpublished()] == [(0, 1)]


async def test_what_was_deleted_or_marked_by_one_who_died_at_once_is_in_no_listing(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying, reader = await open_store(), await open_store()
    await reader.append(ANNA, slots(1), expected=0, wake_at=1.0, publish=True)
    await reader.append(BEN, slots(1), expected=0, wake_at=1.0, publish=True)
    forget_to_settle(dying, monkeypatch)

    async def settle_nothing(entries: object) -> None:
        pass

    monkeypatch.setattr(dying._index, "settle", settle_nothing)  # pyright: ignore[reportPrivateUsage]
    assert await dying.delete(ANNA)
    await dying.mark_published(BEN, 1)
    await dying.append(BEN, slots(2), expected=1, wake_at=None)
    assert [entry.conversation_id for entry in await reader.list_conversations()] == [BEN]
    assert await reader.list_due(5.0) == []
    assert await reader.list_unpublished() == []


async def test_a_hint_without_a_deed_makes_no_conversation(peer: ValkeyPeer, open_store: OpenStore) -> None:
    store = await open_store()
    index = store._index  # pyright: ignore[reportPrivateUsage]
    await asyncio.to_thread(peer.command, "ZADD", index.hints_key, 1, b"token:3:anna")
    assert await store.list_conversations() == []
    assert (await store.scan_conversations()).conversations == ()
    # Nobody needs it any more: it is very old.
    assert await asyncio.to_thread(peer.command, "ZCARD", index.hints_key) == 0


async def test_no_hint_stays_behind(peer: ValkeyPeer, open_store: OpenStore) -> None:
    store = await open_store()
    await store.append(ANNA, slots(1), expected=0)
    with pytest.raises(ConflictError):
        await store.append(ANNA, slots(1), expected=0)
    await store.delete(ANNA)
    await store._index.finish()  # pyright: ignore[reportPrivateUsage]
    prefix = store._root  # pyright: ignore[reportPrivateUsage]
    assert await asyncio.to_thread(peer.command, "KEYS", f"{prefix}*") in (
        [],
        [f"{prefix}{{index}}:probe".encode()],
    )


async def test_an_append_whose_answer_was_lost_may_be_sent_again(open_store: OpenStore) -> None:
    store = await open_store()
    run = store._connection.run  # pyright: ignore[reportPrivateUsage]

    async def run_twice(key: bytes, commands: Any) -> list[Any]:
        await run(key, commands)
        return await run(key, commands)

    store._connection.run = run_twice  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    spoken = UserSpoke(text="hi", message_id="m", timestamp=1000.0)
    await store.append(ANNA, [spoken], expected=0)
    await store.append(ANNA, slots("b"), expected=1)
    assert await store.load_events(ANNA) == [spoken, *slots("b")]
    assert await store.claim_run("job", 5.0)
    assert not await store.claim_run("job", 5.0)


# -------------------------------------------------------------------- Redis goes wrong


async def test_a_frozen_server_is_unavailable_and_then_available_again(open_store: OpenStore) -> None:
    with ValkeyPeer() as peer:
        store = await open_store(url=peer.url, socket_timeout=0.5)
        await store.append(ANNA, slots(1), expected=0)
        peer.pause()
        async with asyncio.timeout(5):
            with pytest.raises(StorageUnavailableError, match="in time"):
                await store.append(ANNA, slots(2), expected=1)
            with pytest.raises(StorageUnavailableError):
                await store.load(ANNA)
            with pytest.raises(StorageUnavailableError):
                await store.check_health()
        peer.resume()
        await wait_until_healthy(store)
        length = len(await store.load_events(ANNA))
        await store.append(ANNA, slots(3), expected=length)
        assert [entry.length for entry in await store.list_conversations()] == [length + 1]
        await store.close()


async def test_a_full_server_says_so(open_store: OpenStore) -> None:
    with ValkeyPeer() as peer:
        store = await open_store(url=peer.url)
        await store.append(ANNA, slots(1), expected=0)
        peer.command("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StorageUnavailableError, match="no memory left"):
            await store.append(ANNA, slots(2), expected=1)
        with pytest.raises(StorageUnavailableError, match="no memory left"):
            await store.check_health()
        assert len(await store.load_events(ANNA)) == 1
        peer.command("CONFIG", "SET", "maxmemory", "0")
        await store.append(ANNA, slots(2), expected=1)
        await store.close()


async def test_a_replica_takes_no_turns(open_store: OpenStore) -> None:
    with (
        ValkeyPeer() as master,
        ValkeyPeer("--replicaof", "127.0.0.1", str(master.port)) as replica,
        pytest.raises(StorageUnavailableError, match="is a replica"),
    ):
        await open_store(url=replica.url)


async def test_crashes_lose_nothing_that_was_acknowledged(open_store: OpenStore) -> None:
    with ValkeyPeer(appendonly=True) as peer:
        store = await open_store(url=peer.url, wait_for_disk=False)
        end = asyncio.Event()
        names = [ConversationId(str(number)) for number in range(4)]
        tasks = [asyncio.create_task(keep_appending(store, name, end)) for name in names]
        for _ in range(3):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(peer.kill)
            await asyncio.to_thread(peer.start)
            await wait_until_healthy(store)
        end.set()
        for name, acknowledged in zip(names, await asyncio.gather(*tasks), strict=True):
            assert len(acknowledged) > 10
            assert_is_a_part_in_order(acknowledged, await read_values(store, name))
        await store.close()


async def test_an_append_waits_for_the_disk(open_store: OpenStore, caplog: pytest.LogCaptureFixture) -> None:
    with ValkeyPeer(appendonly=True) as peer:
        store = await open_store(url=peer.url)
        assert [command[0] for command in store._durability.waits] == ["WAITAOF"]  # pyright: ignore[reportPrivateUsage]
        await store.append(ANNA, slots(1), expected=0)
        # A server that takes over without such a file still takes turns, and somebody is told.
        peer.command("CONFIG", "SET", "appendonly", "no")
        await store.append(ANNA, slots(2), expected=1)
        assert not store._durability.waits  # pyright: ignore[reportPrivateUsage]
        assert "stopped writing to its disk" in read_reasons(caplog)
        await store.close()


async def test_too_few_replicas_fail_a_turn(open_store: OpenStore) -> None:
    store = await open_store(wait_for_replicas=1, socket_timeout=2.0)
    with pytest.raises(StorageUnavailableError, match="1 replicas"):
        await store.append(ANNA, slots(1), expected=0)


@pytest.mark.slow
async def test_a_failover_loses_nothing_that_a_replica_acknowledged(open_store: OpenStore) -> None:
    with ValkeySentinel() as sentinel:
        store = await open_store(
            deployment_mode="sentinel", endpoints=sentinel.endpoints, wait_for_replicas=1, socket_timeout=1.0
        )
        end = asyncio.Event()
        task = asyncio.create_task(keep_appending(store, ANNA, end))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(sentinel.fail_over)
        await wait_until_healthy(store)
        before = len(await read_values(store, ANNA))
        async with asyncio.timeout(PATIENCE):
            while len(await read_values(store, ANNA)) < before + 10:  # noqa: ASYNC110 others append
                await asyncio.sleep(0.05)
        end.set()
        assert_is_a_part_in_order(await task, await read_values(store, ANNA))
        await store.close()


# -------------------------------------------------------------------- clusters


@pytest.mark.slow
async def test_a_part_of_a_cluster_that_is_gone_is_unavailable_until_it_is_back(
    open_store: OpenStore,
) -> None:
    with ValkeyCluster("--appendonly", "yes", "--appendfsync", "always") as cluster:
        store = await open_store(deployment_mode="cluster", endpoints=cluster.endpoints, socket_timeout=2.0)
        names = [ConversationId(f"c-{number}") for number in range(20)]
        for name in names:
            await store.append(name, slots(1), expected=0)
        await asyncio.to_thread(cluster.nodes[0].kill)
        outcomes = await asyncio.gather(
            *(store.append(name, slots(2), expected=1) for name in names), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} >= {StorageUnavailableError}
        await asyncio.to_thread(cluster.nodes[0].start)
        await asyncio.to_thread(cluster.wait_until_whole)
        await wait_until_healthy(store)
        for name in names:
            length = len(await store.load_events(name))
            await store.append(name, slots(3), expected=length)
        assert {entry.conversation_id for entry in await store.list_conversations()} == {*names}
        await store.close()


@pytest.mark.slow
async def test_keys_that_move_to_another_node_are_followed(open_store: OpenStore) -> None:
    with ValkeyCluster() as cluster:
        store = await open_store(deployment_mode="cluster", endpoints=cluster.endpoints)
        keys = store._make_keys(ANNA)  # pyright: ignore[reportPrivateUsage]
        slot = key_slot(keys[0])
        owner = next(
            node for node, last in zip(cluster.nodes, (5460, 10922, 16383), strict=True) if slot <= last
        )
        taker = next(node for node in cluster.nodes if node is not owner)
        owner_id, taker_id = owner.command("CLUSTER", "MYID"), taker.command("CLUSTER", "MYID")
        await store.append(ANNA, slots(1), expected=0)
        taker.command("CLUSTER", "SETSLOT", slot, "IMPORTING", owner_id)
        owner.command("CLUSTER", "SETSLOT", slot, "MIGRATING", taker_id)
        await store.append(ANNA, slots(2), expected=1)
        for key in keys:
            owner.command("MIGRATE", "127.0.0.1", taker.port, key, 0, 1000)
        # The old owner sends us to the new one, for this once.
        assert await read_values(store, ANNA) == [1, 2]
        # No node has all keys of a conversation that does not exist yet, so it waits until the move is over.
        newcomer = ConversationId(next(str(n) for n in range(10**6) if key_slot(f"{{{n}}}".encode()) == slot))
        beginning = asyncio.create_task(store.append(newcomer, slots(1), expected=0))
        await asyncio.sleep(0.2)
        assert not beginning.done()
        for node in (taker, owner):
            node.command("CLUSTER", "SETSLOT", slot, "NODE", taker_id)
        await beginning
        await store.append(ANNA, slots(3), expected=2)
        assert await read_values(store, ANNA) == [1, 2, 3]
        assert {entry.length for entry in await store.list_conversations()} == {1, 3}
        await store.close()


# -------------------------------------------------------------------- expiry and neighbours


async def test_a_conversation_expires_after_its_last_append(peer: ValkeyPeer, open_store: OpenStore) -> None:
    store = await open_store(record_exp=0.3)
    await store.append(
        ANNA, [UserSpoke(text="hi", message_id="m", user_id="u")], expected=0, wake_at=1.0, publish=True
    )
    assert len(await store.list_conversations()) == 1
    async with asyncio.timeout(PATIENCE):
        while await store.load(ANNA) is not None:  # noqa: ASYNC110 time passes in Redis
            await asyncio.sleep(0.05)
    assert await store.list_due(5.0) == []
    assert await store.list_unpublished() == []
    assert await store.list_conversations() == []
    assert await store.list_conversations(user_id=UserId("u")) == []
    await store.append(ANNA, [UserSpoke(text="hi", message_id="m")], expected=0)
    stored = await store.load(ANNA, message_id=MessageId("m"))
    assert stored is not None
    assert stored.message_at == 0


async def test_what_others_keep_in_the_same_database_is_left_alone(
    peer: ValkeyPeer, open_store: OpenStore
) -> None:
    store = await open_store(key_prefix=None)
    peer.command("SET", "tracker:anna", "not ours")
    await store.append(ANNA, slots(1), expected=0)
    assert await store.delete(ANNA)
    assert peer.command("GET", "tracker:anna") == b"not ours"
    ours = [key for key in peer.command("KEYS", "*") if key != b"tracker:anna"]
    assert all(key.startswith(b"duologue:") for key in ours)


# -------------------------------------------------------------------- passwords


async def test_sentinels_may_have_the_password_of_the_servers(open_store: OpenStore) -> None:
    with ValkeySentinel(password="secret") as sentinel:
        store = await open_store(deployment_mode="sentinel", endpoints=sentinel.endpoints, password="secret")
        await store.append(ANNA, slots(1), expected=0)
        await store.close()


async def test_an_identity_of_aws_signs_in_with_a_token(
    peer: ValkeyPeer, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    # A user who is let in with any password: the token is a signature of the moment.
    peer.command("ACL", "SETUSER", "assistant", "on", "nopass", "~*", "&*", "+@all")
    store = await open_store(username="assistant", iam_region="eu-west-1", iam_cluster_name="locks")
    await store.append(ANNA, slots(1), expected=0)
    users = str(await asyncio.to_thread(peer.command, "CLIENT", "LIST"))
    assert "user=assistant" in users or "'user': 'assistant'" in users


# -------------------------------------------------------------------- set up badly


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        ({"db": 99}, "`db`"),
        ({"password": "wrong-secret"}, "leave out `password`"),
        ({"deployment_mode": "cluster"}, "leave out `deployment_mode: cluster`"),
        ({"deployment_mode": "ring"}, "standard, cluster, sentinel"),
        ({"deployment_mode": "sentinel"}, "endpoints"),
        ({"key_prefix": "a b"}, "letters, digits"),
        ({"url": "http://127.0.0.1"}, "redis://"),
    ],
)
async def test_a_store_that_refuses_us_says_how_to_mend_it(
    open_store: OpenStore, options: dict[str, Any], mend: str
) -> None:
    with pytest.raises(StorageRefusedError) as caught:
        await open_store(**options)
    assert mend in str(caught.value)
    assert "wrong-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_cluster_that_is_not_named_as_one_says_so(open_store: OpenStore) -> None:
    outcomes: list[object] = []
    with ValkeyCluster() as cluster:
        # Two of the three nodes do not have the key that is asked for; the third may be told later.
        for endpoint in cluster.endpoints:
            outcomes += await asyncio.gather(open_store(url=f"redis://{endpoint}"), return_exceptions=True)
        refusals = [outcome for outcome in outcomes if isinstance(outcome, StorageRefusedError)]
        assert len(refusals) == 2
        assert all("`deployment_mode: cluster`" in str(refusal) for refusal in refusals)


async def test_a_server_that_is_not_there_is_unavailable(open_store: OpenStore) -> None:
    with ValkeyPeer() as peer:
        peer.kill()
        with pytest.raises(StorageUnavailableError, match="cannot be reached"):
            await open_store(url=peer.url)


async def test_what_could_be_lost_is_said_at_the_start(
    open_store: OpenStore, caplog: pytest.LogCaptureFixture
) -> None:
    with ValkeyPeer("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru") as peer:
        store = await open_store(url=peer.url)
        reasons = read_reasons(caplog)
        assert "`appendonly yes`" in reasons
        assert "`maxmemory-policy noeviction`" in reasons
        await store.close()
        peer.command("ACL", "SETUSER", "modest", "on", ">pass", "~*", "&*", "+@all", "-config")
        caplog.clear()
        store = await open_store(url=peer.url, username="modest", password="pass")
        assert read_reasons(caplog) == ""
        await store.append(ANNA, slots(1), expected=0)
        await store.close()


async def test_nothing_is_said_of_a_server_that_keeps_everything(
    open_store: OpenStore, caplog: pytest.LogCaptureFixture
) -> None:
    await open_store()
    assert read_reasons(caplog) == ""


def read_reasons(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(
        str(record.__dict__["reason"])
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith("duologue.adapters.tracker_store")
    )
