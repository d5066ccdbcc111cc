"""Conversations that are over go; those that are not stay."""

from collections.abc import Sequence

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.domain import Domain, SessionConfig
from duologue.core.events import Event, ReminderScheduled, SessionEnded, SessionStarted, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.runtime.conversations import Conversations
from duologue.runtime.retention import Retention, RetentionReport
from duologue.testing.scripted import FrozenClock
from tests.unit.runtime.small_assistant import ANNA, make_assistant, message

NOW = 1_700_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR


async def write(store: InMemoryTrackerStore, name: str, *events: Event, hours_ago: float) -> None:
    """A conversation whose last event was so many hours ago."""
    conversation_id = ConversationId(name)
    at = NOW - hours_ago * HOUR
    all_events: Sequence[Event] = (
        SessionStarted(session_id="s", timestamp=at),
        UserSpoke(text="hi", timestamp=at),
        *events,
    )
    snapshot = fold(State(conversation_id=conversation_id), all_events)
    await store.append(conversation_id, all_events, expected=0, snapshot=snapshot)


def make_retention(
    store: InMemoryTrackerStore, *, expiration: float = 60.0, minutes: float = 1440
) -> Retention:
    conversations = Conversations(store, InProcessLockStore())
    domain = Domain(session=SessionConfig(session_expiration_minutes=expiration))
    clock = FrozenClock(NOW)
    return Retention(store, conversations.delete_if, domain=domain, clock=clock, minutes=minutes)


async def list_left(store: InMemoryTrackerStore) -> set[str]:
    return {one.conversation_id for one in await store.list_conversations(limit=1000)}


async def test_what_has_been_silent_for_long_enough_goes() -> None:
    store = InMemoryTrackerStore()
    await write(store, "old", hours_ago=25)
    await write(store, "new", hours_ago=23)
    assert await make_retention(store).run() == RetentionReport(deleted=1)
    assert await list_left(store) == {"new"}


async def test_one_that_began_long_ago_and_goes_on_stays() -> None:
    store = InMemoryTrackerStore()
    await write(store, "long", UserSpoke(text="still here", timestamp=NOW - HOUR), hours_ago=1000)
    assert await make_retention(store).run() == RetentionReport()


async def test_a_live_session_stays_however_silent() -> None:
    store = InMemoryTrackerStore()
    await write(store, "live", hours_ago=25)
    await write(store, "ended", SessionEnded(timestamp=NOW - 25 * HOUR), hours_ago=25)
    assert await make_retention(store, expiration=48 * 60).run() == RetentionReport(deleted=1, kept=1)
    assert await list_left(store) == {"live"}


async def test_sessions_that_never_expire_are_never_over_until_they_are_ended() -> None:
    store = InMemoryTrackerStore()
    await write(store, "live", hours_ago=10_000)
    assert await make_retention(store, expiration=0).run() == RetentionReport(kept=1)


async def test_a_reminder_that_is_still_to_come_keeps_its_conversation() -> None:
    store = InMemoryTrackerStore()
    reminder = ReminderScheduled(
        intent="i", date_time="2030-01-01T00:00:00", name="r", timestamp=NOW - 25 * HOUR
    )
    await write(store, "promised", reminder, hours_ago=25)
    assert await make_retention(store).run() == RetentionReport(kept=1)


async def test_a_conversation_in_which_nobody_ever_spoke_goes_too() -> None:
    store = InMemoryTrackerStore()
    event = SlotWasSet(name="a", value=1, timestamp=NOW - 25 * HOUR)
    await store.append(ANNA, [event], expected=0)
    assert await make_retention(store).run() == RetentionReport(deleted=1)


async def test_more_than_a_page_is_gone_through() -> None:
    store = InMemoryTrackerStore()
    for number in range(250):
        await write(store, f"c{number}", hours_ago=25 if number % 2 else 1)
    assert await make_retention(store).run() == RetentionReport(deleted=125)
    assert len(await list_left(store)) == 125


async def test_one_that_speaks_again_in_the_last_moment_stays() -> None:
    store = InMemoryTrackerStore()
    await write(store, "old", hours_ago=25)
    conversations = Conversations(store, InProcessLockStore())

    async def delete_after_a_word(conversation_id: ConversationId, is_meant: object) -> bool:
        await store.append(conversation_id, [UserSpoke(text="hello?", timestamp=NOW)], expected=2)
        return await conversations.delete_if(conversation_id, is_meant)  # type: ignore[arg-type]

    retention = Retention(store, delete_after_a_word, domain=Domain(), clock=FrozenClock(NOW), minutes=1440)
    assert await retention.run() == RetentionReport(kept=1)


async def test_a_word_between_the_last_look_and_the_deletion_keeps_it() -> None:
    class SpokenInStore(InMemoryTrackerStore):
        async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
            await self.append(conversation_id, [UserSpoke(text="hello?", timestamp=NOW)], expected=2)
            return await super().delete(conversation_id, expected=expected)

    store = SpokenInStore()
    await write(store, "old", hours_ago=25)
    assert await make_retention(store).run() == RetentionReport(kept=1)
    assert await list_left(store) == {"old"}


async def test_an_assistant_whose_conversation_was_deleted_begins_a_new_one() -> None:
    store, clock = InMemoryTrackerStore(), FrozenClock(NOW)
    assistant = make_assistant(store, clock=clock)
    await assistant.handle(message("greet"))
    clock.advance(2 * DAY)
    retention = Retention(store, assistant.delete_if, domain=assistant.domain, clock=clock, minutes=1440)
    assert await retention.run() == RetentionReport(deleted=1)
    await assistant.handle(message("greet"))
    assert (
        len([event for event in await assistant.load_events(ANNA) if isinstance(event, SessionStarted)]) == 1
    )
