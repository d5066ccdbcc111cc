"""The door of an assistant: one message, one turn, one append."""

import asyncio
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.errors import StorageUnavailableError
from duologue.core.events import BotSpoke, SessionStarted, SlotWasSet, TurnFailed, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, ReplyPiece
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.ports.action_runner import ActionCall, ActionResult
from duologue.runtime.assistant import ClosingError
from duologue.testing.scripted import RecordingDelivery
from tests.flow_writing import act, flow
from tests.unit.runtime.small_assistant import (
    ANNA,
    COUNT,
    FunctionActions,
    WatchedStore,
    assert_snapshot_is_the_fold,
    count,
    make_assistant,
    message,
    name_replies,
    names_of,
    read_replies,
    read_slot,
    read_texts,
)


async def test_a_turn_is_one_append() -> None:
    store = WatchedStore()
    await make_assistant(store).handle(message("greet"))
    assert store.calls == ["load", "append"]


async def test_the_stored_turn_is_what_was_answered() -> None:
    store = InMemoryTrackerStore()
    report = await make_assistant(store).handle(message("greet"))
    assert await read_texts(store) == ["greet"]
    assert await read_replies(store) == names_of(report)
    assert names_of(report)[:2] == ["utter_hello", "utter_how_are_you"]


async def test_a_repeated_message_gets_the_same_replies_and_makes_no_second_turn() -> None:
    store = InMemoryTrackerStore()
    assistant = make_assistant(store)
    first = await assistant.handle(message("count", "m1"))
    await assistant.handle(message("greet", "m2"))
    again = await assistant.handle(message("count", "m1"))
    assert again.replies == first.replies
    assert again.is_repeat
    assert await read_texts(store) == ["count", "greet"]


async def test_two_deliveries_of_a_message_at_once_make_one_turn() -> None:
    store = InMemoryTrackerStore()
    assistant = make_assistant(store)
    reports = await asyncio.gather(*(assistant.handle(message("count", "m1")) for _ in range(5)))
    assert all(report.replies == reports[0].replies for report in reports)
    assert [report.is_repeat for report in reports] == [False, True, True, True, True]
    assert await read_slot(assistant, "counted") == 1


async def test_a_message_is_known_after_a_restart(tmp_path: Path) -> None:
    store = await SqliteTrackerStore.open(tmp_path / "conversations.db")
    assistant = make_assistant(store)
    first = await assistant.handle(message("count", "m1"))
    await assistant.close()
    reopened = make_assistant(await SqliteTrackerStore.open(tmp_path / "conversations.db"))
    again = await reopened.handle(message("count", "m1"))
    assert again.replies == first.replies
    assert await read_slot(reopened, "counted") == 1
    await reopened.close()


async def test_a_repeated_message_is_streamed_its_stored_replies() -> None:
    assistant = make_assistant()
    first, again = RecordingDelivery(), RecordingDelivery()
    report = await assistant.handle(message("greet", "m1"), first)
    await assistant.handle(message("greet", "m1"), again)
    again.assert_shown(report.replies)
    first.assert_shown(report.replies)


async def test_a_listener_who_leaves_while_stored_replies_are_shown_does_no_harm() -> None:
    assistant = make_assistant()
    report = await assistant.handle(message("greet", "m1"))
    again = await assistant.handle(message("greet", "m1"), RecordingDelivery(fails_after=1))
    assert again.replies == report.replies


async def test_the_same_id_in_another_conversation_is_another_message() -> None:
    store = InMemoryTrackerStore()
    assistant = make_assistant(store)
    await assistant.handle(message("count", "m1"))
    report = await assistant.handle(message("count", "m1", conversation_id="ben"))
    assert not report.is_repeat


async def test_what_the_session_start_said_belongs_to_the_replies_of_the_first_message() -> None:
    async def welcome(_: ActionCall) -> ActionResult:
        return ActionResult(events=(SessionStarted(),), responses=({"text": "Welcome!"},))

    actions = FunctionActions({"action_session_start": welcome})
    assistant = make_assistant(actions=actions, action_names=["action_session_start"])
    first = await assistant.handle(message("greet", "m1"))
    await assistant.handle(message("greet", "m2"))
    again = await assistant.handle(message("greet", "m1"))
    assert names_of(first)[:2] == ["Welcome!", "utter_hello"]
    assert again.replies == first.replies


