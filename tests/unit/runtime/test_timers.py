"""The look-out: due conversations are found again and again, and none keeps the others waiting."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable

import pytest

from duologue.core.errors import StorageUnavailableError
from duologue.core.events import ConversationInactive
from duologue.core.ids import ConversationId
from duologue.dialogue.timers import SessionExpiry
from duologue.runtime.timer_turns import TimerReport
from duologue.runtime.timers import LONGEST_ASIDE, Timers
from duologue.testing.scripted import FrozenClock
from tests.unit.runtime.small_assistant import ANNA, WatchedStore, make_assistant, message

FIRED = TimerReport(fired=(SessionExpiry(due_at=0.0),))


class ListedAssistant:
    """Conversations that are due until they are done."""

    def __init__(self, *names: str) -> None:
        self.due = [ConversationId(name) for name in names]
        self.runs: list[str] = []
        self.work: dict[str, Callable[[], Awaitable[TimerReport]]] = {}
        self.is_away = False
        self.looks = 0
        self.was_asked_often = asyncio.Event()
        self.is_done = asyncio.Event()

    async def list_due(self, *, limit: int = 100) -> list[ConversationId]:
        self.looks += 1
        if self.looks == 4:
            self.was_asked_often.set()
        if self.is_away:
            raise StorageUnavailableError("The conversation store is away.")
        return self.due[:limit]

    async def run_timers(self, conversation_id: ConversationId) -> TimerReport:
        self.runs.append(conversation_id)
        report = await self.work[conversation_id]() if conversation_id in self.work else FIRED
        if report.fired:
            self.due.remove(conversation_id)
        if not self.due:
            self.is_done.set()
        return report


async def fail() -> TimerReport:
    raise ValueError("this conversation cannot be read")


async def find_nothing() -> TimerReport:
    return TimerReport(wake_at=None)


def make_timers(assistant: ListedAssistant, clock: FrozenClock, **options: int) -> Timers:
    return Timers(assistant, clock, chance=random.Random(1), **options)


async def look(timers: Timers) -> None:
    await timers.look()
    await timers.settle()


async def test_all_that_is_due_is_done() -> None:
    assistant = ListedAssistant("a", "b", "c")
    await look(make_timers(assistant, FrozenClock()))
    assert sorted(assistant.runs) == ["a", "b", "c"]


async def test_no_more_is_under_way_at_once_than_is_allowed() -> None:
    assistant = ListedAssistant(*"abcdef")
    timers = make_timers(assistant, FrozenClock(), most_under_way=2)
    assert await timers.look()
    await timers.settle()
    assert len(assistant.runs) == 2
    assert await timers.look()
    await timers.settle()
    assert not await timers.look()
    await timers.settle()
    assert sorted(assistant.runs) == list("abcdef")


async def test_what_is_under_way_is_not_begun_again() -> None:
    assistant = ListedAssistant("a")
    may_end = asyncio.Event()

    async def take_long() -> TimerReport:
        await may_end.wait()
        return FIRED

    assistant.work["a"] = take_long
    timers = make_timers(assistant, FrozenClock())
    await timers.look()
    await asyncio.sleep(0)
    await timers.look()
    may_end.set()
    await timers.settle()
    assert assistant.runs == ["a"]


async def test_one_that_fails_is_tried_less_and_less_often(caplog: pytest.LogCaptureFixture) -> None:
    assistant, clock = ListedAssistant("bad"), FrozenClock()
    assistant.work["bad"] = fail
    timers = make_timers(assistant, clock)
    tries: list[int] = []
    for second in range(200):
        before = len(assistant.runs)
        await look(timers)
        if len(assistant.runs) > before:
            tries.append(second)
        clock.advance(1)
    pauses = [after - before for before, after in itertools.pairwise(tries)]
    assert 6 <= len(tries) <= 9
    assert pauses == sorted(pauses)
    assert caplog.messages.count("timers.conversation_failed") == 1


async def test_those_that_fail_do_not_keep_the_others_waiting() -> None:
    assistant, clock = ListedAssistant(*(f"bad {number}" for number in range(30)), "good"), FrozenClock()
    assistant.work = {f"bad {number}": fail for number in range(30)}
    timers = make_timers(assistant, clock, batch=5, most_under_way=5)
    for _ in range(10):
        await look(timers)
    assert "good" in assistant.runs
    assert len(assistant.runs) == 31


async def test_one_that_fails_once_is_done_at_the_next_try() -> None:
    assistant, clock = ListedAssistant("bad"), FrozenClock()
    assistant.work["bad"] = fail
    timers = make_timers(assistant, clock)
    await look(timers)
    del assistant.work["bad"]
    clock.advance(2)
    await look(timers)
    assert assistant.due == []


async def test_one_in_which_nothing_is_due_is_left_alone() -> None:
    assistant, clock = ListedAssistant("stale"), FrozenClock()
    assistant.work["stale"] = find_nothing
    timers = make_timers(assistant, clock)
    for _ in range(50):
        await look(timers)
        clock.advance(1)
    assert assistant.runs == ["stale"]
    clock.advance(LONGEST_ASIDE)
    await look(timers)
    assert assistant.runs == ["stale", "stale"]


async def test_one_that_another_process_has_done_is_looked_at_again_when_it_is_due_again() -> None:
    assistant, clock = ListedAssistant("shared"), FrozenClock()
    assistant.work["shared"] = find_nothing
    timers = make_timers(assistant, clock)
    await look(timers)
    assistant.due.clear()
    await look(timers)
    assistant.due.append(ConversationId("shared"))
    await look(timers)
    assert assistant.runs == ["shared", "shared"]


async def test_a_store_that_is_away_is_told_of_once_and_asked_less_often(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assistant = ListedAssistant("a")
    assistant.is_away = True
    timers = Timers(assistant, FrozenClock(), interval=0.001, chance=random.Random(1))
    timers.start()
    await assistant.was_asked_often.wait()
    assert caplog.messages.count("timers.waiting") == 1
    assistant.is_away = False
    await assistant.is_done.wait()
    await timers.close()
    assert assistant.runs == ["a"]


async def test_nothing_begins_after_the_end() -> None:
    assistant = ListedAssistant("a")
    timers = make_timers(assistant, FrozenClock())
    timers.stop()
    timers.start()
    await look(timers)
    await timers.close()
    assert assistant.runs == []


async def test_an_assistant_stops_what_runs_beside_it() -> None:
    clock, store, begun = FrozenClock(), WatchedStore(), asyncio.Event()

    async def note() -> None:
        begun.set()

    assistant = make_assistant(store, clock=clock)
    timers = Timers(assistant, clock, interval=0.001)
    assistant.run_beside(timers)
    timers.start()
    await assistant.handle(message("greet"))
    store.before_append.append(note)
    clock.advance(3600)
    await begun.wait()
    assert await assistant.drain()
    assert isinstance((await store.load_events(ANNA))[-1], ConversationInactive)
    await assistant.close()
