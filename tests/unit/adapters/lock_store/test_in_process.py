"""The locks of one process keep nothing of conversations that nobody is in."""

import asyncio

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.core.ids import ConversationId


def count_entries(store: InProcessLockStore) -> int:
    return len(store._held)


async def test_nothing_is_remembered_of_a_conversation_that_nobody_holds_or_waits_for() -> None:
    store = InProcessLockStore()

    async def take_turn(number: int) -> None:
        async with store.hold(ConversationId(f"c-{number % 7}")):
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(take_turn(number)) for number in range(100)]
    await asyncio.sleep(0)
    assert count_entries(store) == 7
    for task in tasks[::3]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert count_entries(store) == 0


async def test_waiters_that_give_up_do_not_pile_up_behind_a_long_turn() -> None:
    store = InProcessLockStore()
    anna = ConversationId("anna")

    async def wait() -> None:
        async with store.hold(anna):
            raise AssertionError("nobody lets go")

    async with store.hold(anna):
        for _ in range(50):
            task = asyncio.create_task(wait())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert not store._held[anna]
    assert count_entries(store) == 0
