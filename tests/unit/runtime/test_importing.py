"""Conversations of a Rasa project come across once, whole and in order, however often an import begins."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from duologue.adapters.conversation_source.sql_readers import open_sqlite
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.commands import SetSlot
from duologue.core.errors import AdapterError, ConflictError, StorageUnavailableError
from duologue.core.events import Event, OtherEvent, StackChanged, UserSpoke
from duologue.core.ids import ConversationId, UserId
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.ports.conversation_source import SourceConversation, SourcePage, UnreadEntry
from duologue.ports.tracker_store import TrackerStore
from duologue.runtime import importing
from duologue.runtime.importing import Import, ImportCount
from duologue.runtime.stored_states import load_state
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import FrozenClock
from duologue.testing.wrapped_store import WrappedTrackerStore
from tests.rasa_conversations import RasaEvent, tell_conversation, write_sqlite

Result = TypeVar("Result")

ADA = ConversationId("ada")


class ListedSource:
    """A source over conversations in memory, two to a page."""

    def __init__(
        self, told: Mapping[str, Sequence[object]], *, user_id: str | None = None, failures: int = 0
    ) -> None:
        self.conversations = [
            SourceConversation(conversation_id=name, user_id=user_id, events=tuple(events))
            for name, events in told.items()
        ]
        self.unread: tuple[UnreadEntry, ...] = ()
        self.failures = failures

    async def count(self) -> int | None:
        return len(self.conversations)

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        start = int(after or 0)
        if start and self.failures:
            self.failures -= 1
            raise AdapterError("The source is away.", port="conversation_source", is_retryable=True)
        stop = start + min(limit, 2)
        return SourcePage(
            conversations=tuple(self.conversations[start:stop]),
            unread=self.unread if after is None else (),
            next_cursor=str(stop) if stop < len(self.conversations) else None,
        )

    async def close(self) -> None:
        pass


class DisturbedStore(WrappedTrackerStore):
    """Fails with what the script says at each append, before or after the append itself."""

    def __init__(self, script: Iterator[str]) -> None:
        super().__init__(InMemoryTrackerStore())
        self.script = script

    async def around(self, method: str, call: Callable[[], Awaitable[Result]]) -> Result:
        word = next(self.script, "go on") if method == "append" else "go on"
        if word == "away":
            raise StorageUnavailableError("The store is away.")
        result = await call()
        if word == "cut off":
            raise StorageUnavailableError("The store did not answer.")
        return result


async def carry(told: Mapping[str, Sequence[object]], store: TrackerStore, **options: Any) -> ImportCount:
    return await Import(ListedSource(told, **options), store, waits=(0.0, 0.0)).run()


async def read_stored(store: TrackerStore, conversation_id: ConversationId = ADA) -> list[Event]:
    return await store.load_events(conversation_id)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PART", 4)


async def test_everything_of_a_sqlite_file_comes_across(tmp_path: Path) -> None:
    told = {f"c{number}": tell_conversation(f"c{number}", turns=3) for number in range(250)}
    source = open_sqlite(write_sqlite(tmp_path / "rasa.db", told, users={"c7": "user-7"}))
    store = InMemoryTrackerStore()

    count = await Import(source, store).run()
    await source.close()

    assert count.is_complete
    assert (count.conversations_read, count.conversations_carried) == (250, 250)
    assert count.events_carried == count.events_read == 250 * 27
    state = await load_state(store, ConversationId("c7"))
    assert state is not None
    assert (state.turns, state.slots, state.user_id) == (3, {"amount": 2}, "user-7")
    assert state.last_event_at == told["c7"][-1]["timestamp"]
    assert len(await store.list_conversations(user_id=UserId("user-7"))) == 1


async def test_patches_of_the_stack_become_whole_stacks() -> None:
    store = InMemoryTrackerStore()
    await carry({"ada": tell_conversation("ada", turns=2)}, store)
    stacks = [event.stack for event in await read_stored(store) if isinstance(event, StackChanged)]
    assert [[(type(frame), frame.flow_id, frame.step_id) for frame in stack] for stack in stacks] == 2 * [
        [(FlowFrame, "transfer_money", "START")],
        [
            (FlowFrame, "transfer_money", "ask_amount"),
            (PatternFrame, "pattern_collect_information", "START"),
        ],
        [],
    ]


async def test_a_second_run_changes_nothing(small_parts: None) -> None:
    store = InMemoryTrackerStore()
    told = {name: tell_conversation(name, turns=2) for name in ("ada", "bob")}
    await carry(told, store)
    before = await read_stored(store)

    count = await carry(told, store)
    assert (count.conversations_carried, count.conversations_there, count.events_there) == (0, 2, 38)
    assert count.is_complete
    assert await read_stored(store) == before


async def test_what_the_old_server_added_meanwhile_is_carried_over_by_the_next_run() -> None:
    store = InMemoryTrackerStore()
    await carry({"ada": tell_conversation("ada", turns=1)}, store)
    count = await carry({"ada": tell_conversation("ada", turns=2)}, store, user_id="user-1")
    assert (count.conversations_carried, count.events_there, count.events_carried) == (1, 11, 8)
    state = await load_state(store, ADA)
    assert state is not None
    assert (state.length, state.user_id) == (19, "user-1")


@pytest.mark.parametrize("appended", [0, 1, 2])
async def test_a_run_that_ended_in_the_middle_is_gone_on_with(small_parts: None, appended: int) -> None:
    told = {"ada": tell_conversation("ada")}
    store = DisturbedStore(iter(["go on"] * appended + ["away"] * 3))
    with pytest.raises(StorageUnavailableError):
        await carry(told, store)
    assert len(await read_stored(store)) == 4 * appended

    store.script = iter(())
    count = await carry(told, store)
    whole = InMemoryTrackerStore()
    await carry(told, whole)
    assert count.is_complete
    assert await read_stored(store) == await read_stored(whole)
    assert await load_state(store, ADA) == await load_state(whole, ADA)


async def test_an_append_whose_answer_was_lost_is_not_made_twice(small_parts: None) -> None:
    store = DisturbedStore(iter(["cut off", "away", "go on"]))
    count = await carry({"ada": tell_conversation("ada")}, store)
    assert count.is_complete
    assert (count.events_carried, count.events_there) == (11, 0)
    assert len(await read_stored(store)) == 11


async def test_a_source_that_is_away_for_a_moment_is_asked_again() -> None:
    told = {name: tell_conversation(name) for name in "abcde"}
    count = await carry(told, InMemoryTrackerStore(), failures=2)
    assert count.conversations_carried == 5


async def test_a_conversation_that_is_another_one_is_left_alone_and_named() -> None:
    store = InMemoryTrackerStore()
    await store.append(ADA, [UserSpoke(text="I was here first", timestamp=1.0)], expected=0)
    count = await carry({"ada": tell_conversation("ada"), "bob": tell_conversation("bob")}, store)
    assert not count.is_complete
    assert count.conversations_carried == 1
    assert [(left.conversation_id, left.reason) for left in count.left_alone] == [
        (
            "ada",
            "There is a conversation with this id that is another one: event 0 is `user` here and `action` in the"
            " source.",
        )
    ]
    assert len(await read_stored(store)) == 1


async def test_a_conversation_that_went_on_here_is_there() -> None:
    store = InMemoryTrackerStore()
    told = {"ada": tell_conversation("ada")}
    await carry(told, store)
    await store.append(ADA, [UserSpoke(text="hello again", timestamp=1_800_000_000.0)], expected=11)
    count = await carry(told, store)
    assert (count.conversations_there, count.is_complete) == (1, True)
    assert len(await read_stored(store)) == 12


async def test_a_message_id_that_comes_twice_stays_with_the_first_message() -> None:
    events = tell_conversation("ada", turns=3)
    users = [event for event in events if event["event"] == "user"]
    users[1]["message_id"] = users[0]["message_id"]
    users[2]["message_id"] = "x" * 256
    store = InMemoryTrackerStore()
    count = await carry({"ada": events}, store)
    kept = [event.message_id for event in await read_stored(store) if isinstance(event, UserSpoke)]
    assert kept == ["ada-0", None, None]
    assert (count.dropped_message_ids, count.is_complete) == (2, True)


async def test_events_that_nobody_can_read_are_kept_as_they_are() -> None:
    events: list[object] = [
        *tell_conversation("ada"),
        "{broken",
        {"event": "slot", "timestamp": 5.0, "value": 1},
        {"event": "agent_started", "timestamp": 6.0, "agent_id": "booking"},
    ]
    store = InMemoryTrackerStore()
    count = await carry({"ada": events}, store)
    *_, broken, slot, other = await read_stored(store)
    assert isinstance(broken, OtherEvent)
    assert (broken.type_name, broken.data) == ("unreadable", {"original": "{broken"})
    assert isinstance(slot, OtherEvent)
    assert (slot.timestamp, slot.data) == (5.0, {"original": events[-2]})
    assert isinstance(other, OtherEvent)
    assert (other.type_name, other.data) == ("agent_started", {"agent_id": "booking"})
    assert (count.unreadable_events, count.with_unreadable_events) == (2, ["ada"])
    assert not count.is_complete
    assert (await carry({"ada": events}, store)).conversations_there == 1


async def test_ids_that_no_store_can_keep_are_named() -> None:
    odd = {"x" * 256: tell_conversation("a"), "a\0b": tell_conversation("b"), "empty": []}
    count = await carry(odd, InMemoryTrackerStore())
    assert [left.conversation_id for left in count.left_alone] == ["x" * 256, "a\0b"]
    assert count.conversations_there == 1


async def test_entries_of_the_source_that_are_no_conversation_are_named() -> None:
    source = ListedSource({"ada": tell_conversation("ada")})
    source.unread = (UnreadEntry(name="bob", reason="It is no JSON."),)
    count = await Import(source, InMemoryTrackerStore()).run()
    assert [left.conversation_id for left in count.left_alone] == ["bob"]
    assert (count.conversations_read, count.conversations_carried) == (2, 1)


async def test_a_dry_run_counts_and_writes_nothing() -> None:
    store = InMemoryTrackerStore()
    told = {name: tell_conversation(name) for name in ("ada", "bob")}
    await carry({"bob": told["bob"]}, store)
    count = await Import(ListedSource(told), store, is_dry_run=True).run()
    assert (count.conversations_carried, count.conversations_there, count.events_carried) == (1, 1, 11)
    assert await read_stored(store) == []


async def test_somebody_who_writes_to_the_same_conversation_is_given_way() -> None:
    class CrowdedStore(InMemoryTrackerStore):
        async def append(self, *_: Any, **__: Any) -> None:
            raise ConflictError("The conversation has 3 events, not 0 as the append expects.")

    count = await carry({"ada": tell_conversation("ada")}, CrowdedStore())
    assert [left.reason for left in count.left_alone] == [
        "Somebody else writes to it: The conversation has 3 events, not 0 as the append expects."
    ]


async def test_a_reminder_that_came_due_there_is_not_due_here() -> None:
    def external(at: float) -> RasaEvent:
        return {
            "event": "user",
            "timestamp": at,
            "text": "EXTERNAL: remind",
            "metadata": {"is_external": True},
        }

    reminder = {
        "event": "reminder",
        "timestamp": 100.0,
        "intent": "remind",
        "entities": None,
        "date_time": "1970-01-01T00:02:00+00:00",
        "name": "water",
        "kill_on_user_msg": False,
    }
    store = InMemoryTrackerStore()
    await carry({"ada": [reminder], "bob": [reminder, external(121.0)]}, store)
    states = [await load_state(store, ConversationId(name)) for name in ("ada", "bob")]
    assert [len(state.reminders) for state in states if state] == [1, 0]
    assert await store.list_due(1e12) == []


async def test_numbers_and_texts_that_are_no_json_do_not_stop_it() -> None:
    events = tell_conversation("ada")
    events[3]["text"] = "half \ud83d"
    events[6]["value"] = json.loads("NaN")
    store = InMemoryTrackerStore()
    count = await carry({"ada": events}, store)
    assert (await carry({"ada": events}, store)).conversations_there == 1
    assert count.is_complete


def tell_question(*, step_id: str) -> list[RasaEvent]:
    """A conversation in which the assistant waits to be told how many guests come."""
    flow = {"frame_id": "A", "flow_id": "book_table", "step_id": "0_collect_guests", "type": "flow"}
    question = {
        "frame_id": "B",
        "flow_id": "pattern_collect_information",
        "step_id": step_id,
        "collect": "guests",
        "utter": "utter_ask_guests",
        "type": "pattern_collect_information",
    }
    told = tell_conversation("ada")
    patch = [{"op": "add", "path": "/0", "value": flow}, {"op": "add", "path": "/1", "value": question}]
    return [*told, {"event": "stack", "timestamp": told[-1]["timestamp"], "update": json.dumps(patch)}]


@pytest.mark.parametrize("step_id", ["4_action_listen", "listen"])
async def test_a_user_in_the_middle_of_a_flow_goes_on_in_it(repository: Path, step_id: str) -> None:
    told = {"ada": tell_question(step_id=step_id)}
    store = InMemoryTrackerStore()
    await carry(told, store)
    state = await load_state(store, ADA)
    assert state is not None

    clock = FrozenClock(state.last_event_at + 60)
    async with Conversation.with_project(repository / "examples" / "tiny", clock=clock) as talk:
        talk.state = state
        assert await talk.says("four", SetSlot(name="guests", value=4)) == ["utter_ask_booking_confirmed"]
        assert talk.state.slots["guests"] == 4
    assert (await carry(told, store)).conversations_there == 1


async def test_changes_of_what_we_do_not_know_of_a_frame_do_not_break_later_ones() -> None:
    frame = {"frame_id": "A", "flow_id": "book_table", "step_id": "START", "type": "flow", "extra": 1}
    patches = [
        [{"op": "add", "path": "/0", "value": frame}],
        [{"op": "replace", "path": "/0/extra", "value": 2}],
        [
            {"op": "test", "path": "/0/extra", "value": 2},
            {"op": "replace", "path": "/0/step_id", "value": "b"},
        ],
    ]
    events = [
        {"event": "stack", "timestamp": float(at), "update": json.dumps(patch)}
        for at, patch in enumerate(patches, 1)
    ]
    store = InMemoryTrackerStore()
    assert (await carry({"ada": events}, store)).is_complete
    stacks = [event.stack for event in await read_stored(store) if isinstance(event, StackChanged)]
    assert [frame.step_id for stack in stacks for frame in stack] == ["START", "START", "b"]
