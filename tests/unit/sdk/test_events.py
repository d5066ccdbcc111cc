"""The JSON of the events an action may return."""

import datetime
from typing import Any

import pytest

from duologue.sdk import events

WHEN = datetime.datetime(2030, 1, 2, 3, 4, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (events.SlotSet("a", 1), {"event": "slot", "name": "a", "value": 1}),
        (events.AllSlotsReset(), {"event": "reset_slots"}),
        (events.FollowupAction("action_x"), {"event": "followup", "name": "action_x"}),
        (events.ActiveLoop(None), {"event": "active_loop", "name": None}),
        (events.LoopInterrupted(True), {"event": "loop_interrupted", "is_interrupted": True}),
        (
            events.ReminderScheduled("remind", WHEN, name="r", kill_on_user_message=False),
            {
                "event": "reminder",
                "intent": "remind",
                "entities": None,
                "date_time": "2030-01-02T03:04:00+00:00",
                "name": "r",
                "kill_on_user_msg": False,
            },
        ),
        (
            events.ReminderCancelled("r"),
            {"event": "cancel_reminder", "intent": None, "entities": None, "name": "r"},
        ),
        (
            events.UserUttered("hi", {"intent": {}}, input_channel="rest"),
            {"event": "user", "text": "hi", "parse_data": {"intent": {}}, "input_channel": "rest"},
        ),
        (
            events.BotUttered("hi", {"image": "i"}, {"m": 1}),
            {"event": "bot", "text": "hi", "data": {"image": "i"}, "metadata": {"m": 1}},
        ),
        (events.AgentUttered("hi"), {"event": "agent", "text": "hi", "data": None}),
        (
            events.ActionExecuted("action_x", "p", 0.5),
            {"event": "action", "name": "action_x", "policy": "p", "confidence": 0.5},
        ),
        (
            events.ActionExecutionRejected("action_x"),
            {"event": "action_execution_rejected", "name": "action_x", "policy": None, "confidence": None},
        ),
        (events.SessionStarted(), {"event": "session_started"}),
        (events.SessionEnded(metadata={"m": 1}), {"event": "session_ended", "metadata": {"m": 1}}),
        (events.Restarted(), {"event": "restart"}),
        (events.UserUtteranceReverted(), {"event": "rewind"}),
        (events.ActionReverted(), {"event": "undo"}),
        (events.ConversationPaused(), {"event": "pause"}),
        (events.ConversationResumed(), {"event": "resume"}),
        (events.StoryExported(), {"event": "export"}),
    ],
    ids=lambda value: value["event"],
)
def test_each_event_has_the_fields_of_the_protocol(event: dict[str, Any], fields: dict[str, Any]) -> None:
    assert event == {**fields, "timestamp": None}


def test_old_events_warn_and_become_new_ones() -> None:
    with pytest.warns(DeprecationWarning, match="use ActiveLoop"):
        assert events.Form("f") == events.ActiveLoop("f")
    with pytest.warns(DeprecationWarning, match="use LoopInterrupted"):
        assert events.FormValidation(False) == events.LoopInterrupted(True)


def test_a_reminder_that_names_an_action_warns() -> None:
    with pytest.warns(FutureWarning, match="looks like the name of an action"):
        events.ReminderScheduled("action_remind", WHEN)
