"""What every lock store promises."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import pytest

from duologue.core.ids import ConversationId
from duologue.ports.lock_store import LockStore

Result = TypeVar("Result")

ANNA = ConversationId("anna")
BEN = ConversationId("ben")
ODD_IDS = ["", "a/b/c", "tab\tand\nline", "Žofie 🦊", "'; DROP TABLE locks; --", "x" * 500]


class LockStoreContract:
    """Derive a class with a fixture `store` that gives a fresh `LockStore`."""

    pytestmark = pytest.mark.asyncio

    async def test_a_conversation_is_held_by_one_at_a_time(self, store: LockStore) -> None:
        inside = 0
        most = 0

        async def take_turn() -> None:
            nonlocal inside, most
            async with store.hold(ANNA):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(take_turn() for _ in range(20)))
        assert most == 1

    async def test_each_hold_of_a_conversation_has_a_higher_number(self, store: LockStore) -> None:
        numbers: list[int] = []
        for _ in range(5):
            async with store.hold(ANNA) as hold:
                numbers.append(hold.fence)
                assert not hold.is_lost
        assert numbers == sorted(set(numbers))

    async def test_waiters_get_the_lock_in_the_order_in_which_they_began_to_wait(
        self, store: LockStore
    ) -> None:
        order: list[int] = []

        async def take_turn(number: int) -> None:
            async with store.hold(ANNA):
                order.append(number)

        async with store.hold(ANNA):
            tasks = [await _start(take_turn(number)) for number in range(10)]
        await asyncio.gather(*tasks)
        assert order == list(range(10))

    async def test_a_newcomer_does_not_overtake_those_who_wait(self, store: LockStore) -> None:
        order: list[str] = []

        async def take_turn(name: str) -> None:
            async with store.hold(ANNA):
                order.append(name)

        async with store.hold(ANNA):
            waiting = await _start(take_turn("waiting"))
        await take_turn("newcomer")
        await waiting
        assert order == ["waiting", "newcomer"]

    async def test_different_conversations_never_wait_for_each_other(self, store: LockStore) -> None:
        async with store.hold(ANNA), asyncio.timeout(10), store.hold(BEN):
            pass

    @pytest.mark.parametrize("name", ODD_IDS)
    async def test_any_text_is_an_id(self, store: LockStore, name: str) -> None:
        async with (
            store.hold(ConversationId(name)),
            asyncio.timeout(10),
            store.hold(ConversationId(name + "x")),
        ):
            pass

    async def test_the_lock_is_free_again_after_an_error_inside(self, store: LockStore) -> None:
        with pytest.raises(ZeroDivisionError):
            async with store.hold(ANNA):
                raise ZeroDivisionError
        async with asyncio.timeout(10), store.hold(ANNA):
            pass

    async def test_a_cancelled_waiter_leaves_the_queue_without_disturbing_the_others(
        self, store: LockStore
    ) -> None:
        order: list[int] = []

        async def take_turn(number: int) -> None:
            async with store.hold(ANNA):
                order.append(number)

        async with store.hold(ANNA):
            tasks = [await _start(take_turn(number)) for number in range(6)]
            for task in (tasks[0], tasks[3], tasks[5]):
                task.cancel()
            await asyncio.sleep(0)
            assert order == []
        await asyncio.gather(*tasks, return_exceptions=True)
        assert order == [1, 2, 4]
        assert [task.cancelled() for task in tasks] == [True, False, False, True, False, True]

    async def test_a_waiter_cancelled_as_the_lock_comes_to_it_passes_it_on(self, store: LockStore) -> None:
        async def take_turn() -> str:
            async with store.hold(ANNA):
                return "done"

        async with store.hold(ANNA):
            first, second = await _start(take_turn()), await _start(take_turn())
        first.cancel()
        async with asyncio.timeout(10):
            assert await second == "done"
        assert first.cancelled()

    async def test_a_holder_that_is_cancelled_lets_go(self, store: LockStore) -> None:
        holds = asyncio.Event()

        async def hold_on() -> None:
            async with store.hold(ANNA):
                holds.set()
                await asyncio.Event().wait()

        task = await _start(hold_on())
        await holds.wait()
        task.cancel()
        async with asyncio.timeout(10), store.hold(ANNA):
            pass
        assert task.cancelled()

    async def test_close_may_be_called_twice(self, store: LockStore) -> None:
        async with store.hold(ANNA):
            pass
        await store.close()
        await store.close()


async def _start(work: Coroutine[object, object, Result]) -> asyncio.Task[Result]:
    """A task that has run up to its first wait."""
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    return task
