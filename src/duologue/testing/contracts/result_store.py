"""What every result store promises."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import pytest

from duologue.ports.result_store import Begun, Remembered, ResultStore, UnderWay
from duologue.runtime.shared_transaction import TransactionalStore

Count = Callable[[], Awaitable[int]]

NOW = 1_700_000_000.0
LEASE = 10.0
KEEP = 100.0
ODD_KEYS = [
    "",
    "anna/7/2",
    "tab\tand\nline",
    "Žofie 🦊",
    "'; DROP TABLE results; --",
    "nothing\x00more",
    "half\ud83d",
    "x" * 512,
]


class ResultStoreContract:
    """Derive a class with fixtures `store` and `second_store`: two that share what they know, empty at first."""

    pytestmark = pytest.mark.asyncio

    async def test_the_first_call_of_a_key_begins_and_the_next_one_gets_its_result(
        self, store: ResultStore
    ) -> None:
        fence = await begin(store, "a")
        assert await store.finish("a", fence, b"done", now=NOW, keep=KEEP)
        assert await store.claim("a", now=NOW + KEEP - 1, lease=LEASE) == Remembered(result=b"done")

    async def test_a_result_is_kept_byte_by_byte(self, store: ResultStore) -> None:
        result = bytes(range(256)) * 4000
        assert await store.finish("a", await begin(store, "a"), result, now=NOW, keep=KEEP)
        assert await store.claim("a", now=NOW, lease=LEASE) == Remembered(result=result)

    async def test_an_empty_result_is_a_result(self, store: ResultStore) -> None:
        assert await store.finish("a", await begin(store, "a"), b"", now=NOW, keep=KEEP)
        assert await store.claim("a", now=NOW, lease=LEASE) == Remembered(result=b"")

    async def test_a_call_under_way_is_left_to_its_holder_until_the_lease_is_over(
        self, store: ResultStore
    ) -> None:
        first = await begin(store, "a")
        assert await store.claim("a", now=NOW + 9, lease=LEASE) == UnderWay(until=NOW + LEASE)
        assert await begin(store, "a", now=NOW + LEASE) > first

    async def test_a_holder_that_renews_keeps_the_call(self, store: ResultStore) -> None:
        fence = await begin(store, "a")
        assert await store.renew("a", fence, now=NOW + 9, lease=LEASE)
        assert await store.claim("a", now=NOW + 15, lease=LEASE) == UnderWay(until=NOW + 19)

    async def test_a_holder_whose_call_was_taken_over_can_no_longer_decide_it(
        self, store: ResultStore
    ) -> None:
        first = await begin(store, "a")
        second = await begin(store, "a", now=NOW + 11)
        assert not await store.renew("a", first, now=NOW + 12, lease=LEASE)
        assert not await store.finish("a", first, b"first", now=NOW + 12, keep=KEEP)
        await store.release("a", first)
        assert isinstance(await store.claim("a", now=NOW + 12, lease=LEASE), UnderWay)
        assert await store.finish("a", second, b"second", now=NOW + 13, keep=KEEP)
        assert await store.claim("a", now=NOW + 14, lease=LEASE) == Remembered(result=b"second")

    async def test_a_late_holder_may_finish_as_long_as_nobody_took_over(self, store: ResultStore) -> None:
        fence = await begin(store, "a")
        assert await store.finish("a", fence, b"late", now=NOW + 60, keep=KEEP)
        assert await store.claim("a", now=NOW + 61, lease=LEASE) == Remembered(result=b"late")

    async def test_a_released_call_begins_anew_with_a_higher_fence(self, store: ResultStore) -> None:
        first = await begin(store, "a")
        await store.release("a", first)
        second = await begin(store, "a")
        assert second > first
        assert not await store.finish("a", first, b"first", now=NOW, keep=KEEP)

    async def test_a_result_cannot_be_released(self, store: ResultStore) -> None:
        fence = await begin(store, "a")
        await store.finish("a", fence, b"done", now=NOW, keep=KEEP)
        await store.release("a", fence)
        assert await store.claim("a", now=NOW, lease=LEASE) == Remembered(result=b"done")

    async def test_a_result_is_forgotten_when_its_time_is_over(self, store: ResultStore) -> None:
        fence = await begin(store, "a")
        await store.finish("a", fence, b"done", now=NOW, keep=KEEP)
        assert await begin(store, "a", now=NOW + KEEP) > fence

    async def test_deleting_takes_expired_results_and_leaves_the_others(self, store: ResultStore) -> None:
        for name, keep in (("old", 10.0), ("older", 5.0), ("young", 1000.0)):
            await store.finish(name, await begin(store, name), b"done", now=NOW, keep=keep)
        fence = await begin(store, "held", lease=1000.0)
        await store.delete_expired(now=NOW + 20, limit=1)
        await store.delete_expired(now=NOW + 20)
        assert await store.claim("young", now=NOW + 20, lease=LEASE) == Remembered(result=b"done")
        assert await store.finish("held", fence, b"done", now=NOW + 20, keep=KEEP)
        assert isinstance(await store.claim("old", now=NOW + 20, lease=LEASE), Begun)
        assert await store.delete_expired(now=NOW + 20) == 0

    async def test_a_holder_that_seems_dead_may_still_finish_after_a_deletion(
        self, store: ResultStore
    ) -> None:
        fence = await begin(store, "a")
        await store.delete_expired(now=NOW + 60)
        assert await store.finish("a", fence, b"late", now=NOW + 61, keep=KEEP)

    async def test_of_many_callers_at_once_one_begins(
        self, store: ResultStore, second_store: ResultStore
    ) -> None:
        claims = await asyncio.gather(
            *(one.claim("a", now=NOW, lease=LEASE) for one in (store, second_store) for _ in range(20))
        )
        assert sum(isinstance(claim, Begun) for claim in claims) == 1
        assert sum(isinstance(claim, UnderWay) for claim in claims) == 39

    async def test_of_many_that_take_over_at_once_one_begins(
        self, store: ResultStore, second_store: ResultStore
    ) -> None:
        first = await begin(store, "a")
        claims = await asyncio.gather(
            *(one.claim("a", now=NOW + 60, lease=LEASE) for one in (store, second_store) for _ in range(20))
        )
        (fence,) = [claim.fence for claim in claims if isinstance(claim, Begun)]
        assert fence > first

    async def test_what_one_process_remembers_another_one_knows(
        self, store: ResultStore, second_store: ResultStore
    ) -> None:
        fence = await begin(store, "a")
        assert isinstance(await second_store.claim("a", now=NOW, lease=LEASE), UnderWay)
        assert await store.finish("a", fence, b"done", now=NOW, keep=KEEP)
        assert await second_store.claim("a", now=NOW, lease=LEASE) == Remembered(result=b"done")

    async def test_any_text_is_a_key_and_no_two_are_the_same(self, store: ResultStore) -> None:
        keys = [*ODD_KEYS, "Anna/7/2", "anna/7/2 ", "z\u030cofie"]
        for key in keys:
            assert await store.finish(key, await begin(store, key), repr(key).encode(), now=NOW, keep=KEEP)
        for key in keys:
            assert await store.claim(key, now=NOW, lease=LEASE) == Remembered(result=repr(key).encode())

    async def test_what_is_unknown_cannot_be_decided(self, store: ResultStore) -> None:
        assert not await store.renew("a", 1, now=NOW, lease=LEASE)
        assert not await store.finish("a", 1, b"done", now=NOW, keep=KEEP)
        await store.release("a", 1)
        assert isinstance(await store.claim("a", now=NOW, lease=LEASE), Begun)

    async def test_it_is_well_and_may_be_closed_twice(self, store: ResultStore) -> None:
        await store.check_health()
        await store.close()
        await store.close()


class TransactionalResultStore(ResultStore, TransactionalStore, Protocol):
    """A result store whose transactions actions may share."""


class SharedTransactionContract:
    """Derive a class with the same fixtures, and `count`: a function that counts the rows of a table `effects`."""

    pytestmark = pytest.mark.asyncio

    async def test_an_effect_is_committed_with_its_result(
        self, store: TransactionalResultStore, second_store: ResultStore, count: Count
    ) -> None:
        fence = await begin(store, "a")
        transaction = await store.begin_effects("a", fence)
        await have_effect(transaction.connection)
        assert await count() == 0
        assert await transaction.finish(b"done", now=NOW, keep=KEEP)
        assert await count() == 1
        assert await second_store.claim("a", now=NOW, lease=LEASE) == Remembered(result=b"done")

    async def test_a_cancelled_effect_did_not_happen(
        self, store: TransactionalResultStore, count: Count
    ) -> None:
        fence = await begin(store, "a")
        transaction = await store.begin_effects("a", fence)
        await have_effect(transaction.connection)
        await transaction.cancel()
        assert await count() == 0
        assert await store.finish("a", fence, b"done", now=NOW, keep=KEEP)

    async def test_the_effect_of_a_holder_whose_call_was_taken_over_is_undone(
        self, store: TransactionalResultStore, second_store: ResultStore, count: Count
    ) -> None:
        first = await begin(store, "a")
        await begin(second_store, "a", now=NOW + 60)
        transaction = await store.begin_effects("a", first)
        await have_effect(transaction.connection)
        assert not await transaction.finish(b"first", now=NOW + 61, keep=KEEP)
        assert await count() == 0

    async def test_transactions_of_many_calls_all_come_about(
        self, store: TransactionalResultStore, count: Count
    ) -> None:
        async def run(key: str) -> None:
            transaction = await store.begin_effects(key, await begin(store, key))
            await have_effect(transaction.connection)
            assert await transaction.finish(b"done", now=NOW, keep=KEEP)

        await asyncio.gather(*(run(str(number)) for number in range(20)))
        assert await count() == 20


async def have_effect(connection: Any) -> None:
    """Put a row into the table, whatever the driver."""
    done = connection.execute("INSERT INTO effects VALUES (1)")
    if inspect.isawaitable(done):
        await done


async def begin(store: ResultStore, key: str, *, now: float = NOW, lease: float = LEASE) -> int:
    """Claim a key that is free; its fence."""
    claim = await store.claim(key, now=now, lease=lease)
    assert isinstance(claim, Begun), claim
    return claim.fence
