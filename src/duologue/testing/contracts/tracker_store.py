"""What every tracker store promises."""

import asyncio
from collections.abc import Sequence

import pytest

from duologue.core.commands import StartFlow
from duologue.core.errors import ConflictError, StorageUnavailableError
from duologue.core.events import (
    ActionExecuted,
    BotSpoke,
    Event,
    OtherEvent,
    SessionStarted,
    SlotWasSet,
    StackChanged,
    UserSpoke,
)
from duologue.core.ids import ConversationId, MessageId, UserId
from duologue.core.messages import BotMessage, Button
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.understanding import Evidence, Understanding
from duologue.ports.tracker_store import ConversationSummary, TrackerStore, UnpublishedEvents

ANNA = ConversationId("anna")
BEN = ConversationId("ben")
ODD_IDS = [
    "",
    " ",
    "a/b/c?d=e#f",
    "tab\tand\nline and \x01\x1f\x7f",
    "Žofie 🦊 مرحبا",
    "e\N{COMBINING ACUTE ACCENT}",
    "per%cent_under*star",
    "'; DROP TABLE duologue_events; --",
    'quote"and\\backslash',
    "x" * 200,
]


def slots(*values: object, start: float = 1000.0) -> list[Event]:
    """Events that differ in their value, a second apart."""
    return [SlotWasSet(name="n", value=value, timestamp=start + place) for place, value in enumerate(values)]


def spoke(
    message_id: str | None, text: str = "hi", *, at: float = 1000.0, user: str | None = None
) -> UserSpoke:
    """A message of the user."""
    return UserSpoke(text=text, message_id=message_id, timestamp=at, user_id=user)


def state_after(events: Sequence[Event], conversation_id: ConversationId = ANNA) -> State:
    """The state that the events lead to."""
    return fold(State(conversation_id=conversation_id), events)


async def find_message(
    store: TrackerStore, conversation_id: ConversationId, message_id: MessageId
) -> int | None:
    """Where the message with that id stands."""
    stored = await store.load(conversation_id, message_id=message_id)
    return None if stored is None else stored.message_at


def waiting(conversation_id: ConversationId, start: int, stop: int) -> UnpublishedEvents:
    return UnpublishedEvents(conversation_id=conversation_id, start=start, stop=stop)


async def scan(
    store: TrackerStore, *, limit: int = 100, since: float | None = None, until: float | None = None
) -> list[ConversationSummary]:
    """Every conversation, all pages of it."""
    found: list[ConversationSummary] = []
    cursor: str | None = None
    while True:
        page = await store.scan_conversations(cursor=cursor, limit=limit, since=since, until=until)
        found += page.conversations
        cursor = page.next_cursor
        if cursor is None:
            return found


TURN: list[Event] = [
    SessionStarted(session_id="s-1", timestamp=10.5, metadata={"model_id": "m"}),
    UserSpoke(
        text="send 20 to Žofie 🦊",
        understanding=Understanding(
            commands=(StartFlow(flow="transfer"),), evidence=(Evidence(rung="local", confidence=0.9),)
        ),
        channel="rest",
        message_id="m-1",
        user_id="u-1",
        timestamp=11.25,
        metadata={"nested": {"list": [1, 2.5, None, True, "x\0y"]}},
    ),
    StackChanged(
        stack=(
            FlowFrame(flow_id="transfer"),
            PatternFrame(flow_id="pattern_x", context={"collect": "amount"}),
        ),
        timestamp=11.5,
    ),
    SlotWasSet(name="amount", value={"number": 20, "currency": "€"}, timestamp=11.5),
    BotSpoke(
        message=BotMessage(text="Sure?\n\nReally?", buttons=(Button(title="Yes", payload="/yes"),)),
        timestamp=12.0,
    ),
    OtherEvent(type_name="agent_started", data={"agent_id": "a"}, timestamp=12.0),
    ActionExecuted(name="action_listen", timestamp=12.5),
]