async def test_what_was_added_after_a_turn_is_no_reply_to_its_message() -> None:
    store = InMemoryTrackerStore()
    assistant = make_assistant(store)
    first = await assistant.handle(message("greet", "m1"))
    reminder = BotSpoke(message=BotMessage(text="Are you still there?"), timestamp=2.0)
    stored = await store.load_events(ANNA)
    await store.append(ANNA, [reminder], expected=len(stored))
    again = await assistant.handle(message("greet", "m1"))
    assert again.replies == first.replies


async def test_an_action_that_hands_on_old_events_does_not_hide_the_replies() -> None:
    async def hand_on(call: ActionCall) -> ActionResult:
        return ActionResult(
            events=tuple(event for event in await call.load_events() if isinstance(event, SlotWasSet))
        )

    actions = FunctionActions({"action_count": count, "action_hand_on": hand_on})
    store = InMemoryTrackerStore()
    assistant = make_assistant(
        store,
        flows=[COUNT, flow("hand_on", act("action_hand_on"), act("utter_done"))],
        actions=actions,
        action_names=["action_count", "action_hand_on"],
    )
    await assistant.handle(message("count", "m1"))
    first = await assistant.handle(message("hand_on", "m2"))
    again = await assistant.handle(message("hand_on", "m2"))
    assert "utter_done" in names_of(first)
    assert again.replies == first.replies


# Conflicts: somebody else appends between our load and our append, as a process without a common lock does.


async def test_a_turn_that_was_overtaken_is_run_again_on_what_is_stored_now() -> None:
    store = WatchedStore()
    assistant, other = make_assistant(store), make_assistant(store.store)
    store.before_append.append(lambda: other.handle(message("count", "theirs")))
    await assistant.handle(message("count", "ours"))
    assert await read_texts(store) == ["count", "count"]
    assert await read_slot(assistant, "counted") == 2
    await assert_snapshot_is_the_fold(store)


async def test_a_turn_that_is_run_again_calls_its_actions_under_the_same_keys() -> None:
    store = WatchedStore()
    ours, theirs = FunctionActions({"action_count": count}), FunctionActions({"action_count": count})
    assistant, other = make_assistant(store, actions=ours), make_assistant(store.store, actions=theirs)
    store.before_append.append(lambda: other.handle(message("count", "theirs")))
    await assistant.handle(message("count", "ours"))
    assert len(ours.keys) == 2
    assert len(set(ours.keys)) == 1
    assert set(ours.keys).isdisjoint(theirs.keys)


async def test_a_message_without_an_id_keeps_its_keys_too() -> None:
    store = WatchedStore()
    ours, theirs = FunctionActions({"action_count": count}), FunctionActions({"action_count": count})
    assistant, other = make_assistant(store, actions=ours), make_assistant(store.store, actions=theirs)
    store.before_append.append(lambda: other.handle(message("count")))
    await assistant.handle(message("count"))
    assert len({*ours.keys, *theirs.keys}) == 2


async def test_a_message_sent_again_after_a_failure_of_the_store_calls_its_actions_under_the_same_keys() -> (
    None
):
    store = WatchedStore()
    actions = FunctionActions({"action_count": count})
    assistant = make_assistant(store, actions=actions)
    store.failing.add("append")
    with pytest.raises(StorageUnavailableError):
        await assistant.handle(message("count", "m1"))
    store.failing.clear()
    await assistant.handle(message("count", "m1"))
    assert actions.keys == [actions.keys[0]] * 2


@pytest.mark.parametrize(
    ("one", "other"), [(("a/b", "c"), ("a", "b/c")), (("a", "b%2Fc"), ("a", "b/c"))], ids=repr
)
async def test_two_messages_never_share_a_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    actions = FunctionActions({"action_count": count})
    assistant = make_assistant(actions=actions)
    for conversation_id, message_id in (one, other):
        await assistant.handle(message("count", message_id, conversation_id))
    assert len(set(actions.keys)) == 2


async def test_replies_that_were_shown_are_not_shown_again_when_the_turn_is_run_again() -> None:
    store = WatchedStore()
    assistant, other = make_assistant(store), make_assistant(store.store)
    store.before_append.append(lambda: other.handle(message("greet", "theirs")))
    delivery = RecordingDelivery()
    report = await assistant.handle(message("greet", "ours"), delivery)
    delivery.assert_shown(report.replies)


