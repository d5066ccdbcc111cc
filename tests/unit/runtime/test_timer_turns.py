"""What is due happens once, whoever looks after it and whatever fails on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.errors import StorageUnavailableError
from duologue.core.events import ConversationInactive, ReminderScheduled, SessionStarted, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.dialogue.timers import SessionExpiry
from duologue.flows.flow import NluTrigger
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.ports.tracker_store import TrackerStore
from duologue.runtime.assistant import Assistant, ClosingError
from duologue.testing.scripted import FrozenClock
from tests.flow_writing import act, flow
from tests.unit.runtime.small_assistant import (
    ANNA,
    GREET,
    FunctionActions,
    WatchedStore,
    assert_snapshot_is_the_fold,
    count,
    make_assistant,
    message,
    names_of,
    read_replies,
    read_slot,
)

NOW = 1_700_000_000.0
HOUR = 3600.0
PLAN = flow("plan", act("action_plan"))
REMIND = flow(
    "remind", act("action_count"), act("utter_it_is_time"), nlu_triggers=(NluTrigger(intent="remind"),)
)


async def plan(_: ActionCall) -> ActionResult:
    """A reminder in ten minutes."""
    due = datetime.fromtimestamp(NOW + 600, UTC).isoformat()
    event = ReminderScheduled(intent="remind", date_time=due, name="r", kill_on_user_message=False)
    return ActionResult(events=(event,))


def make(store: TrackerStore, clock: FrozenClock, actions: FunctionActions | None = None) -> Assistant:
    return make_assistant(
        store,
        flows=(GREET, PLAN, REMIND),
        actions=actions or FunctionActions({"action_plan": plan, "action_count": count}),
        action_names=("action_plan", "action_count"),
        clock=clock,
    )


@pytest.fixture(params=["memory", "sqlite"])
async def replicas(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock
) -> AsyncIterator[list[Assistant]]:
    """Two assistants over one store, neither of which knows of the other's locks."""
    if request.param == "memory":
        store = InMemoryTrackerStore()
        yield [make(store, clock), make(store, clock)]
        return
    path = tmp_path / "conversations.db"
    assistants = [make(await SqliteTrackerStore.open(path), clock) for _ in range(2)]
    yield assistants
    for assistant in assistants:
        await assistant.close()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


async def count_events(store: TrackerStore, kind: type) -> int:
    return sum(isinstance(event, kind) for event in await store.load_events(ANNA))


async def test_a_session_expires_once(replicas: list[Assistant], clock: FrozenClock) -> None:
    first, second = replicas
    await first.handle(message("greet"))
    clock.advance(HOUR - 1)
    assert await second.run_due() == 0
    clock.advance(1)
    assert sum(await asyncio.gather(first.run_due(), second.run_due())) == 1
    clock.advance(HOUR)
    assert await first.run_due() + await second.run_due() == 0
    assert await count_events(first.tracker_store, ConversationInactive) == 1


async def test_a_reminder_comes_due_once(replicas: list[Assistant], clock: FrozenClock) -> None:
    first, second = replicas
    await first.handle(message("plan"))
    clock.advance(600)
    done = await asyncio.gather(*(one.run_timers(ANNA) for one in (first, second, first, second)))
    assert sum(len(report.fired) for report in done) == 1
    assert await read_slot(first, "counted") == 1
    assert (await read_replies(first.tracker_store)).count("utter_it_is_time") == 1
    await assert_snapshot_is_the_fold(second.tracker_store)


async def test_the_message_after_an_expiry_begins_a_session_and_does_not_expire_it_again(
    clock: FrozenClock,
) -> None:
    assistant = make(InMemoryTrackerStore(), clock)
    await assistant.handle(message("greet"))
    clock.advance(2 * HOUR)
    await assistant.run_due()
    await assistant.handle(message("greet"))
    assert await count_events(assistant.tracker_store, ConversationInactive) == 1
    assert await count_events(assistant.tracker_store, SessionStarted) == 2


async def test_the_events_of_an_expiry_carry_the_id_of_the_session_that_ends(clock: FrozenClock) -> None:
    assistant = make(InMemoryTrackerStore(), clock)
    report = await assistant.handle(message("greet"))
    clock.advance(2 * HOUR)
    await assistant.run_due()
    last = (await assistant.load_events(ANNA))[-1]
    assert last == ConversationInactive(
        timestamp=NOW + 2 * HOUR,
        metadata={
            "model_id": assistant.model_id,
            "assistant_id": "small",
            "session_id": report.state.session.session_id,
        },
    )


async def test_a_message_that_is_quicker_than_the_timer_leaves_it_nothing_to_do(clock: FrozenClock) -> None:
    assistant = make(InMemoryTrackerStore(), clock)
    await assistant.handle(message("greet"))
    clock.advance(2 * HOUR)
    await assistant.handle(message("greet"))
    assert await assistant.run_due() == 0
    assert await count_events(assistant.tracker_store, ConversationInactive) == 1


