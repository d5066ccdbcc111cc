"""The demo page: its files, and the data behind it."""

import re

import msgspec
import pytest

from duologue.core.events import StackChanged
from duologue.core.ids import ConversationId, FrameId
from duologue.core.messages import UserMessage
from duologue.core.stack import FlowFrame, PatternFrame
from duologue.flows.flow import Flows
from duologue.server.flow_journey import trace_journey
from duologue.server.page_files import PAGE_FILES, find_page_file
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from tests.http.conftest import Connect
from tests.http.scripted_assistant import TRANSFER, ScriptedAssistant

HELLO = UserMessage(conversation_id=ConversationId("anna/1"), text="Hello")


async def test_the_page_offers_something_to_say(connect: Connect) -> None:
    async with connect(is_page_shown=True) as client:
        response = await client.get("/demo/assistant")
    assert response.json()["suggestions"] == ["I want to send money"]


async def test_a_conversation_shows_its_flow_the_step_and_the_slots(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    await assistant.handle(HELLO)
    async with connect(is_page_shown=True) as client:
        view = (await client.get("/demo/conversations/anna/1")).json()
    assert [(card["title"], card["status"]) for card in view["flows"]] == [("transfer money", "active")]
    assert view["flows"][0]["steps"] == [
        {"id": "0_collect_amount", "kind": "ask", "title": "amount", "is_current": True}
    ]
    assert view["slots"] == [
        {"name": "amount", "type": "float", "value": 50, "is_set": True},
        {"name": "recipient", "type": "any", "value": None, "is_set": False},
    ]
    assert view["understanding"]["commands"] == ["start transfer_money", "set amount = 50"]
    assert [line.get("text") for line in view["chat"]] == ["Hello", None]


async def test_only_the_events_of_the_last_turn_are_listed(
    connect: Connect, assistant: ScriptedAssistant
) -> None:
    await assistant.handle(HELLO)
    await assistant.handle(msgspec.structs.replace(HELLO, text="Again"))
    async with connect(is_page_shown=True) as client:
        view = (await client.get("/demo/conversations/anna/1")).json()
    assert [event["type"] for event in view["events"]].count("user") == 1
    assert view["events"][0]["summary"] == "Again"


async def test_a_conversation_that_does_not_exist_yet_is_empty(connect: Connect) -> None:
    async with connect(is_page_shown=True) as client:
        view = (await client.get("/demo/conversations/new")).json()
    assert (view["turns"], view["flows"], view["chat"]) == (0, [], [])


async def test_a_page_hears_of_the_turns_of_its_own_conversation(assistant: ScriptedAssistant) -> None:
    updates = PageUpdates()
    reception = Reception(assistant, seconds=5, listeners=(updates.publish,))
    reports = updates.subscribe("anna/1", heartbeat=0)
    assert await anext(reports) is None
    await reception.handle(msgspec.structs.replace(HELLO, conversation_id=ConversationId("other")))
    await reception.handle(HELLO)
    report = await anext(reports)
    assert report is not None
    assert report.state.conversation_id == "anna/1"


async def test_closing_ends_every_open_page(assistant: ScriptedAssistant) -> None:
    updates = PageUpdates()
    reports = updates.subscribe("anna/1", heartbeat=0)
    await anext(reports)
    updates.close()
    assert [report async for report in reports] == []


async def test_files_outside_the_page_are_not_served(connect: Connect) -> None:
    async with connect(is_page_shown=True) as client:
        response = await client.get("/demo/files/..%2Fapp.py")
    assert response.status_code == 404


@pytest.mark.parametrize("name", sorted(PAGE_FILES))
def test_the_page_takes_nothing_from_elsewhere_and_makes_no_markup_of_text(name: str) -> None:
    text = find_page_file(name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:src|href|url\(|import|fetch\()\W{0,3}(?:https?:)?//", text) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []


def frame(flow_id: str, step_id: str) -> FlowFrame:
    return FlowFrame(flow_id=flow_id, step_id=step_id, frame_id=FrameId(flow_id.upper()))


def test_the_way_shows_what_runs_first_then_what_waits_then_what_is_over() -> None:
    asking = PatternFrame(flow_id="pattern_collect_information", step_id="ask")
    started = frame("transfer_money", "0_collect_amount")
    digression = frame("balance", "0_show")
    history = (
        StackChanged(stack=(frame("hours", "0_tell"),)),
        StackChanged(stack=(started,)),
        StackChanged(stack=(started, digression, asking)),
    )
    cards = trace_journey(history[-1].stack, history, Flows([TRANSFER]))
    assert [(card.flow_id, card.status.value) for card in cards] == [
        ("balance", "active"),
        ("transfer_money", "waiting"),
        ("hours", "finished"),
    ]


def test_a_correction_shows_as_the_same_steps_walked_again() -> None:
    steps = ["START", "0_collect_amount", "1_utter_done", "1_utter_done", "0_collect_amount"]
    history = tuple(StackChanged(stack=(frame("transfer_money", step),)) for step in steps)
    (card,) = trace_journey(history[-1].stack, history, Flows([TRANSFER]))
    assert [(step.title, step.is_current) for step in card.steps] == [
        ("amount", False),
        ("done", False),
        ("amount", True),
    ]
