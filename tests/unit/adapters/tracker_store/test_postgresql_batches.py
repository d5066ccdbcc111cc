"""How work for the database is put into batches."""

import asyncio
from collections.abc import Sequence

import pytest

from duologue.adapters.tracker_store.postgresql_batches import MAX_BATCH, BatchQueue
from duologue.core.errors import ConflictError, StorageUnavailableError


class Desk:
    """Does batches when it is told to, and remembers them."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._arrivals: asyncio.Queue[None] = asyncio.Queue()

    async def do(self, works: Sequence[str]) -> Sequence[object]:
        self.batches.append(list(works))
        self._arrivals.put_nowait(None)
        await self.gate.wait()
        if "away" in works:
            raise StorageUnavailableError("Away.")
        return [ConflictError("Odd.") if work == "odd" else work.upper() for work in works]

    async def wait_for_batch(self) -> None:
        """Return when one more batch has begun."""
        await self._arrivals.get()


async def test_what_comes_together_is_done_together() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do)
    assert await asyncio.gather(*(queue.do(work) for work in "abc")) == ["A", "B", "C"]
    assert desk.batches == [["a", "b", "c"]]


async def test_what_comes_meanwhile_waits_and_is_done_together_too() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do)
    desk.gate.clear()
    first = asyncio.create_task(queue.do("a"))
    await desk.wait_for_batch()
    others = [asyncio.create_task(queue.do(work)) for work in "bc"]
    await asyncio.sleep(0)
    desk.gate.set()
    assert await asyncio.gather(first, *others) == ["A", "B", "C"]
    assert desk.batches == [["a"], ["b", "c"]]


async def test_a_slow_batch_does_not_hold_up_the_next() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do)
    desk.gate.clear()
    tasks = [asyncio.create_task(queue.do("slow"))]
    await desk.wait_for_batch()
    tasks.append(asyncio.create_task(queue.do("next")))
    await desk.wait_for_batch()
    desk.gate.set()
    assert await asyncio.gather(*tasks) == ["SLOW", "NEXT"]


async def test_one_key_is_in_one_batch_at_a_time() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do, key=lambda work: work)
    assert await asyncio.gather(*(queue.do(work) for work in "aaba")) == ["A", "A", "B", "A"]
    assert desk.batches == [["a", "b"], ["a"], ["a"]]


async def test_a_batch_has_a_largest_size() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do)
    await asyncio.gather(*(queue.do("x") for _ in range(MAX_BATCH + 1)))
    assert [len(batch) for batch in desk.batches] == [MAX_BATCH, 1]


async def test_a_refusal_is_only_for_whom_it_is_meant() -> None:
    queue = BatchQueue(Desk().do)
    outcomes = await asyncio.gather(*(queue.do(work) for work in ["a", "odd", "b"]), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [str, ConflictError, str]


async def test_who_gives_up_waiting_disturbs_nobody() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do)
    desk.gate.clear()
    tasks = [asyncio.create_task(queue.do(work)) for work in "abc"]
    await desk.wait_for_batch()
    late = [asyncio.create_task(queue.do(work)) for work in "de"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    late[0].cancel()
    desk.gate.set()
    outcomes = await asyncio.gather(*tasks, *late, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["A", "", "C", "", "E"]
    assert desk.batches == [["a", "b", "c"], ["e"]]


async def test_what_waits_for_a_database_that_is_away_fails_with_it() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do)
    desk.gate.clear()
    tasks = [asyncio.create_task(queue.do("away"))]
    await desk.wait_for_batch()
    tasks += [asyncio.create_task(queue.do(work)) for work in "ab"]
    await asyncio.sleep(0)
    desk.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StorageUnavailableError] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert await queue.do("again") == "AGAIN"


async def test_finishing_waits_for_what_was_begun_and_for_what_waits() -> None:
    desk = Desk()
    queue = BatchQueue(desk.do, key=lambda work: work)
    tasks = [asyncio.create_task(queue.do("a")) for _ in range(3)]
    await asyncio.sleep(0)
    await queue.finish()
    assert desk.batches == [["a"]] * 3
    assert await asyncio.gather(*tasks) == ["A"] * 3


async def test_finishing_what_never_began_is_nothing() -> None:
    await BatchQueue(Desk().do).finish()


async def test_a_fault_of_ours_reaches_those_whom_it_concerns() -> None:
    async def fail(works: Sequence[str]) -> Sequence[object]:
        raise ValueError(works[0])

    queue = BatchQueue(fail)
    with pytest.raises(ValueError, match="a"):
        await queue.do("a")
