"""Events keep everything on their way through public JSON, and those of other servers are understood."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duologue.core import events as ev
from duologue.core.commands import SetSlot, StartFlow
from duologue.core.events import Event
from duologue.core.messages import BotMessage
from duologue.core.stack import FlowFrame, FrameType, PatternFrame
from duologue.core.understanding import Entity, Intent
from duologue.wire.events import decode_event, encode_event, format_event, get_type_name, parse_event
from duologue.wire.members import MalformedError
from tests.unit.wire.generated_values import structs_of


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_comes_back_as_it_went(kind: type[Event]) -> None:
    @given(structs_of(kind))
    @settings(max_examples=25, deadline=None)
    def check(event: Event) -> None:
        assert decode_event(encode_event(event)) == event
        assert parse_event(json.loads(json.dumps(format_event(event)))) == event

    check()


@given(structs_of(ev.StackChanged))
@settings(max_examples=30, deadline=None)
def test_a_stack_event_is_read_the_same_whatever_stood_before(event: ev.StackChanged) -> None:
    before = (FlowFrame(flow_id="other"), PatternFrame(flow_id="pattern_completed"))
    assert decode_event(encode_event(event), stack=before) == event


def test_an_event_of_an_action_server_has_no_time_yet() -> None:
    event = parse_event({"event": "slot", "timestamp": None, "name": "amount", "value": 3})
    assert event == ev.SlotWasSet(name="amount", value=3, timestamp=0.0)


def test_a_type_that_nobody_told_us_of_is_kept_as_it_came() -> None:
    data = {"event": "agent_started", "timestamp": 3.5, "metadata": {"a": 1}, "agent_id": "x", "flow_id": "f"}
    event = parse_event(data)
    assert event == ev.OtherEvent(
        type_name="agent_started", timestamp=3.5, metadata={"a": 1}, data={"agent_id": "x", "flow_id": "f"}
    )
    assert format_event(event) == data
    assert get_type_name(event) == "agent_started"


@pytest.mark.parametrize("spelling", ["kill_on_user_msg", "kill_on_user_message"])
def test_both_spellings_of_a_reminder_are_read(spelling: str) -> None:
    data = {
        "event": "reminder",
        "intent": "wake",
        "date_time": "2026-01-01T08:00:00",
        "name": None,
        spelling: False,
    }
    event = parse_event(data)
    assert isinstance(event, ev.ReminderScheduled)
    assert not event.kill_on_user_message
    assert event.name == ""


@pytest.mark.parametrize(
    ("data", "event"),
    [
        ({"event": "form", "name": "order_form"}, ev.LoopActivated(name="order_form")),
        ({"event": "form_validation", "validate": False}, ev.LoopInterrupted(is_interrupted=True)),
        ({"event": "form_validation", "validate": True}, ev.LoopInterrupted(is_interrupted=False)),
    ],
)
def test_the_older_names_of_loops_are_read(data: dict[str, Any], event: Event) -> None:
    assert parse_event(data) == event


def test_a_message_understood_by_another_server_is_read() -> None:
    event = parse_event(
        {
            "event": "user",
            "timestamp": 1700000000,
            "metadata": {"model_id": "m"},
            "text": "send 20 to Anna",
            "input_channel": None,
            "message_id": "m-1",
            "parse_data": {
                "intent": {"id": -77, "name": "transfer", "confidence": 0.9},
                "entities": [
                    {
                        "entity": "amount",
                        "value": 20,
                        "start": 5,
                        "end": 7,
                        "confidence_entity": 0.8,
                        "extractor": "X",
                    }
                ],
                "intent_ranking": [{"id": -77, "name": "transfer", "confidence": 0.9}],
                "commands": [
                    {"command": "start flow", "flow": "transfer_money"},
                    {"command": "correct slots", "corrected_slots": [{"name": "amount", "value": 20}]},
                    {"command": "something new"},
                ],
                "flows_in_prompt": ["transfer_money"],
            },
        }
    )
    assert isinstance(event, ev.UserSpoke)
    assert event.understanding.intent == Intent(name="transfer", confidence=0.9)
    assert event.understanding.entities == (
        Entity(entity="amount", value=20, start=5, end=7, confidence=0.8, extractor="X"),
    )
    started, corrected = event.understanding.commands
    assert started == StartFlow(flow="transfer_money")
    assert corrected.corrected_slots == (SetSlot(name="amount", value=20),)  # pyright: ignore[reportAttributeAccessIssue]


def test_a_message_without_words_or_understanding_is_read() -> None:
    event = parse_event({"event": "user", "text": None, "parse_data": None, "input_channel": "rest"})
    assert event == ev.UserSpoke(text="")


def test_a_reply_of_another_server_names_its_response_in_the_metadata() -> None:
    event = parse_event(
        {
            "event": "bot",
            "text": "Hello",
            "data": {
                "buttons": [{"title": "Site", "type": "web_url", "url": "https://x.test"}],
                "custom": [1],
            },
            "metadata": {"utter_action": "utter_greet", "metadata": {"rephrase": True}, "model_id": "m"},
        }
    )
    assert isinstance(event, ev.BotSpoke)
    assert event.metadata == {"model_id": "m"}
    assert event.message.response == "utter_greet"
    assert event.message.metadata == {"rephrase": True}
    assert event.message.buttons[0].extra == {"type": "web_url", "url": "https://x.test"}
    assert event.message.custom == {"custom": [1]}


def test_a_session_named_only_in_the_metadata_is_found() -> None:
    event = parse_event({"event": "session_started", "metadata": {"session_id": "s-1"}})
    assert event == ev.SessionStarted(session_id="s-1", metadata={"session_id": "s-1"})


def test_a_patch_of_another_server_changes_the_stack_before_it() -> None:
    before = (FlowFrame(flow_id="transfer", step_id="START", frame_id="AAAAAAAA"),)  # pyright: ignore[reportArgumentType]
    pushed = {
        "frame_id": "BBBBBBBB",
        "flow_id": "pattern_collect_information",
        "step_id": "START",
        "collect": "amount",
        "utter": "utter_ask_amount",
        "type": "pattern_collect_information",
    }
    patch = [
        {"op": "replace", "path": "/0/step_id", "value": "ask_amount"},
        {"op": "add", "path": "/1", "value": pushed},
    ]
    event = parse_event({"event": "stack", "update": json.dumps(patch)}, stack=before)
    assert isinstance(event, ev.StackChanged)
    flow, pattern = event.stack
    assert flow == FlowFrame(flow_id="transfer", step_id="ask_amount", frame_id="AAAAAAAA")  # pyright: ignore[reportArgumentType]
    assert isinstance(pattern, PatternFrame)
    assert pattern.context == {"collect": "amount", "utter": "utter_ask_amount"}
    assert before[0].step_id == "START"


def test_frames_that_only_other_servers_have_are_read() -> None:
    update = [
        {
            "op": "replace",
            "path": "",
            "value": [
                {"type": "flow", "flow_id": "f", "step_id": "s", "frame_id": "A", "frame_type": "brand_new"},
                {"type": "search", "frame_id": "B"},
            ],
        }
    ]
    event = parse_event({"event": "stack", "update": json.dumps(update)})
    assert isinstance(event, ev.StackChanged)
    flow, search = event.stack
    assert isinstance(flow, FlowFrame)
    assert flow.frame_type is FrameType.REGULAR
    assert search.flow_id == "search"


def test_a_context_that_uses_our_own_names_is_not_mixed_up_with_them() -> None:
    frame = PatternFrame(
        flow_id="pattern_x", context={"type": "flow", "flow_id": "y", "context": 1, "plain": 2}
    )
    event = ev.StackChanged(stack=(frame,))
    assert decode_event(encode_event(event)) == event


def test_half_a_surrogate_pair_does_not_stop_a_turn() -> None:
    event = decode_event(
        encode_event(ev.UserSpoke(text="broken \ud83d emoji", metadata={"\udc00": ["\ud800"]}))
    )
    assert isinstance(event, ev.UserSpoke)
    assert event.text == "broken \ufffd emoji"
    assert event.metadata == {"\ufffd": ["\ufffd"]}


def test_a_number_that_json_cannot_hold_does_not_make_an_event_unreadable() -> None:
    spoken = ev.BotSpoke(
        message=BotMessage(text="x"), timestamp=float("nan"), metadata={"score": float("inf")}
    )
    event = decode_event(encode_event(spoken))
    assert event.timestamp == 0.0
    assert event.metadata == {"score": None}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "An event must be an object, not a list."),
        ({}, "an event needs `event`, a text."),
        ({"event": "slot", "value": 1}, "the event `slot` needs `name`, a text."),
        ({"event": "slot", "name": 3}, "`name` of the event `slot` is a number but must be a text."),
        (
            {"event": "restart", "timestamp": "now"},
            "`timestamp` of the event `restart` is a text but must be a number.",
        ),
        ({"event": "stack", "update": "["}, "The `update` of a `stack` event is not JSON"),
        ({"event": "stack", "update": "{}"}, "A JSON patch must be a list of operations."),
        ({"event": "user", "parse_data": {"entities": [3]}}, "An entity must be an object, not a number."),
    ],
)
def test_a_malformed_event_is_refused_with_what_is_wrong(data: object, message: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_event(data)
    assert str(caught.value).startswith(message)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), st.lists, max_leaves=4))
def test_no_json_makes_anything_but_an_event_or_a_refusal(garbage: object) -> None:
    for kind in ("user", "bot", "slot", "stack", "entities", "session_started"):
        names = ("text", "parse_data", "data", "name", "update", "entities", "metadata")
        try:
            parse_event({"event": kind, **dict.fromkeys(names, garbage)})
        except MalformedError:
            continue
