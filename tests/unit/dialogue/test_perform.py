"""Performing an action by its name, and taking over what it gives back."""

import pytest

from duologue.core.domain import Domain, Variation
from duologue.core.errors import ActionError, FlowError
from duologue.core.events import (
    ActionExecuted,
    BotSpoke,
    Event,
    ReminderScheduled,
    SessionStarted,
    SlotWasSet,
)
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, Button, UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.values import SlotValue
from duologue.dialogue.action_message import parse_action_message
from duologue.dialogue.perform import Performer
from duologue.dialogue.turn import Turn
from duologue.flows.flow import Flows
from duologue.flows.patterns import STOCK_FLOWS
from duologue.ports.action_runner import ActionResult
from duologue.responses.templates import TemplateResponseGenerator
from duologue.testing.conversation import complete_domain
from duologue.testing.scripted import FrozenClock, Outcome, RecordingDelivery, ScriptedActions
from tests.flow_writing import act, ask, choice, flag, flow, number, slot

OWN = (flow("transfer", ask("amount"), act("utter_hello")), flow("other", act("utter_hello")))
SLOTS = [number("amount"), flag("sure"), choice("colour", "Red", "Blue"), slot("name", initial_value="Jo")]
RESPONSES = {"utter_hello": [Variation(text="Hello {name}", buttons=())]}


class Stage:
    """A performer with one turn to perform in."""

    def __init__(self, has_actions: bool = True, **outcomes: Outcome) -> None:
        self.actions = ScriptedActions(outcomes)
        self.delivery = RecordingDelivery()
        domain = complete_domain(OWN, Domain(), slots=SLOTS, responses=RESPONSES, actions=outcomes)
        self.performer = Performer(
            flows=Flows([*OWN, *STOCK_FLOWS]),
            domain=domain,
            responses=TemplateResponseGenerator(domain),
            actions=self.actions if has_actions else None,
            load_events=self._load,
        )
        conversation_id = ConversationId("c1")
        tracker = Tracker(State(conversation_id=conversation_id, length=4, turns=2))
        message = UserMessage(conversation_id=conversation_id, text="hi")
        self.turn = Turn(
            message, tracker, clock=FrozenClock(50.0), stamp={"model_id": "m"}, deliver=self.delivery
        )

    async def _load(self, conversation_id: ConversationId, before: int) -> list[Event]:
        assert conversation_id == "c1"
        return [SlotWasSet(name="stored", value=before)]

    async def perform(self, name: str) -> list[Event]:
        await self.performer.perform(name, self.turn)
        return self.turn.tracker.new_events


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


async def test_a_response_is_recorded_shown_and_named() -> None:
    stage = Stage()
    executed, spoken = await stage.perform("utter_hello")
    assert isinstance(executed, ActionExecuted)
    assert (executed.name, executed.policy, executed.confidence) == ("utter_hello", "FlowPolicy", 1.0)
    assert isinstance(spoken, BotSpoke)
    assert spoken.message.text == "Hello Jo"
    assert spoken.metadata["utter_action"] == "utter_hello"
    assert stage.delivery.messages == [spoken.message]


async def test_every_event_is_stamped_with_the_time_and_whose_it_is() -> None:
    for event in await Stage().perform("utter_hello"):
        assert event.timestamp == 50.0
        assert event.metadata["model_id"] == "m"


async def test_a_projects_action_wins_over_a_response_and_over_a_default_action() -> None:
    stage = Stage(utter_hello=[], action_restart=[])
    await stage.perform("utter_hello")
    await stage.perform("action_restart")
    assert stage.actions.called == ["utter_hello", "action_restart"]


@pytest.mark.parametrize("name", ["action_nowhere", "utter_nowhere", "flow_nowhere", "flow_pattern_restart"])
async def test_what_does_not_exist_cannot_be_performed(name: str) -> None:
    with pytest.raises(FlowError, match=f"there is no action or response '{name}'"):
        await Stage().perform(name)


async def test_an_action_that_nothing_can_run_says_what_is_missing() -> None:
    with pytest.raises(FlowError, match=r"endpoints\.yml names no action_endpoint"):
        await Stage(has_actions=False, action_do=[]).perform("action_do")


