"""The conversation as an action sees it."""

import pytest

from duologue.sdk import Tracker
from duologue.sdk.events import ActionExecuted, SlotSet, UserUttered
from duologue.sdk.payloads import EventType

LISTEN = ActionExecuted("action_listen")


def tracker_of(*events: EventType, **state: object) -> Tracker:
    return Tracker.from_dict({"sender_id": "ada", "events": list(events), **state})


def test_the_state_survives_a_round_trip() -> None:
    state = {
        "sender_id": "ada",
        "slots": {"amount": 50},
        "latest_message": {"text": "hi", "intent": {"name": "greet"}},
        "events": [UserUttered("hi", timestamp=1.5, input_channel="rest")],
        "paused": True,
        "followup_action": None,
        "active_loop": {"name": "transfer_form"},
        "latest_action_name": "action_listen",
        "stack": [{"flow_id": "transfer_money"}],
        "user_id": "u1",
    }

    found = Tracker.from_dict(state).current_state()

    assert found == {
        **{key: value for key, value in state.items() if key != "followup_action"},
        "latest_event_time": 1.5,
        "latest_input_channel": "rest",
    }


def test_changes_of_an_action_do_not_reach_the_callers_state() -> None:
    slots: dict[str, object] = {"amount": 50}
    events: list[EventType] = []
    tracker = Tracker.from_dict({"sender_id": "ada", "slots": slots, "events": events})

    tracker.add_slots([SlotSet("amount", 70), ActionExecuted("action_x")])

    assert tracker.get_slot("amount") == 70
    assert tracker.events == [SlotSet("amount", 70)]
    assert (slots, events) == ({"amount": 50}, [])


def test_a_copy_shares_nothing_with_the_original() -> None:
    tracker = tracker_of(slots={"items": [1]}, active_loop={"name": "f"})

    copied = tracker.copy()
    copied.slots["items"].append(2)

    assert copied == tracker
    assert tracker.slots == {"items": [1]}


def test_entities_are_found_by_type_role_and_group() -> None:
    entities = [
        {"entity": "city", "value": "Rome"},
        {"entity": "city", "value": "Oslo", "role": "to"},
        {"entity": "city", "value": "Bonn", "role": "to", "group": "2"},
        {"entity": "name", "value": "Ada"},
    ]
    tracker = tracker_of(latest_message={"entities": entities})

    assert list(tracker.get_latest_entity_values("city")) == ["Rome"]
    assert list(tracker.get_latest_entity_values("city", entity_role="to")) == ["Oslo"]
    assert list(tracker.get_latest_entity_values("city", "to", "2")) == ["Bonn"]
    assert next(tracker.get_latest_entity_values("date"), None) is None


@pytest.mark.parametrize(
    ("ranking", "skip", "expected"),
    [
        (["greet", "bye"], True, "greet"),
        (["nlu_fallback", "bye"], True, "bye"),
        (["nlu_fallback", "bye"], False, "nlu_fallback"),
        (["nlu_fallback"], True, None),
        ([], True, None),
    ],
)
def test_the_latest_intent_passes_over_the_fallback(
    ranking: list[str], skip: bool, expected: str | None
) -> None:
    tracker = tracker_of(latest_message={"intent_ranking": [{"name": name} for name in ranking]})

    assert tracker.get_intent_of_latest_message(skip_fallback_intent=skip) == expected


def test_slots_to_validate_are_those_set_since_the_last_other_event() -> None:
    tracker = tracker_of(SlotSet("old", 1), LISTEN, SlotSet("a", 1), SlotSet("b", 2), SlotSet("a", 3))

    assert tracker.slots_to_validate() == {"a": 3, "b": 2}


def test_what_was_rewound_undone_or_restarted_does_not_count() -> None:
    before = [ActionExecuted("action_old"), {"event": "restart"}]
    rewound = [LISTEN, UserUttered("typo"), ActionExecuted("action_wrong"), {"event": "rewind"}]
    undone = [ActionExecuted("action_undone"), {"event": "undo"}]
    tracker = tracker_of(*before, ActionExecuted("action_hello"), *rewound, *undone, LISTEN)

    assert tracker.applied_events() == [ActionExecuted("action_hello"), LISTEN]
    assert tracker.last_executed_action_has("action_hello")
    assert tracker.idx_after_latest_restart() == 2
    assert tracker.events_after_latest_restart() == tracker.events[2:]


def test_the_last_event_can_be_skipped_and_actions_excluded() -> None:
    tracker = tracker_of(ActionExecuted("a"), ActionExecuted("b"), LISTEN)

    assert tracker.get_last_event_for("action", exclude=["action_listen"], skip=1) == ActionExecuted("a")
    assert tracker.get_last_event_for("action", skip=3) is None


@pytest.mark.parametrize(
    ("loop", "expected"),
    [({"name": "f"}, "f"), ({}, None), ({"name": None}, None), ({"name": "should_not_be_set"}, None)],
)
def test_the_active_forms_name_is_known(loop: dict[str, str | None], expected: str | None) -> None:
    assert tracker_of(active_loop=loop).active_loop_name == expected


def test_the_old_name_of_the_active_loop_warns() -> None:
    tracker = Tracker.from_dict({"sender_id": "ada", "active_form": {"name": "f"}})

    with pytest.warns(DeprecationWarning, match="use `active_loop` instead"):
        assert tracker.active_form == {"name": "f"}
