"""The tracker's public JSON says what actions and clients read in it."""

from duologue.core import events as ev
from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot
from duologue.core.stack import FlowFrame
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.understanding import Intent, Understanding
from duologue.wire.tracker import format_tracker

DOMAIN = Domain(slots={"currency": Slot(name="currency", initial_value="EUR"), "amount": Slot(name="amount")})


def test_every_slot_of_the_domain_is_there_with_its_value() -> None:
    state = State(conversation_id=ConversationId("anna"), slots={"amount": 20, "undeclared": 1})
    assert format_tracker(state, (), DOMAIN)["slots"] == {"currency": "EUR", "amount": 20, "undeclared": 1}


def test_a_conversation_that_has_not_begun_has_an_empty_message() -> None:
    tracker = format_tracker(State(conversation_id=ConversationId("anna")), None, DOMAIN)
    assert tracker["events"] is None
    assert tracker["latest_message"]["text"] is None
    assert tracker["latest_message"]["intent"] == {"name": None, "confidence": 0.0}
    assert tracker["active_loop"] == {}
    assert tracker["latest_action"] == {}
    assert "user_id" not in tracker


def test_what_happened_is_told_in_the_members_that_clients_know() -> None:
    said = ev.UserSpoke(
        text="hi",
        understanding=Understanding(intent=Intent(name="greet")),
        channel="slack",
        message_id="m-1",
        user_id="u-1",
        timestamp=12.5,
        metadata={"team": "blue"},
    )
    events: list[ev.Event] = [
        ev.SessionStarted(session_id="s-1", timestamp=10.0),
        said,
        ev.StackChanged(stack=(FlowFrame(flow_id="hello", step_id="wave"),), timestamp=13.0),
        ev.ActionExecuted(name="action_wave", timestamp=14.0),
        ev.FollowupRequested(name="action_bow", timestamp=14.0),
        ev.LoopActivated(name="order_form", timestamp=15.0),
        ev.ConversationPaused(timestamp=16.0),
    ]
    tracker = format_tracker(fold(State(conversation_id=ConversationId("anna")), events), events, DOMAIN)
    assert tracker["sender_id"] == "anna"
    assert tracker["user_id"] == "u-1"
    assert tracker["current_session_id"] == "s-1"
    assert tracker["conversation_started_timestamp"] == 10.0
    assert tracker["latest_event_time"] == 16.0
    assert tracker["latest_input_channel"] == "slack"
    assert tracker["latest_message"]["metadata"] == {"team": "blue"}
    assert tracker["latest_message"]["message_id"] == "m-1"
    assert tracker["latest_action_name"] == "action_wave"
    assert tracker["latest_action"] == {"action_name": "action_wave"}
    assert tracker["followup_action"] == "action_bow"
    assert tracker["active_loop"] == {
        "name": "order_form",
        "is_interrupted": False,
        "rejected": False,
    }
    assert tracker["paused"] is True
    assert tracker["stack"][0]["flow_id"] == "hello"
    assert [event["event"] for event in tracker["events"]][:2] == ["session_started", "user"]