async def test_a_message_that_two_answer_at_once_is_stored_once_and_both_give_the_same_replies() -> None:
    store = WatchedStore()
    assistant, other = make_assistant(store), make_assistant(store.store)
    theirs: list[tuple[BotMessage, ...]] = []

    async def answer_first() -> None:
        theirs.append((await other.handle(message("count", "m1"))).replies)

    store.before_append.append(answer_first)
    delivery = RecordingDelivery()
    report = await assistant.handle(message("count", "m1"), delivery)
    assert report.is_repeat
    assert report.replies == theirs[0]
    delivery.assert_shown(report.replies)
    assert await read_texts(store) == ["count"]


async def test_a_run_that_goes_another_way_shows_all_that_is_new() -> None:
    async def tell(call: ActionCall) -> ActionResult:
        seen = call.state.slots.get("counted") or 0
        return ActionResult(responses=tuple({"text": text} for text in ("Hm.", f"{seen}.", f"{seen}.")))

    store = WatchedStore()
    actions = FunctionActions({"action_count": count, "action_tell": tell})
    arguments = {
        "flows": [COUNT, flow("tell", act("action_tell"))],
        "actions": actions,
        "action_names": ["action_count", "action_tell"],
    }
    assistant, other = make_assistant(store, **arguments), make_assistant(store.store, **arguments)
    store.before_append.append(lambda: other.handle(message("count")))
    delivery = RecordingDelivery()
    await assistant.handle(message("tell"), delivery)
    shown = name_replies(delivery.messages)
    first, again = shown[: shown.index("1.")], shown[shown.index("1.") :]
    assert first[:3] == ["Hm.", "0.", "0."]
    assert again[:2] == ["1.", "1."]


async def test_a_conversation_that_others_never_leave_alone_is_given_up_with_nothing_stored() -> None:
    store = WatchedStore()
    assistant, other = make_assistant(store), make_assistant(store.store)
    store.before_append.extend([lambda: other.handle(message("greet"))] * 10)
    with pytest.raises(StorageUnavailableError, match="try again"):
        await assistant.handle(message("count", "ours"))
    assert "count" not in await read_texts(store)


