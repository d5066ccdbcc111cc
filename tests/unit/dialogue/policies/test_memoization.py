"""Memories of stories: exact ones, and those that forget how the conversation began."""

from collections.abc import Sequence

import pytest

from duologue.core.domain import Domain, EntityType, Intent
from duologue.core.slots import Slot, SlotType
from duologue.core.state import State
from duologue.core.stories import Story
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.dialogue.policies.training import load_policies, train_policies
from tests.unit.dialogue.policies.made_stories import (
    DOMAIN,
    LISTENED,
    after,
    did,
    does,
    either,
    hears,
    in_loop,
    loop,
    sets,
    story,
    user,
    was_set,
)
from tests.unit.dialogue.policies.test_rule_policy import Entry

EXACT = (Entry(name="MemoizationPolicy"),)
FORGETFUL = (Entry(name="AugmentedMemoizationPolicy", options={"max_history": 4}),)


def train(*stories: Story, policies: Sequence[Entry] = EXACT, domain: Domain = DOMAIN) -> PolicyEnsemble:
    return train_policies(stories, (), domain, policies)


def recall(ensemble: PolicyEnsemble, state: State) -> str | None:
    """What is remembered; None for nothing."""
    predictions = ensemble.predict_all(state)
    return predictions[0].action if predictions else None


HELLO = story("hello", user("greet"), does("utter_greet"), user("bye"), does("utter_bye"))


def test_a_story_is_followed_step_by_step() -> None:
    ensemble = train(HELLO)
    assert recall(ensemble, after(hears("greet"))) == "utter_greet"
    assert recall(ensemble, after(hears("greet"), did("utter_greet"))) == "action_listen"
    assert recall(ensemble, after(hears("greet"), did("utter_greet"), LISTENED, hears("bye"))) == "utter_bye"


def test_what_no_story_has_is_not_remembered() -> None:
    assert recall(train(HELLO), after(hears("bye"))) is None


def test_a_situation_with_two_ways_on_is_not_remembered() -> None:
    ensemble = train(HELLO, story("other", user("greet"), does("utter_welcome")))
    assert recall(ensemble, after(hears("greet"))) is None


def test_with_a_short_history_only_the_latest_moments_count() -> None:
    ensemble = train(HELLO, policies=[Entry(name="MemoizationPolicy", options={"max_history": 1})])
    state = after(hears("ask"), did("utter_greet"), LISTENED, hears("bye"))
    assert recall(ensemble, state) == "utter_bye"


def test_a_forgetful_memory_finds_a_story_behind_another_conversation() -> None:
    before = (was_set("city", "Rome"), hears("ask"), did("utter_answer"), LISTENED)
    state = after(*before, hears("greet"))
    assert recall(train(HELLO, policies=FORGETFUL), state) == "utter_greet"
    assert recall(train(HELLO), state) is None


def test_an_alternative_of_an_or_is_as_good_as_the_other() -> None:
    ensemble = train(
        story("any", either(user("greet"), user("ask")), does("utter_greet"), does("utter_menu"))
    )
    for intent in ("greet", "ask"):
        assert recall(ensemble, after(hears(intent), did("utter_greet"))) == "utter_menu"


def test_the_confidence_of_the_intent_can_count_as_that_of_the_memory() -> None:
    options = {"use_nlu_confidence_as_score": True}
    ensemble = train(HELLO, policies=[Entry(name="MemoizationPolicy", options=options)])
    prediction = ensemble.predict_all(after(hears("greet", confidence=0.7)))[0]
    assert prediction.confidence == pytest.approx(0.7)


def test_slots_that_influence_the_conversation_have_to_be_as_in_the_story() -> None:
    ensemble = train(story("known", user("greet"), sets("city", "Rome"), does("utter_city")))
    assert recall(ensemble, after(hears("greet"), was_set("city", "Paris"))) == "utter_city"
    assert recall(ensemble, after(hears("greet"))) is None


def test_slots_without_influence_do_not_matter() -> None:
    assert recall(train(HELLO), after(was_set("note", "x"), hears("greet"))) == "utter_greet"


@pytest.mark.parametrize(
    ("slot", "told", "alike", "other"),
    [
        (Slot(name="s", type=SlotType.BOOL), True, True, False),
        (Slot(name="s", type=SlotType.FLOAT, max_value=10.0), 10, 99, 3),
        (Slot(name="s", type=SlotType.LIST), ["a"], ["b", "c"], []),
        (Slot(name="s", type=SlotType.CATEGORICAL, values=("Low", "High")), "low", "LOW", "high"),
        (Slot(name="s", type=SlotType.CATEGORICAL, values=("Low",)), "strange", "stranger", "low"),
    ],
)
def test_a_slot_counts_by_what_its_type_says_of_its_value(
    slot: Slot, told: object, alike: object, other: object
) -> None:
    domain = Domain(slots={"s": slot}, intents={"greet": Intent(name="greet")})
    ensemble = train(story("told", user("greet"), sets("s", told), does("utter_told")), domain=domain)
    assert recall(ensemble, after(hears("greet"), was_set("s", alike))) == "utter_told"
    assert recall(ensemble, after(hears("greet"), was_set("s", other))) is None


def test_entities_count_unless_the_intent_ignores_them() -> None:
    domain = Domain(
        intents={"ask": Intent(name="ask"), "greet": Intent(name="greet", ignore_entities=("place",))},
        entities={"place": EntityType(name="place")},
    )
    ensemble = train(
        story("ask", user("ask"), does("utter_answer")),
        story("greet", user("greet"), does("utter_greet")),
        domain=domain,
    )
    assert recall(ensemble, after(hears("ask", "place"))) is None
    assert recall(ensemble, after(hears("greet", "place"))) == "utter_greet"


def test_the_rounds_of_a_form_are_one() -> None:
    ensemble = train(
        story("trip", user("book"), does("trip_form"), loop("trip_form"), loop(None), does("utter_done"))
    )
    rounds = (LISTENED, hears("inform"), did("trip_form"))
    state = after(hears("book"), did("trip_form"), in_loop("trip_form"), *rounds, *rounds, in_loop(None))
    assert recall(ensemble, state) == "utter_done"


def test_memories_come_back_from_their_files_as_they_were() -> None:
    files = train(HELLO).dump()
    again = load_policies(EXACT, files, DOMAIN)
    assert again.dump() == files
    assert recall(again, after(hears("greet"))) == "utter_greet"
