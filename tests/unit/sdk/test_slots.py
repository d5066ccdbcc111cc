"""Slot mappings written in code."""

from typing import Any

import pytest

from duologue.sdk import Tracker
from duologue.sdk.payloads import DomainDict
from duologue.sdk.slots import SlotMapping

DOMAIN: DomainDict = {"forms": {"f": {"ignored_intents": "chitchat"}}}


def tracker_of(intent: str, loop: str | None = None, entities: tuple[dict[str, Any], ...] = ()) -> Tracker:
    message = {"intent": {"name": intent}, "entities": list(entities)}
    return Tracker.from_dict({"sender_id": "ada", "latest_message": message, "active_loop": {"name": loop}})


def test_a_mapping_is_what_the_domain_would_say() -> None:
    assert SlotMapping.from_entity("city", intent="go", not_intent=["stay"], role="to") == {
        "type": "from_entity",
        "entity": "city",
        "intent": ["go"],
        "not_intent": ["stay"],
        "role": "to",
        "group": None,
    }
    assert SlotMapping.from_intent(True, "affirm")["value"] is True
    assert SlotMapping.from_trigger_intent(1)["type"] == "from_trigger_intent"
    assert SlotMapping.from_text() == {"type": "from_text", "intent": [], "not_intent": []}


@pytest.mark.parametrize(
    ("mapping", "intent", "loop", "expected"),
    [
        (SlotMapping.from_text(), "inform", None, True),
        (SlotMapping.from_text(intent="inform"), "inform", None, True),
        (SlotMapping.from_text(intent="inform"), "greet", None, False),
        (SlotMapping.from_text(not_intent="greet"), "greet", None, False),
        ({**SlotMapping.from_text(), "conditions": [{"active_loop": "f"}]}, "chitchat", "f", False),
        ({**SlotMapping.from_text(), "conditions": [{"active_loop": "f"}]}, "chitchat", "other", True),
    ],
)
def test_a_mapping_allows_or_refuses_the_latest_intent(
    mapping: dict[str, Any], intent: str, loop: str | None, expected: bool
) -> None:
    assert SlotMapping.intent_is_desired(mapping, tracker_of(intent, loop), DOMAIN) is expected


def test_an_entity_fits_only_with_its_role() -> None:
    mapping = SlotMapping.from_entity("city", role="to")

    assert SlotMapping.entity_is_desired(mapping, tracker_of("go", None, ({"entity": "city", "role": "to"},)))
    assert not SlotMapping.entity_is_desired(mapping, tracker_of("go", None, ({"entity": "city"},)))
