"""The project's own actions in the server's process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError
from duologue.core.events import ActionExecuted, BotSpoke, Event, SlotWasSet, TurnFailed
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot
from duologue.core.state import State
from duologue.core.values import SlotValue
from duologue.ports.action_runner import ActionCall
from duologue.runtime.assistant import Assistant
from duologue.runtime.in_process_actions import InProcessActionRunner
from tests.flow_writing import act, flow
from tests.unit.runtime.small_assistant import (
    ANNA,
    GREET,
    assert_snapshot_is_the_fold,
    make_assistant,
    message,
    names_of,
    read_slot,
    read_texts,
)

ACTIONS = '''
import asyncio
import threading

from duologue.sdk import Action
from duologue.sdk.errors import ActionExecutionRejection
from duologue.sdk.events import SlotSet

gate = threading.Event()


class Tell(Action):
    def name(self):
        return "action_tell"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="one")
        dispatcher.utter_message(text="two")
        return [SlotSet("counted", 1), SlotSet("counted", 2)]


class Fail(Action):
    def name(self):
        return "action_fail"

    def run(self, dispatcher, tracker, domain):
        raise ValueError("the secret of Anna")


class Decline(Action):
    def name(self):
        return "action_decline"

    def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection(self.name())


class Sleep(Action):
    def name(self):
        return "action_sleep"

    async def run(self, dispatcher, tracker, domain):
        await asyncio.Event().wait()


class Block(Action):
    def name(self):
        return "action_block"

    def run(self, dispatcher, tracker, domain):
        gate.wait(30)
        return []


class Open(Action):
    def name(self):
        return "action_open"

    def run(self, dispatcher, tracker, domain):
        gate.set()
        return []


class Shop(Action):
    """Changes the list it is given, as authors do."""

    def name(self):
        return "action_shop"

    def run(self, dispatcher, tracker, domain):
        cart = tracker.get_slot("cart") or []
        cart.append("apple")
        if len(cart) == 3:
            raise ValueError("too many")
        return [SlotSet("cart", cart)]


class Meddle(Action):
    def name(self):
        return "action_meddle"

    def run(self, dispatcher, tracker, domain):
        domain["slots"]["mine"] = domain["actions"].append("mine")
        tracker.latest_message["text"] = "mine"
        return []


class Look(Action):
    def name(self):
        return "action_look"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("counted", ["mine" in domain["slots"], "mine" in domain["actions"]])]


class Quote(Action):
    """Hands back a message that is stored already, its id included."""

    def name(self):
        return "action_quote"

    def run(self, dispatcher, tracker, domain):
        return [event for event in tracker.events if event["event"] in ("user", "stack")][:2]


class Give(Action):
    def name(self):
        return "action_give"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("counted", VALUES[tracker.get_slot("counted")])]


class Answer(Action):
    def name(self):
        return "action_answer"

    def run(self, dispatcher, tracker, domain):
        dispatcher.messages.append(MESSAGES[tracker.get_slot("counted")])
        return []


class Event(Action):
    def name(self):
        return "action_event"

    def run(self, dispatcher, tracker, domain):
        return [EVENTS[tracker.get_slot("counted")]]


def nested(depth):
    return [nested(depth - 1)] if depth else []


VALUES = {
    "object": object(),
    "complex": 1j,
    "a key of two": {(1, 2): 3},
    "deep": nested(500),
    "too deep": nested(80),
    "huge": 10**5000,
}
EVENTS = {
    "no event": {"name": "cart"},
    "text": "slot",
    "slot without a name": {"event": "slot", "value": 1},
    "name of the wrong type": {"event": "slot", "name": 7},
    "time as text": {"event": "slot", "name": "cart", "timestamp": "now"},
    "metadata as list": {"event": "restart", "metadata": [1]},
    "reply with odd data": {"event": "bot", "text": "x", "data": 5},
}
MESSAGES = {
    "buttons as text": {"text": "x", "buttons": "yes"},
    "a button as text": {"text": "x", "buttons": ["yes"]},
    "an image as object": {"image": {"url": "x"}},
    "elements as text": {"elements": "x"},
    "a response as number": {"response": 5},
    "deep": {"custom": {"x": nested(80)}},
}
'''
NAMES = [
    f"action_{name}"
    for name in [
        "tell",
        "fail",
        "decline",
        "sleep",
        "block",
        "open",
        "shop",
        "meddle",
        "look",
        "quote",
        "give",
        "answer",
        "event",
        "absent",
    ]
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "actions.py").write_text(ACTIONS, encoding="utf-8")
    return tmp_path


@pytest.fixture
async def runner(folder: Path) -> AsyncIterator[InProcessActionRunner]:
    runner = InProcessActionRunner.open("actions", folder, timeout=30)
    yield runner
    await runner.close()


def assistant_over(runner: InProcessActionRunner, store: InMemoryTrackerStore | None = None) -> Assistant:
    flows = [flow(name.removeprefix("action_"), act(name), act("utter_done")) for name in NAMES]
    return make_assistant(store, flows=[GREET, *flows], actions=runner, action_names=NAMES)


def call_of(name: str, *, counted: SlotValue = None, events: Sequence[Event] = ()) -> ActionCall:
    async def load_events() -> Sequence[Event]:
        return events

    return ActionCall(
        action_name=name,
        state=State(conversation_id=ConversationId("anna"), slots={"counted": counted}),
        domain=Domain(slots={"counted": Slot(name="counted")}, actions=tuple(NAMES)),
        idempotency_key="anna/m1/1",
        load_events=load_events,
    )


async def test_messages_come_before_events_and_both_in_their_order(runner: InProcessActionRunner) -> None:
    store = InMemoryTrackerStore()
    report = await assistant_over(runner, store).handle(message("tell"))
    assert names_of(report)[:3] == ["one", "two", "utter_done"]
    wanted = [event for event in await store.load_events(ANNA) if isinstance(event, BotSpoke | SlotWasSet)]
    values = [event.value if isinstance(event, SlotWasSet) else event.message.text for event in wanted]
    assert values[:4] == ["one", "two", 1, 2]


async def test_an_exception_is_the_error_pattern_to_the_user_and_a_traceback_in_the_log(
    runner: InProcessActionRunner, caplog: pytest.LogCaptureFixture
) -> None:
    store = InMemoryTrackerStore()
    report = await assistant_over(runner, store).handle(message("fail"))
    assert "utter_internal_error_rasa" in names_of(report)
    assert 'raise ValueError("the secret of Anna")' in caplog.text
    await assert_snapshot_is_the_fold(store)


async def test_the_text_of_an_authors_exception_does_not_get_into_the_conversation(
    runner: InProcessActionRunner,
) -> None:
    store = InMemoryTrackerStore()
    await assistant_over(runner, store).handle(message("fail"))
    (failure,) = [event for event in await store.load_events(ANNA) if isinstance(event, TurnFailed)]
    assert failure.reason == "The action 'action_fail' failed with ValueError."


async def test_an_action_may_decline(runner: InProcessActionRunner) -> None:
    with pytest.raises(ActionRejectedError):
        await runner.run(call_of("action_decline"))


async def test_an_action_that_takes_too_long_is_given_up(folder: Path) -> None:
    runner = InProcessActionRunner.open("actions", folder, timeout=0.01)
    with pytest.raises(ActionError, match=r"'action_sleep' took longer than 0\.01 s"):
        await runner.run(call_of("action_sleep"))
    report = await assistant_over(runner).handle(message("sleep"))
    assert "utter_internal_error_rasa" in names_of(report)
    await runner.close()


async def test_an_action_without_code_is_named_with_the_nearest(runner: InProcessActionRunner) -> None:
    with pytest.raises(
        ActionError, match="No action named 'action_tel' is registered; did you mean 'action_tell'"
    ):
        await runner.run(call_of("action_tel"))
    store = InMemoryTrackerStore()
    await assistant_over(runner, store).handle(message("absent"))
    (failure,) = [event for event in await store.load_events(ANNA) if isinstance(event, TurnFailed)]
    assert "action_absent" in failure.reason


async def test_a_blocking_action_does_not_hold_up_other_conversations(runner: InProcessActionRunner) -> None:
    assistant = assistant_over(runner)
    blocked = asyncio.create_task(assistant.handle(message("block")))
    report = await assistant.handle(message("greet", conversation_id="ben"))
    assert names_of(report)[0] == "utter_hello"
    assert not blocked.done()
    await assistant.handle(message("open", conversation_id="ben"))
    assert "utter_done" in names_of(await blocked)


async def test_a_list_that_an_action_changes_in_place_stays_as_it_is_in_the_conversation(
    runner: InProcessActionRunner,
) -> None:
    store = InMemoryTrackerStore()
    assistant = assistant_over(runner, store)
    for _ in range(3):  # the third call fails after it has changed the list
        await assistant.handle(message("shop"))
        await assert_snapshot_is_the_fold(store)
    assert await read_slot(assistant, "cart") == ["apple", "apple"]


async def test_the_state_of_a_call_is_not_the_authors_to_change(runner: InProcessActionRunner) -> None:
    cart = ["apple"]
    call = call_of("action_shop", counted=None)
    call.state.slots["cart"] = cart
    await runner.run(call)
    assert cart == ["apple"]


async def test_a_domain_that_an_action_changes_is_whole_again_in_the_next_call(
    runner: InProcessActionRunner,
) -> None:
    assistant = assistant_over(runner)
    await assistant.handle(message("meddle"))
    await assistant.handle(message("look"))
    assert await read_slot(assistant, "counted") == [False, False]


async def test_old_messages_in_the_events_of_an_action_are_no_messages_again(
    runner: InProcessActionRunner,
) -> None:
    store = InMemoryTrackerStore()
    assistant = assistant_over(runner, store)
    await assistant.handle(message("greet", "m1"))
    first = await assistant.handle(message("quote", "m2"))
    assert await read_texts(store) == ["greet", "quote", "greet"]
    again = await assistant.handle(message("quote", "m2"))
    assert again.replies == first.replies
    await assert_snapshot_is_the_fold(store)


@pytest.mark.parametrize("name", ["object", "complex", "a key of two", "deep", "too deep", "huge"])
async def test_a_value_that_cannot_be_kept_fails_the_action_by_name(
    runner: InProcessActionRunner, name: str
) -> None:
    with pytest.raises(ActionError, match="action_give"):
        await runner.run(call_of("action_give", counted=name))


@pytest.mark.parametrize(
    "name",
    [
        "no event",
        "text",
        "slot without a name",
        "name of the wrong type",
        "time as text",
        "metadata as list",
        "reply with odd data",
    ],
)
async def test_a_malformed_event_fails_the_action_by_name(runner: InProcessActionRunner, name: str) -> None:
    with pytest.raises(ActionError, match="action_event"):
        await runner.run(call_of("action_event", counted=name))


@pytest.mark.parametrize(
    "name",
    [
        "buttons as text",
        "a button as text",
        "an image as object",
        "elements as text",
        "a response as number",
        "deep",
    ],
)
async def test_a_malformed_message_fails_the_action_by_name(runner: InProcessActionRunner, name: str) -> None:
    with pytest.raises(ActionError, match="action_answer"):
        await runner.run(call_of("action_answer", counted=name))


@pytest.mark.parametrize("name", ["object", "deep", "huge"])
async def test_the_turn_of_a_value_that_cannot_be_kept_fails_and_the_conversation_goes_on(
    runner: InProcessActionRunner, name: str
) -> None:
    store = InMemoryTrackerStore()
    assistant = assistant_over(runner, store)
    await store.append(ANNA, [SlotWasSet(name="counted", value=name)], expected=0)
    report = await assistant.handle(message("give"))
    assert "utter_internal_error_rasa" in names_of(report)
    assert names_of(await assistant.handle(message("greet")))[0] == "utter_hello"
    await assert_snapshot_is_the_fold(store)


async def test_code_that_cannot_be_imported_is_refused_at_the_start_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "actions.py").write_text("import os\nimport not_there\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"actions\.py:2.*not_there"):
        InProcessActionRunner.open("actions", tmp_path, timeout=1)


async def test_an_answer_is_recorded_after_the_action_itself(runner: InProcessActionRunner) -> None:
    store = InMemoryTrackerStore()
    await assistant_over(runner, store).handle(message("tell"))
    names = [type(event).__name__ for event in await store.load_events(ANNA)]
    executed = [
        place
        for place, event in enumerate(await store.load_events(ANNA))
        if isinstance(event, ActionExecuted) and event.name == "action_tell"
    ]
    assert names[executed[0] + 1 :][:4] == ["BotSpoke", "BotSpoke", "SlotWasSet", "SlotWasSet"]
