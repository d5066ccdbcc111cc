"""What is kept of a person goes when it is to go, even while that person talks."""

import asyncio
from collections.abc import Callable

import pytest

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.ports.tracker_store import ConversationSummary
from duologue.runtime.erasure import erase_conversations, erase_user

EVE = UserId("eve")


def say(text: str, *, user_id: str | None = "eve", at: float = 1.0) -> Event:
    return UserSpoke(text=text, user_id=user_id, timestamp=at, message_id=text)


async def fill(store: InMemoryTrackerStore, *ids: str, user_id: str | None = "eve") -> None:
    for name in ids:
        await store.append(
            ConversationId(name), [say("hello", user_id=user_id), say("bye", user_id=None)], expected=0
        )


@pytest.fixture
def store() -> InMemoryTrackerStore:
    return InMemoryTrackerStore()


@pytest.fixture
def locks() -> InProcessLockStore:
    return InProcessLockStore()


async def test_everything_of_a_user_goes_and_nothing_of_others(
    store: InMemoryTrackerStore, locks: InProcessLockStore
) -> None:
    await fill(store, *(f"e{number}" for number in range(250)))
    await fill(store, "adam", user_id="adam")
    await fill(store, "nobody", user_id=None)

    report = await erase_user(store, locks, EVE)

    assert (report.conversations, report.events, report.is_complete) == (250, 500, True)
    left = {summary.conversation_id for summary in await store.list_conversations()}
    assert left == {"adam", "nobody"}


async def test_a_conversation_that_became_somebody_elses_stays(
    store: InMemoryTrackerStore, locks: InProcessLockStore
) -> None:
    await fill(store, "shared")
    await store.append(ConversationId("shared"), [say("me now", user_id="adam", at=2.0)], expected=2)
    report = await erase_user(store, locks, EVE)
    assert report.conversations == 0
    assert await store.load(ConversationId("shared")) is not None


async def test_a_turn_under_way_ends_before_its_conversation_goes(
    store: InMemoryTrackerStore, locks: InProcessLockStore
) -> None:
    await fill(store, "talk")
    may_end, has_begun = asyncio.Event(), asyncio.Event()

    async def take_turn() -> None:
        async with locks.hold(ConversationId("talk")):
            has_begun.set()
            await may_end.wait()
            await store.append(ConversationId("talk"), [say("a last word")], expected=2)

    turn = asyncio.create_task(take_turn())
    await has_begun.wait()
    erasing = asyncio.create_task(erase_user(store, locks, EVE))
    await asyncio.sleep(0)
    may_end.set()
    report = await erasing
    await turn
    assert (report.conversations, report.events) == (1, 3)
    assert await store.load(ConversationId("talk"), message_id=MessageId("hello")) is None


class TalkedToStore(InMemoryTrackerStore):
    """Somebody writes to the conversation again after each time that it was deleted."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        is_deleted = await super().delete(conversation_id, expected=expected)
        if is_deleted and self.times:
            self.times -= 1
            await fill(self, conversation_id)
        return is_deleted


@pytest.mark.parametrize(("times", "remaining"), [(2, []), (3, ["talk"])])
async def test_it_looks_again_until_nothing_is_left(
    locks: InProcessLockStore, times: int, remaining: list[str]
) -> None:
    store = TalkedToStore(times)
    await fill(store, "talk")
    report = await erase_user(store, locks, EVE, waits=(0.0, 0.0, 0.0))
    assert report.conversations == 3
    assert report.remaining == remaining


async def test_a_list_that_is_some_moments_old_costs_no_more_than_a_look(locks: InProcessLockStore) -> None:
    class SlowlyIndexedStore(InMemoryTrackerStore):
        remembered: Callable[[], list[ConversationSummary]] | None = None

        async def list_conversations(
            self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
        ) -> list[ConversationSummary]:
            old = self.remembered
            now = await super().list_conversations(user_id=user_id, limit=limit, offset=offset)
            self.remembered = lambda: now
            return old() if old else now

    store = SlowlyIndexedStore()
    await fill(store, "talk")
    report = await erase_user(store, locks, EVE, waits=(0.0, 0.0, 0.0))
    assert (report.conversations, report.is_complete) == (1, True)


async def test_conversations_go_by_their_ids_and_unknown_ones_are_named(
    store: InMemoryTrackerStore, locks: InProcessLockStore
) -> None:
    await fill(store, "a", "b")
    ids = [ConversationId(name) for name in ("a", "gone", "a")]
    report = await erase_conversations(store, locks, ids)
    assert (report.conversations, report.events, report.not_found) == (1, 2, ["gone"])
    assert await store.load(ConversationId("b")) is not None