async def test_a_message_that_comes_while_a_timer_works_wins_or_waits(clock: FrozenClock) -> None:
    store = WatchedStore()
    first, second = make(store, clock), make(store.store, clock)
    await first.handle(message("plan"))
    clock.advance(600)
    store.before_append.append(lambda: second.handle(message("greet")))
    report = await first.run_timers(ANNA)
    assert len(report.fired) == 1
    events = await store.store.load_events(ANNA)
    assert [event.text for event in events if isinstance(event, UserSpoke)] == [
        "plan",
        "greet",
        "EXTERNAL: remind",
    ]
    assert await read_slot(first, "counted") == 1


async def test_a_timer_survives_a_restart_and_fires_late(tmp_path: Path, clock: FrozenClock) -> None:
    path = tmp_path / "conversations.db"
    before = make(await SqliteTrackerStore.open(path), clock)
    await before.handle(message("plan"))
    await before.close()
    clock.advance(5 * HOUR)
    after = make(await SqliteTrackerStore.open(path), clock)
    assert await after.run_due() == 1
    assert (await read_replies(after.tracker_store))[-2:] == [
        "utter_it_is_time",
        "utter_ask_continue_conversation",
    ]
    assert await after.list_due() == []
    await after.close()


async def test_after_a_crash_between_action_and_commit_the_action_gets_the_same_key(
    clock: FrozenClock,
) -> None:
    store = WatchedStore()
    actions = FunctionActions({"action_plan": plan, "action_count": count})
    dying, other = make(store, clock, actions), make(store.store, clock, actions)
    await dying.handle(message("plan"))
    actions.keys.clear()
    clock.advance(600)
    store.failing.add("append")
    with pytest.raises(StorageUnavailableError):
        await dying.run_timers(ANNA)
    assert len((await other.run_timers(ANNA)).fired) == 1
    assert len(actions.keys) == 2
    assert len(set(actions.keys)) == 1
    conversation, timer, step = actions.keys[0].rsplit("/", 2)
    assert (conversation, timer.startswith("timer:"), step) == (ANNA, True, "1")


async def test_no_message_can_have_the_key_of_a_timer(clock: FrozenClock) -> None:
    actions = FunctionActions({"action_plan": plan, "action_count": count})
    assistant = make(InMemoryTrackerStore(), clock, actions)
    await assistant.handle(message("plan"))
    clock.advance(600)
    await assistant.run_due()
    key = actions.keys[-1].split("/")[1]
    await assistant.handle(message("remind", key))
    assert len(set(actions.keys)) == len(actions.keys)


async def test_what_it_says_is_handed_to_who_can_push_it_when_it_is_stored(clock: FrozenClock) -> None:
    assistant = make(InMemoryTrackerStore(), clock)
    pushed: list[tuple[str, str, list[str]]] = []

    async def push(conversation_id: ConversationId, channel: str, replies: Sequence[BotMessage]) -> None:
        stored = await read_replies(assistant.tracker_store)
        assert stored[-1] == "utter_ask_continue_conversation"
        pushed.append((conversation_id, channel, [reply.response or "" for reply in replies]))

    assistant.on_push = push
    await assistant.handle(message("plan"))
    clock.advance(2 * HOUR)
    await assistant.run_due()
    assert pushed == [(ANNA, "rest", ["utter_it_is_time", "utter_ask_continue_conversation"])]


async def test_a_listener_that_fails_costs_nothing_but_its_own_push(clock: FrozenClock) -> None:
    assistant = make(InMemoryTrackerStore(), clock)

    async def push(*_: object) -> None:
        raise ConnectionError("gone")

    assistant.on_push = push
    await assistant.handle(message("plan"))
    clock.advance(600)
    assert await assistant.run_due() == 1
    assert names_of(await assistant.handle(message("greet")))[0] == "utter_hello"


async def test_an_assistant_that_closes_begins_no_timer(clock: FrozenClock) -> None:
    assistant = make(InMemoryTrackerStore(), clock)
    await assistant.handle(message("greet"))
    clock.advance(2 * HOUR)
    await assistant.drain()
    with pytest.raises(ClosingError):
        await assistant.run_timers(ANNA)


async def test_a_timer_under_way_is_finished_before_the_assistant_ends(clock: FrozenClock) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def count_slowly(call: ActionCall) -> ActionResult:
        begun.set()
        await may_end.wait()
        return await count(call)

    store = InMemoryTrackerStore()
    assistant = make(store, clock, FunctionActions({"action_plan": plan, "action_count": count_slowly}))
    await assistant.handle(message("plan"))
    clock.advance(600)
    firing = asyncio.create_task(assistant.run_timers(ANNA))
    await begun.wait()
    draining = asyncio.create_task(assistant.drain())
    may_end.set()
    assert await draining
    assert len((await firing).fired) == 1


async def test_what_is_due_next_is_told(clock: FrozenClock) -> None:
    assistant = make(InMemoryTrackerStore(), clock)
    await assistant.handle(message("plan"))
    report = await assistant.run_timers(ANNA)
    assert (report.fired, report.wake_at) == ((), NOW + 600)
    clock.advance(600)
    assert (await assistant.run_timers(ANNA)).wake_at == NOW + 600 + HOUR
    clock.advance(HOUR)
    report = await assistant.run_timers(ANNA)
    assert (report.fired, report.wake_at) == ((SessionExpiry(due_at=NOW + 600 + HOUR),), None)