async def test_messages_of_an_action_come_before_its_events() -> None:
    reminder = ReminderScheduled(intent="EXTERNAL_x", date_time="2030-01-01T00:00:00")
    result = ActionResult(
        events=(SlotWasSet(name="amount", value=5), reminder), responses=({"text": "a"}, {"text": "b"})
    )
    events = await Stage(action_do=result).perform("action_do")
    assert kinds(events) == ["ActionExecuted", "BotSpoke", "BotSpoke", "SlotWasSet", "ReminderScheduled"]


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("amount", "5", 5.0),
        ("sure", "no", False),
        ("colour", "BLUE", "Blue"),
        ("colour", "green", "green"),
        ("name", 7, 7),
        ("nowhere", "x", "x"),
        ("amount", None, None),
    ],
)
async def test_values_are_fitted_where_they_have_a_reading(
    name: str, given: SlotValue, kept: SlotValue
) -> None:
    events = await Stage(action_do=[SlotWasSet(name=name, value=given)]).perform("action_do")
    assert [(e.value, type(e.value)) for e in events if isinstance(e, SlotWasSet)] == [(kept, type(kept))]


async def test_each_call_has_a_key_of_its_own_that_counts_the_turns() -> None:
    stage = Stage(action_do=[])
    await stage.perform("action_do")
    await stage.perform("action_do")
    assert [call.idempotency_key for call in stage.actions.calls] == ["c1/3/1", "c1/3/2"]


async def test_an_action_can_load_what_was_stored_and_what_this_turn_recorded() -> None:
    stage = Stage(action_do=[])
    stage.turn.record(SlotWasSet(name="fresh", value=1))
    await stage.perform("action_do")
    loaded = await stage.actions.calls[0].load_events()
    assert [(e.name, e.value) for e in loaded if isinstance(e, SlotWasSet)] == [("stored", 4), ("fresh", 1)]


async def test_a_failure_is_raised_and_nothing_recorded() -> None:
    stage = Stage(action_do=ActionError("no", action_name="action_do"))
    with pytest.raises(ActionError):
        await stage.perform("action_do")
    assert stage.turn.tracker.new_events == []


async def test_a_session_start_of_the_project_without_an_event_for_it_gets_ours() -> None:
    events = await Stage(action_session_start=[SlotWasSet(name="name", value="Bo")]).perform(
        "action_session_start"
    )
    assert kinds(events) == ["ActionExecuted", "SessionStarted", "ActionExecuted", "SlotWasSet"]


async def test_a_session_start_of_the_project_gets_an_id() -> None:
    events = await Stage(action_session_start=[SessionStarted()]).perform("action_session_start")
    assert kinds(events) == ["ActionExecuted", "SessionStarted"]
    assert isinstance(events[1], SessionStarted)
    assert events[1].session_id


@pytest.mark.parametrize("outcomes", [{}, {"action_session_start": []}])
async def test_a_session_begins_once_in_a_turn(outcomes: dict[str, Outcome]) -> None:
    stage = Stage(True, **outcomes)
    await stage.perform("action_session_start")
    count = len(stage.turn.tracker.new_events)
    assert len(await stage.perform("action_session_start")) == count


async def test_an_empty_message_is_not_said() -> None:
    events = await Stage(action_do=ActionResult(responses=({}, {"text": ""}))).perform("action_do")
    assert kinds(events) == ["ActionExecuted"]


async def test_a_message_of_an_action_is_read_part_by_part() -> None:
    message = parse_action_message(
        {
            "text": "Hi",
            "buttons": [{"title": "A", "payload": "/a", "tip": "t"}, {"title": "B"}],
            "image": "i.png",
            "attachment": {"type": "x"},
            "elements": [{"title": "e"}],
            "quick_replies": ["q"],
            "custom": {"k": 1},
        }
    )
    assert message == BotMessage(
        text="Hi",
        buttons=(Button(title="A", payload="/a", extra={"tip": "t"}), Button(title="B", payload="B")),
        image="i.png",
        attachment={"type": "x"},
        elements=({"title": "e"},),
        quick_replies=("q",),
        custom={"k": 1},
    )