class TrackerStoreContract:
    """Derive a class with a fixture `store` that gives an empty `TrackerStore`.

    Where the storage can be opened more than once, override `second_store` with another store over it.
    """

    pytestmark = pytest.mark.asyncio

    @pytest.fixture
    def second_store(self, store: TrackerStore) -> TrackerStore:
        """The same storage, as another process sees it."""
        return store

    # ---------------------------------------------------------------- what was appended comes back

    async def test_a_conversation_without_events_is_absent(self, store: TrackerStore) -> None:
        assert await store.load(ANNA) is None
        assert await store.load_events(ANNA) == []
        assert await find_message(store, ANNA, MessageId("m-1")) is None
        assert await store.list_conversations() == []

    async def test_events_come_back_as_they_went_and_in_order(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        await store.append(ANNA, TURN[:3], expected=0)
        await store.append(ANNA, TURN[3:], expected=3)
        for reader in (store, second_store):
            assert await reader.load_events(ANNA) == TURN
            stored = await reader.load(ANNA)
            assert stored is not None
            assert stored.snapshot is None
            assert list(stored.tail) == TURN

    async def test_a_snapshot_comes_back_without_the_events_in_it(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        state = state_after(TURN)
        await store.append(ANNA, TURN, expected=0, snapshot=state)
        stored = await second_store.load(ANNA)
        assert stored is not None
        assert stored.snapshot == state
        assert stored.tail == ()

    async def test_events_after_the_latest_snapshot_are_the_tail(self, store: TrackerStore) -> None:
        await store.append(ANNA, TURN, expected=0, snapshot=state_after(TURN))
        more = slots("a", "b")
        await store.append(ANNA, more, expected=len(TURN))
        stored = await store.load(ANNA)
        assert stored is not None
        assert stored.snapshot is not None
        assert stored.snapshot == state_after(TURN)
        assert list(stored.tail) == more
        assert fold(stored.snapshot, stored.tail) == state_after([*TURN, *more])

    async def test_a_newer_snapshot_takes_the_place_of_the_older(self, store: TrackerStore) -> None:
        await store.append(ANNA, slots(1), expected=0, snapshot=state_after(slots(1)))
        both = [*slots(1), *slots(2)]
        await store.append(ANNA, slots(2), expected=1, snapshot=state_after(both))
        stored = await store.load(ANNA)
        assert stored is not None
        assert stored.snapshot == state_after(both)
        assert stored.tail == ()

    async def test_what_a_caller_changes_afterwards_is_not_stored(self, store: TrackerStore) -> None:
        value = {"items": [1]}
        await store.append(ANNA, [SlotWasSet(name="cart", value=value)], expected=0)
        value["items"].append(2)
        (event,) = await store.load_events(ANNA)
        assert event == SlotWasSet(name="cart", value={"items": [1]})
        assert isinstance(event, SlotWasSet)
        event.value["items"].append(3)
        assert await store.load_events(ANNA) == [SlotWasSet(name="cart", value={"items": [1]})]

    async def test_large_events_and_many_of_them_are_kept(self, store: TrackerStore) -> None:
        large = SlotWasSet(name="document", value="ä" * 500_000)
        many = slots(*range(1500))
        await store.append(ANNA, [large, *many], expected=0)
        assert await store.load_events(ANNA) == [large, *many]
        await store.append(ANNA, slots("after"), expected=1501)

    @pytest.mark.parametrize("name", ODD_IDS)
    async def test_any_text_is_an_id(self, store: TrackerStore, name: str) -> None:
        conversation_id, neighbour = ConversationId(name), ConversationId(name + "x")
        await store.append(neighbour, slots("neighbour"), expected=0)
        await store.append(conversation_id, [spoke(name or "m"), *slots(1)], expected=0)
        with pytest.raises(ConflictError):
            await store.append(conversation_id, slots(2), expected=0)
        with pytest.raises(ConflictError):
            await store.append(conversation_id, [spoke(name or "m")], expected=2)
        await store.append(conversation_id, slots(2), expected=2)
        assert len(await store.load_events(conversation_id)) == 3
        assert await find_message(store, conversation_id, MessageId(name or "m")) == 0
        assert {entry.conversation_id for entry in await store.list_conversations()} == {
            conversation_id,
            neighbour,
        }
        assert await store.delete(conversation_id)
        assert await store.load_events(neighbour) == slots("neighbour")

    # ---------------------------------------------------------------- conflicts

    @pytest.mark.parametrize("expected", [0, 1, 3, 100])
    async def test_an_append_that_expects_another_length_changes_nothing(
        self, store: TrackerStore, expected: int
    ) -> None:
        events = slots("a", "b")
        await store.append(ANNA, events, expected=0, snapshot=state_after(events))
        before = await store.list_conversations()
        with pytest.raises(ConflictError):
            await store.append(ANNA, [spoke("m-9"), *slots("c")], expected=expected)
        assert await store.load_events(ANNA) == events
        assert await find_message(store, ANNA, MessageId("m-9")) is None
        assert await store.list_conversations() == before
        stored = await store.load(ANNA)
        assert stored is not None
        assert stored.snapshot == state_after(events)

    async def test_a_first_append_must_expect_nothing(self, store: TrackerStore) -> None:
        with pytest.raises(ConflictError):
            await store.append(ANNA, slots("a"), expected=1)
        assert await store.load(ANNA) is None
        assert await store.list_conversations() == []

    async def test_appending_nothing_changes_nothing_but_must_expect_the_length(
        self, store: TrackerStore
    ) -> None:
        await store.append(ANNA, [], expected=0)
        assert await store.load(ANNA) is None
        assert await store.list_conversations() == []
        with pytest.raises(ConflictError):
            await store.append(ANNA, [], expected=1)
        await store.append(ANNA, slots("a"), expected=0)
        await store.append(ANNA, [], expected=1)
        assert await store.load_events(ANNA) == slots("a")

    async def test_a_repeated_append_is_refused(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        await store.append(ANNA, slots("a"), expected=0)
        for again in (store, second_store):
            with pytest.raises(ConflictError):
                await again.append(ANNA, slots("a"), expected=0)
        assert await store.load_events(ANNA) == slots("a")

    async def test_of_fifty_appends_that_expect_the_same_length_exactly_one_wins_each_round(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        winners: list[int] = []
        for length in range(4):
            outcomes = await asyncio.gather(
                *(
                    (store if number % 2 else second_store).append(ANNA, slots(number), expected=length)
                    for number in range(50)
                ),
                return_exceptions=True,
            )
            refused = [outcome for outcome in outcomes if isinstance(outcome, ConflictError)]
            assert len(refused) == 49
            winners.append(outcomes.index(None))
        assert await store.load_events(ANNA) == [event for winner in winners for event in slots(winner)]

    async def test_fifty_appenders_that_try_again_all_get_in_exactly_once(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        async def append(number: int) -> None:
            chosen = store if number % 2 else second_store
            while True:
                length = len(await chosen.load_events(ANNA))
                try:
                    await chosen.append(ANNA, slots((number, "first"), (number, "second")), expected=length)
                except ConflictError:
                    continue
                return

        await asyncio.gather(*(append(number) for number in range(50)))
        values = [event.value for event in await store.load_events(ANNA) if isinstance(event, SlotWasSet)]
        assert sorted(values[::2]) == [[number, "first"] for number in range(50)]
        assert values[1::2] == [[number, "second"] for number, _ in values[::2]]

    async def test_appends_to_many_conversations_at_once_stay_apart(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        async def converse(number: int) -> None:
            chosen = store if number % 2 else second_store
            for length in range(5):
                await chosen.append(ConversationId(f"c-{number}"), slots((number, length)), expected=length)

        await asyncio.gather(*(converse(number) for number in range(20)))
        for number in range(20):
            events = await store.load_events(ConversationId(f"c-{number}"))
            assert events == [event for length in range(5) for event in slots([number, length])]

    async def test_a_conflict_refuses_only_itself(self, store: TrackerStore) -> None:
        outcomes = await asyncio.gather(
            store.append(ANNA, slots("a"), expected=0),
            store.append(BEN, slots("wrong"), expected=7),
            store.append(BEN, slots("b"), expected=0),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [type(None), ConflictError, type(None)]
        assert await store.load_events(ANNA) == slots("a")
        assert await store.load_events(BEN) == slots("b")

    # ---------------------------------------------------------------- message ids

    async def test_a_message_is_found_by_its_id(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        await store.append(ANNA, [*slots("a"), spoke("m-1"), *slots("b"), spoke("m-2")], expected=0)
        await store.append(ANNA, [spoke("m-3")], expected=4)
        for reader in (store, second_store):
            found = [await find_message(reader, ANNA, MessageId(f"m-{number}")) for number in (1, 2, 3, 4)]
            assert found == [1, 3, 4, None]

    async def test_the_same_message_id_in_another_conversation_is_another_message(
        self, store: TrackerStore
    ) -> None:
        await store.append(ANNA, [*slots("a"), spoke("m-1")], expected=0)
        assert await find_message(store, BEN, MessageId("m-1")) is None
        await store.append(BEN, [spoke("m-1")], expected=0)
        assert await find_message(store, BEN, MessageId("m-1")) == 0
        assert await find_message(store, ANNA, MessageId("m-1")) == 1

    async def test_a_message_id_that_is_stored_already_is_refused(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        await store.append(ANNA, [spoke("m-1")], expected=0)
        with pytest.raises(ConflictError):
            await second_store.append(ANNA, [*slots("x"), spoke("m-1", "again")], expected=1)
        assert await store.load_events(ANNA) == [spoke("m-1")]
        await store.append(ANNA, [spoke("m-2")], expected=1)

    async def test_a_message_id_twice_in_one_append_is_refused(self, store: TrackerStore) -> None:
        with pytest.raises(ConflictError):
            await store.append(ANNA, [spoke("m-1"), spoke("m-1")], expected=0)
        assert await store.load(ANNA) is None

    async def test_messages_without_an_id_are_never_the_same(self, store: TrackerStore) -> None:
        await store.append(ANNA, [spoke(None), spoke(None)], expected=0)
        await store.append(ANNA, [spoke(None)], expected=2)
        assert len(await store.load_events(ANNA)) == 3

    async def test_where_a_message_stands_is_said_with_the_conversation(self, store: TrackerStore) -> None:
        events = [*slots("a"), spoke("m-1")]
        await store.append(ANNA, events, expected=0, snapshot=state_after(events))
        await store.append(ANNA, slots("b"), expected=2)
        stored = await store.load(ANNA, message_id=MessageId("m-1"))
        assert stored is not None
        assert (stored.message_at, stored.snapshot, list(stored.tail)) == (1, state_after(events), slots("b"))
        without = await store.load(ANNA)
        assert without is not None
        assert without.message_at is None

    async def test_a_message_id_is_found_however_long_ago_it_was(self, store: TrackerStore) -> None:
        await store.append(ANNA, [spoke("first")], expected=0)
        for number in range(60):
            length = 1 + number * 5
            await store.append(ANNA, [spoke(f"m-{number}"), *slots(1, 2, 3, 4)], expected=length)
        assert await find_message(store, ANNA, MessageId("first")) == 0
        assert await find_message(store, ANNA, MessageId("m-59")) == 296
        with pytest.raises(ConflictError):
            await store.append(ANNA, [spoke("first")], expected=301)

    # ---------------------------------------------------------------- parts of a conversation

    @pytest.mark.parametrize(
        ("start", "stop", "expected"),
        [
            (0, None, "abcde"),
            (2, None, "cde"),
            (1, 3, "bc"),
            (3, 99, "de"),
            (5, None, ""),
            (4, 2, ""),
            (0, 0, ""),
        ],
    )
    async def test_events_are_loaded_from_start_up_to_stop(
        self, store: TrackerStore, start: int, stop: int | None, expected: str
    ) -> None:
        await store.append(ANNA, slots(*"abcde"), expected=0, snapshot=state_after(slots(*"abcde")))
        events = await store.load_events(ANNA, start=start, stop=stop)
        assert [event.value for event in events if isinstance(event, SlotWasSet)] == list(expected)

    # ---------------------------------------------------------------- listings

    async def test_conversations_are_listed_the_most_recently_changed_first(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        for place, name in enumerate("abcd"):
            await store.append(ConversationId(name), slots(name, start=2000.0 + place), expected=0)
        await second_store.append(ConversationId("b"), slots("again", start=3000.0), expected=1)
        for reader in (store, second_store):
            listed = await reader.list_conversations()
            assert [entry.conversation_id for entry in listed] == ["b", "d", "c", "a"]

    async def test_a_listing_says_what_each_conversation_is(self, store: TrackerStore) -> None:
        events = [
            SessionStarted(timestamp=100.5),
            spoke("m", at=101.0, user="u-1"),
            *slots(1, 2, start=102.0),
        ]
        await store.append(ANNA, events, expected=0)
        await store.append(ANNA, slots(3, start=200.25), expected=4)
        (entry,) = await store.list_conversations()
        assert entry.conversation_id == ANNA
        assert entry.user_id == "u-1"
        assert entry.started_at == 100.5
        assert entry.updated_at == 200.25
        assert entry.length == 5

    async def test_conversations_of_one_user_are_listed_alone(self, store: TrackerStore) -> None:
        for place, (name, user) in enumerate([("a", "u-1"), ("b", "u-2"), ("c", "u-1"), ("d", None)]):
            await store.append(ConversationId(name), [spoke(None, user=user, at=2000.0 + place)], expected=0)
        listed = await store.list_conversations(user_id=UserId("u-1"))
        assert [entry.conversation_id for entry in listed] == ["c", "a"]
        assert await store.list_conversations(user_id=UserId("u-9")) == []

    async def test_a_conversation_belongs_to_the_user_named_last(self, store: TrackerStore) -> None:
        await store.append(ANNA, [spoke("1", user="u-1")], expected=0)
        await store.append(ANNA, [spoke("2")], expected=1)
        assert [entry.user_id for entry in await store.list_conversations()] == ["u-1"]
        await store.append(ANNA, [spoke("3", user="u-2")], expected=2)
        assert await store.list_conversations(user_id=UserId("u-1")) == []
        assert len(await store.list_conversations(user_id=UserId("u-2"))) == 1

    async def test_a_listing_can_be_turned_page_by_page(self, store: TrackerStore) -> None:
        for number in range(7):
            await store.append(ConversationId(str(number)), slots(number, start=2000.0 + number), expected=0)
        pages = [await store.list_conversations(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
        assert ["".join(entry.conversation_id for entry in page) for page in pages] == ["654", "321", "0", ""]
        assert await store.list_conversations(limit=0) == []

    # ---------------------------------------------------------------- going through all of them

    @pytest.mark.parametrize("limit", [1, 3, 100])
    async def test_a_scan_gives_every_conversation_once(
        self, store: TrackerStore, second_store: TrackerStore, limit: int
    ) -> None:
        names = [*"hdaebgcf", "", "ž"]
        for place, name in enumerate(names):
            await store.append(
                ConversationId(name),
                [spoke(None, user="u", at=2000.0 + place), *slots(1, start=3000.0)],
                expected=0,
            )
        found = await scan(second_store, limit=limit)
        assert sorted(entry.conversation_id for entry in found) == sorted(names)
        assert {entry.length for entry in found} == {2}
        assert sorted(entry.started_at for entry in found) == [2000.0 + place for place in range(len(names))]
        assert await scan(store, limit=limit) == found

    async def test_a_scan_of_nothing_ends_at_once(self, store: TrackerStore) -> None:
        page = await store.scan_conversations()
        assert (page.conversations, page.next_cursor) == ((), None)

    async def test_a_scan_misses_nothing_while_conversations_change(self, store: TrackerStore) -> None:
        for name in "abcdefgh":
            await store.append(ConversationId(name), slots(1), expected=0)
        found: list[str] = []
        cursor: str | None = None
        for round_number in range(20):
            page = await store.scan_conversations(cursor=cursor, limit=2)
            found += [entry.conversation_id for entry in page.conversations]
            for name in "abcdefgh":
                await store.append(ConversationId(name), slots(2), expected=round_number + 1)
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(found) == list("abcdefgh")

    async def test_a_scan_keeps_to_a_span_of_time(self, store: TrackerStore) -> None:
        for place, name in enumerate("abcd"):
            start = 1000.0 + 100 * place
            await store.append(ConversationId(name), slots(1, 2, start=start), expected=0)
        # Each lasts for a second.
        assert {entry.conversation_id for entry in await scan(store, since=1101.0)} == set("bcd")
        assert {entry.conversation_id for entry in await scan(store, since=1101.5)} == set("cd")
        assert {entry.conversation_id for entry in await scan(store, until=1200.0)} == set("ab")
        assert {
            entry.conversation_id for entry in await scan(store, since=1101.0, until=1200.5, limit=1)
        } == set("bc")

    # ---------------------------------------------------------------- times to wake at

    async def test_a_conversation_is_due_when_its_time_has_come(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        await store.append(ANNA, slots(1), expected=0, wake_at=500.25)
        await store.append(BEN, slots(1), expected=0, wake_at=400.0)
        await store.append(ConversationId("carla"), slots(1), expected=0)
        assert await second_store.list_due(399.9) == []
        assert await second_store.list_due(400.0) == [BEN]
        assert await second_store.list_due(1000.0) == [BEN, ANNA]
        assert await store.list_due(1000.0, limit=1) == [BEN]

    async def test_each_append_sets_the_time_anew(self, store: TrackerStore) -> None:
        await store.append(ANNA, slots(1), expected=0, wake_at=100.0)
        await store.append(ANNA, slots(2), expected=1, wake_at=300.0)
        assert await store.list_due(200.0) == []
        assert await store.list_due(300.0) == [ANNA]
        await store.append(ANNA, slots(3), expected=2)
        assert await store.list_due(1e12) == []

    async def test_an_append_that_is_refused_leaves_the_time(self, store: TrackerStore) -> None:
        await store.append(ANNA, slots(1), expected=0, wake_at=100.0)
        with pytest.raises(ConflictError):
            await store.append(ANNA, slots(2), expected=0, wake_at=300.0)
        with pytest.raises(ConflictError):
            await store.append(ANNA, slots(2), expected=5)
        assert await store.list_due(100.0) == [ANNA]

    # ---------------------------------------------------------------- marks of what was published

    async def test_events_are_promised_to_the_queue_until_they_are_marked(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        await store.append(ANNA, slots(1, 2), expected=0, publish=True)
        await store.append(BEN, slots(1), expected=0)
        assert await second_store.list_unpublished() == [waiting(ANNA, 0, 2)]
        await second_store.mark_published(ANNA, 2)
        assert await store.list_unpublished() == []

    async def test_what_comes_later_waits_too(self, store: TrackerStore) -> None:
        await store.append(ANNA, slots(1), expected=0)
        await store.append(ANNA, slots(2, 3), expected=1, publish=True)
        await store.append(ANNA, slots(4), expected=3)
        assert await store.list_unpublished() == [waiting(ANNA, 1, 4)]
        await store.mark_published(ANNA, 2)
        assert await store.list_unpublished() == [waiting(ANNA, 2, 4)]
        await store.mark_published(ANNA, 4)
        await store.append(ANNA, slots(5), expected=4, publish=True)
        assert await store.list_unpublished() == [waiting(ANNA, 4, 5)]

    async def test_a_mark_never_goes_back(self, store: TrackerStore) -> None:
        await store.append(ANNA, slots(1, 2, 3), expected=0, publish=True)
        await store.mark_published(ANNA, 2)
        await store.mark_published(ANNA, 1)
        assert await store.list_unpublished() == [waiting(ANNA, 2, 3)]
        await store.mark_published(ANNA, 99)
        await store.mark_published(ANNA, 1)
        await store.mark_published(BEN, 1)
        assert await store.list_unpublished() == []
        assert await store.load(BEN) is None

    async def test_of_many_that_wait_some_are_listed(self, store: TrackerStore) -> None:
        for number in range(5):
            await store.append(ConversationId(str(number)), slots(1), expected=0, publish=True)
        listed = await store.list_unpublished(limit=3)
        assert len(listed) == 3
        for events in listed:
            await store.mark_published(events.conversation_id, events.stop)
        rest = await store.list_unpublished(limit=3)
        assert {events.conversation_id for events in (*listed, *rest)} == set("01234")

    # ---------------------------------------------------------------- runs of jobs

    async def test_a_run_is_claimed_by_one(self, store: TrackerStore, second_store: TrackerStore) -> None:
        for due in (100.0, 200.5):
            claims = await asyncio.gather(
                *((store if number % 2 else second_store).claim_run("clean up", due) for number in range(20))
            )
            assert sorted(claims) == [False] * 19 + [True]

    async def test_a_run_before_one_that_was_claimed_is_nobodys(self, store: TrackerStore) -> None:
        assert await store.claim_run("clean up", 200.0)
        assert not await store.claim_run("clean up", 100.0)
        assert await store.claim_run("another", 100.0)
        assert await store.claim_run("clean up", 200.25)

    # ---------------------------------------------------------------- deletion

    async def test_deletion_leaves_nothing(self, store: TrackerStore, second_store: TrackerStore) -> None:
        await store.append(ANNA, TURN, expected=0, snapshot=state_after(TURN), wake_at=100.0, publish=True)
        await store.append(BEN, slots("b"), expected=0)
        assert await store.delete(ANNA)
        for reader in (store, second_store):
            assert await reader.load(ANNA) is None
            assert await reader.load_events(ANNA) == []
            assert await find_message(reader, ANNA, MessageId("m-1")) is None
            assert [entry.conversation_id for entry in await reader.list_conversations()] == [BEN]
            assert await reader.list_conversations(user_id=UserId("u-1")) == []
            assert [entry.conversation_id for entry in await scan(reader)] == [BEN]
            assert await reader.list_due(1e12) == []
            assert await reader.list_unpublished() == []

    async def test_a_deleted_conversation_begins_anew(self, store: TrackerStore) -> None:
        await store.append(ANNA, TURN, expected=0, snapshot=state_after(TURN))
        await store.delete(ANNA)
        with pytest.raises(ConflictError):
            await store.append(ANNA, slots("late"), expected=len(TURN))
        await store.append(ANNA, [spoke("m-1")], expected=0)
        stored = await store.load(ANNA)
        assert stored is not None
        assert stored.snapshot is None
        assert stored.tail == (spoke("m-1"),)

    async def test_a_deletion_that_expects_another_length_changes_nothing(self, store: TrackerStore) -> None:
        await store.append(ANNA, TURN, expected=0, snapshot=state_after(TURN))
        for expected in (0, len(TURN) - 1, len(TURN) + 1):
            with pytest.raises(ConflictError):
                await store.delete(ANNA, expected=expected)
        assert await store.load_events(ANNA) == TURN
        assert await store.delete(ANNA, expected=len(TURN))
        assert await store.load(ANNA) is None
        assert not await store.delete(BEN, expected=0)

    async def test_of_a_deletion_and_an_append_at_the_same_time_one_is_refused(
        self, store: TrackerStore, second_store: TrackerStore
    ) -> None:
        for number in range(10):
            name = ConversationId(f"c-{number}")
            await store.append(name, slots(1), expected=0)
            deleted, appended = await asyncio.gather(
                store.delete(name, expected=1),
                second_store.append(name, slots(2), expected=1),
                return_exceptions=True,
            )
            kept = await store.load_events(name)
            if deleted is True:
                assert isinstance(appended, ConflictError)
                assert kept == []
            else:
                assert isinstance(deleted, ConflictError)
                assert appended is None
                assert kept == [*slots(1), *slots(2)]

    async def test_there_is_nothing_to_delete_twice(self, store: TrackerStore) -> None:
        assert not await store.delete(ANNA)
        await store.append(ANNA, slots("a"), expected=0)
        assert await store.delete(ANNA)
        assert not await store.delete(ANNA)

    # ---------------------------------------------------------------- the store itself

    async def test_a_caller_who_gives_up_leaves_the_conversation_whole(self, store: TrackerStore) -> None:
        events = slots("a", "b", "c")
        task = asyncio.create_task(store.append(ANNA, events, expected=0))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.append(BEN, slots("after"), expected=0)
        assert await store.load_events(ANNA) in ([], events)
        assert await store.load_events(BEN) == slots("after")

    async def test_a_store_that_can_commit_is_healthy(self, store: TrackerStore) -> None:
        await store.check_health()

    async def test_closing_finishes_what_was_begun_and_may_be_repeated(self, store: TrackerStore) -> None:
        begun = [
            asyncio.create_task(store.append(ConversationId(str(number)), slots(number), expected=0))
            for number in range(10)
        ]
        await asyncio.sleep(0)
        await store.close()
        await store.close()
        assert await asyncio.gather(*begun) == [None] * 10

    async def test_a_closed_store_is_unavailable(self, store: TrackerStore) -> None:
        await store.append(ANNA, slots("a"), expected=0)
        await store.close()
        with pytest.raises(StorageUnavailableError):
            await store.load(ANNA)
        with pytest.raises(StorageUnavailableError):
            await store.append(ANNA, slots("b"), expected=1)
        with pytest.raises(StorageUnavailableError):
            await store.check_health()
