"""Questions about objects."""

import json
from pathlib import Path
from typing import Any

import pytest

from duologue.sdk.knowledge_base.query import ActionQueryKnowledgeBase
from duologue.sdk.knowledge_base.storage import InMemoryKnowledgeBase
from duologue.sdk.testing import ActionOutcome, run_action

HOTELS = [
    {"id": 1, "name": "Hilton", "city": "Rome", "stars": 5},
    {"id": 2, "name": "Hilton Garden", "city": "Rome", "stars": 3},
    {"id": 3, "name": "Ritz", "city": "Oslo", "stars": None},
]


@pytest.fixture
def base(tmp_path: Path) -> InMemoryKnowledgeBase:
    path = tmp_path / "objects.json"
    path.write_text(json.dumps({"hotel": HOTELS, "museum": []}), encoding="utf-8")
    return InMemoryKnowledgeBase(str(path))


async def ask(base: InMemoryKnowledgeBase, *entities: str, **slots: Any) -> ActionOutcome:
    found = [{"entity": entity, "value": "x"} for entity in entities]
    return await run_action(ActionQueryKnowledgeBase(base), slots=slots, message={"entities": found})


async def test_objects_are_listed_and_remembered(base: InMemoryKnowledgeBase) -> None:
    outcome = await ask(base, object_type="hotel", city="Rome")

    assert sorted(text.split(": ")[1] for text in outcome.texts[1:]) == ["Hilton", "Hilton Garden"]
    assert sorted(outcome.slots["knowledge_base_listed_objects"]) == [1, 2]
    assert outcome.slots["knowledge_base_last_object_type"] == "hotel"
    assert outcome.slots["knowledge_base_last_object"] is None
    assert outcome.slots["city"] is None


async def test_the_type_may_come_from_an_entity_of_its_name(base: InMemoryKnowledgeBase) -> None:
    outcome = await ask(base, "hotel", city="Oslo")

    assert outcome.slots["knowledge_base_last_object"] == 3


async def test_nothing_found_is_said_and_empties_the_attributes(base: InMemoryKnowledgeBase) -> None:
    outcome = await ask(base, object_type="hotel", city="Bonn")

    assert outcome.texts == ["I found nothing of the kind: hotel."]
    assert outcome.slots == {"city": None}


@pytest.mark.parametrize(
    ("slots", "text"),
    [
        ({"object_type": "hotel", "hotel": "ritz", "attribute": "city"}, "The city of Ritz is Oslo."),
        ({"object_type": "hotel", "hotel": "ritz", "attribute": "stars"}, "I do not know the stars of Ritz."),
        (
            {"mention": "2", "knowledge_base_listed_objects": [3, 1], "attribute": "stars"},
            "The stars of Hilton is 5.",
        ),
        (
            {"mention": "it", "knowledge_base_last_object": 3, "attribute": "city"},
            "The city of Ritz is Oslo.",
        ),
    ],
)
async def test_an_attribute_is_told(base: InMemoryKnowledgeBase, slots: dict[str, Any], text: str) -> None:
    outcome = await ask(base, "attribute", **{"knowledge_base_last_object_type": "hotel", **slots})

    assert outcome.texts == [text]
    assert outcome.slots["attribute"] is None


@pytest.mark.parametrize(
    "slots",
    [
        {"object_type": "hotel", "hotel": "hil", "attribute": "city"},
        {"object_type": "hotel", "hotel": "ritz", "attribute": "pool"},
        {"object_type": "hotel", "mention": "5", "knowledge_base_listed_objects": [1], "attribute": "city"},
        {"attribute": "city"},
    ],
    ids=["two objects", "no such attribute", "beyond the list", "no object"],
)
async def test_an_unclear_question_is_asked_again(base: InMemoryKnowledgeBase, slots: dict[str, Any]) -> None:
    outcome = await ask(base, "attribute", **slots)

    assert outcome.responses == ["utter_ask_rephrase"]


async def test_keys_and_wording_can_be_chosen(base: InMemoryKnowledgeBase) -> None:
    base.set_key_attribute_of_object("hotel", "name")
    base.set_representation_function_of_object("hotel", lambda hotel: f"{hotel['name']} in {hotel['city']}")

    outcome = await ask(base, object_type="hotel", city="Oslo")

    assert outcome.texts[1:] == ["1: Ritz in Oslo"]
    assert outcome.slots["knowledge_base_last_object"] == "Ritz"


def test_a_file_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")

    with pytest.raises(ValueError, match=r"missing\.json' cannot be read"):
        InMemoryKnowledgeBase(str(tmp_path / "missing.json"))
    with pytest.raises(ValueError, match=r"broken\.json' is not valid JSON"):
        InMemoryKnowledgeBase(str(broken))