async def test_two_stores_on_one_file_keep_a_message_once(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    stores = [await SqliteTrackerStore.open(path), await SqliteTrackerStore.open(path)]
    assistants = [make_assistant(store) for store in stores]
    for number in range(10):
        reports = await asyncio.gather(
            *(assistant.handle(message("count", f"m{number}")) for assistant in assistants)
        )
        assert reports[0].replies == reports[1].replies
    assert await read_slot(assistants[0], "counted") == 10
    assert await read_texts(stores[1]) == ["count"] * 10
    for assistant in assistants:
        await assistant.close()


# The store fails


@pytest.mark.parametrize("method", ["load", "append"])
async def test_a_store_that_fails_leaves_nothing_behind_and_later_messages_are_fine(method: str) -> None:
    store = WatchedStore()
    assistant = make_assistant(store)
    await assistant.handle(message("count", "m1"))
    store.failing.add(method)
    with pytest.raises(StorageUnavailableError):
        await assistant.handle(message("count", "m2"))
    store.failing.clear()
    assert await read_texts(store) == ["count"]
    report = await assistant.handle(message("count", "m2"))
    assert not report.is_repeat
    assert await read_slot(assistant, "counted") == 2


async def test_a_store_that_fails_in_the_middle_of_a_turn_is_not_taken_for_a_mistake_of_the_project() -> None:
    async def look_back(call: ActionCall) -> ActionResult:
        await call.load_events()
        return ActionResult()

    store = WatchedStore()
    assistant = make_assistant(store, actions=FunctionActions({"action_count": look_back}))
    store.failing.add("load_events")
    with pytest.raises(StorageUnavailableError):
        await assistant.handle(message("count", "m1"))
    assert await store.load(ANNA) is None


# The listener leaves


async def cut_off_after_the_first_reply(
    store: WatchedStore, *, is_stuck: bool = False
) -> tuple[list[BotMessage], object]:
    """Stream a greeting to a client that leaves once it has the first reply."""
    assistant = make_assistant(store)
    shown: list[BotMessage] = []
    first_is_shown = asyncio.Event()

    async def deliver(reply: BotMessage | ReplyPiece) -> None:
        if shown:
            first_is_shown.set()
            await asyncio.Event().wait()
        assert isinstance(reply, BotMessage)
        shown.append(reply)
        if not is_stuck:
            first_is_shown.set()
            await asyncio.sleep(0)

    request = asyncio.create_task(assistant.handle(message("greet", "m1"), deliver))
    await first_is_shown.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    await assistant.drain()
    return shown, assistant


async def test_a_turn_whose_listener_leaves_is_finished_and_marked_once() -> None:
    store = WatchedStore()
    await cut_off_after_the_first_reply(store)
    stored = await store.load_events(ANNA)
    marks = [event for event in stored if type(event).__name__ == "TurnCutOff"]
    assert [mark.metadata["delivered"] for mark in marks] == [1]
    assert (await read_replies(store))[:2] == ["utter_hello", "utter_how_are_you"]
    await assert_snapshot_is_the_fold(store)


async def test_a_listener_who_is_stuck_in_the_middle_of_a_reply_does_not_hold_up_the_turn() -> None:
    store = WatchedStore()
    shown, _ = await cut_off_after_the_first_reply(store, is_stuck=True)
    assert name_replies(shown) == ["utter_hello"]
    assert await read_texts(store) == ["greet"]


async def test_the_message_of_a_turn_that_was_cut_off_gets_its_stored_replies() -> None:
    store = WatchedStore()
    await cut_off_after_the_first_reply(store)
    delivery = RecordingDelivery()
    report = await make_assistant(store.store).handle(message("greet", "m1"), delivery)
    assert report.is_repeat
    delivery.assert_shown(report.replies)
    assert names_of(report)[:2] == ["utter_hello", "utter_how_are_you"]


async def test_a_channel_that_fails_is_marked_once_even_if_the_turn_is_run_again() -> None:
    store = WatchedStore()
    assistant, other = make_assistant(store), make_assistant(store.store)
    store.before_append.append(lambda: other.handle(message("count")))
    delivery = RecordingDelivery(fails_after=1)
    await assistant.handle(message("greet"), delivery)
    stored = await store.load_events(ANNA)
    assert [type(event).__name__ for event in stored].count("TurnCutOff") == 1
    assert name_replies(delivery.messages) == ["utter_hello"]


async def test_a_caller_without_a_listener_may_leave_without_a_mark() -> None:
    gate = asyncio.Event()

    async def wait(_: ActionCall) -> ActionResult:
        await gate.wait()
        return ActionResult()

    store = InMemoryTrackerStore()
    assistant = make_assistant(store, actions=FunctionActions({"action_count": wait}))
    request = asyncio.create_task(assistant.handle(message("count", "m1")))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    gate.set()
    await assistant.drain()
    stored = await store.load_events(ANNA)
    assert "TurnCutOff" not in [type(event).__name__ for event in stored]
    assert await read_texts(store) == ["count"]


async def test_a_turn_that_nobody_waits_for_and_that_is_not_stored_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = WatchedStore()
    is_storing, gate = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        is_storing.set()
        await gate.wait()

    store.before_append.append(wait)
    store.failing.add("append")
    assistant = make_assistant(store)
    request = asyncio.create_task(assistant.handle(message("greet")))
    await is_storing.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    gate.set()
    await assistant.drain()
    assert "turn.not_stored" in caplog.messages


# Many at once


async def test_a_hundred_conversations_at_once_do_not_disturb_each_other() -> None:
    store = InMemoryTrackerStore()
    assistant = make_assistant(store)
    names = [ConversationId(f"user-{number}") for number in range(100)]
    await asyncio.gather(
        *(
            assistant.handle(message("count", f"m{turn}", conversation_id))
            for turn in range(5)
            for conversation_id in names
        )
    )
    for conversation_id in names:
        assert await read_slot(assistant, "counted", conversation_id) == 5
        await assert_snapshot_is_the_fold(store, conversation_id)


async def test_messages_of_one_conversation_are_answered_in_the_order_in_which_they_came() -> None:
    async def dawdle(call: ActionCall) -> ActionResult:
        for _ in range(10 - len(call.state.transcript) % 10):
            await asyncio.sleep(0)
        return ActionResult()

    store = InMemoryTrackerStore()
    assistant = make_assistant(store, actions=FunctionActions({"action_count": dawdle}))
    texts = ["count" if number % 2 else f"word {number}" for number in range(40)]
    await asyncio.gather(*(assistant.handle(message(text)) for text in texts))
    assert await read_texts(store) == texts


# What is stored


async def test_the_snapshot_is_the_fold_of_all_events_after_failures_too() -> None:
    async def spoil(call: ActionCall) -> ActionResult:
        raise ValueError("no")

    store = InMemoryTrackerStore()
    actions = FunctionActions({"action_count": count})
    assistant = make_assistant(store, actions=actions)
    for number, text in enumerate(["greet", "count", "count", "what", "count", "", "greet"]):
        actions.functions["action_count"] = spoil if number == 4 else count
        await assistant.handle(message(text))
        await assert_snapshot_is_the_fold(store)
    failures = [event for event in await store.load_events(ANNA) if isinstance(event, TurnFailed)]
    assert [failure.error_type for failure in failures] == ["ValueError"]


async def test_the_ten_thousand_events_of_a_long_conversation_are_not_read() -> None:
    store = WatchedStore()
    event = UserSpoke(text="word", timestamp=1.0)
    snapshot = fold(State(conversation_id=ANNA), [event] * 10_000)
    await store.store.append(ANNA, [event] * 10_000, expected=0, snapshot=snapshot)
    await make_assistant(store).handle(message("greet", "m1"))
    assert store.calls == ["load", "append"]


async def test_actions_see_the_latest_hundred_stored_events_and_those_of_the_turn() -> None:
    seen: list[int] = []

    async def look(call: ActionCall) -> ActionResult:
        events = await call.load_events()
        texts = [event.text for event in events if isinstance(event, UserSpoke)]
        seen.extend((len(texts), len([text for text in texts if text == "count"])))
        return ActionResult()

    store = InMemoryTrackerStore()
    event = UserSpoke(text="word", timestamp=1.0)
    await store.append(ANNA, [event] * 500, expected=0)
    await make_assistant(store, actions=FunctionActions({"action_count": look})).handle(message("count"))
    assert seen == [101, 1]


# The end


class NeverEndingAction:
    def __init__(self) -> None:
        self.has_begun = asyncio.Event()

    async def run(self, _: ActionCall) -> ActionResult:
        self.has_begun.set()
        await asyncio.Event().wait()
        return ActionResult()


async def test_a_closing_assistant_refuses_messages_and_finishes_those_under_way() -> None:
    gate = asyncio.Event()

    async def wait(_: ActionCall) -> ActionResult:
        await gate.wait()
        return ActionResult()

    store = WatchedStore()
    actions = FunctionActions({"action_count": wait})
    assistant = make_assistant(store, actions=actions)
    request = asyncio.create_task(assistant.handle(message("count")))
    await asyncio.sleep(0)
    closing = asyncio.create_task(assistant.close())
    await asyncio.sleep(0)
    with pytest.raises(ClosingError):
        await assistant.handle(message("greet"))
    assert not store.is_closed
    gate.set()
    await closing
    assert names_of(await request)[0] == "utter_counted"
    assert (store.is_closed, actions.is_closed) == (True, True)


async def test_a_turn_that_outlasts_the_end_is_cancelled_and_leaves_nothing() -> None:
    from duologue.runtime.assistant import ClosingError

    never_ending = NeverEndingAction()
    kept = InMemoryTrackerStore()
    store = WatchedStore(kept)
    assistant = make_assistant(store, actions=FunctionActions({"action_count": never_ending.run}))
    request = asyncio.create_task(assistant.handle(message("count")))
    await never_ending.has_begun.wait()
    assert not await assistant.drain(0.01)
    await assistant.close(0)
    with pytest.raises(ClosingError):
        await request
    assert store.is_closed
    assert "append" not in store.calls


async def test_an_end_that_is_itself_cut_short_still_lets_go_of_everything() -> None:
    never_ending = NeverEndingAction()
    store = WatchedStore()
    actions = FunctionActions({"action_count": never_ending.run})
    assistant = make_assistant(store, actions=actions)
    request = asyncio.create_task(assistant.handle(message("count")))
    await never_ending.has_begun.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await assistant.close()
    assert (store.is_closed, actions.is_closed) == (True, True)
    await asyncio.gather(request, return_exceptions=True)


async def test_closing_twice_is_as_good_as_once() -> None:
    assistant = make_assistant()
    await assistant.close()
    await assistant.close()
