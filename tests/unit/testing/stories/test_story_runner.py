"""Test stories are taken step by step, beside what was understood and predicted."""

import pytest

from duologue.core.stories import ActionStep, BotStep, LoopStep, StoryEntity, UserStep
from duologue.core.understanding import Entity
from duologue.dialogue.policies.policy import Prediction
from duologue.testing.stories.story_result import ActionResult
from tests.unit.testing.stories.story_scene import ToldPolicies, reads, run_story, says


def name_wrong(actions: tuple[ActionResult, ...]) -> list[tuple[str, str]]:
    return [(action.expected, action.predicted) for action in actions if not action.is_right]


def test_a_story_holds_if_every_intent_and_action_comes_out() -> None:
    result = run_story(
        [says("hi", "greet"), ActionStep(name="utter_greet")],
        ToldPolicies("utter_greet"),
        {"hi": reads("greet")},
    )
    assert result.is_right
    assert [action.expected for action in result.actions] == ["utter_greet", "action_listen"]


def test_a_wrong_intent_fails_and_the_story_goes_on_with_the_right_one() -> None:
    policies = ToldPolicies("utter_greet")
    result = run_story([says("hi", "greet"), ActionStep(name="utter_greet")], policies)
    assert [message.predicted_intent for message in result.messages] == ["deny"]
    assert not result.is_right
    intent = policies.states[0].last_message.understanding.intent if policies.states[0].last_message else None
    assert intent is not None
    assert intent.name == "greet"


def test_after_a_wrong_action_the_one_of_the_story_counts_as_done() -> None:
    policies = ToldPolicies("utter_sorry")
    result = run_story(
        [says("hi", "greet"), ActionStep(name="utter_greet")], policies, {"hi": reads("greet")}
    )
    assert name_wrong(result.actions) == [("utter_greet", "utter_sorry")]
    assert policies.states[-1].last_action == "utter_greet"


@pytest.mark.parametrize(
    ("found", "is_right"),
    [
        (Entity(entity="dish", value="soup", start=2, end=6, confidence=0.7), True),
        (Entity(entity="dish", value="soup", start=0, end=6), False),
        (Entity(entity="dish", value="broth", start=2, end=6), False),
    ],
)
def test_entities_are_compared_by_name_place_and_value(found: Entity, is_right: bool) -> None:
    step = UserStep(
        text="a soup",
        intent="order",
        entities=(StoryEntity(entity="dish", value="soup", start=2, end=6),),
    )
    result = run_story([step], ToldPolicies(), {"a soup": reads("order", found)})
    assert result.is_right is is_right


def test_entities_that_a_story_only_lists_have_no_place() -> None:
    step = UserStep(text="a soup", intent="order", entities=(StoryEntity(entity="dish", value="soup"),))
    found = Entity(entity="dish", value="soup", start=2, end=6)
    assert run_story([step], ToldPolicies(), {"a soup": reads("order", found)}).is_right


def test_a_message_without_words_is_taken_for_understood() -> None:
    result = run_story(
        [UserStep(intent="greet"), ActionStep(name="utter_greet")], ToldPolicies("utter_greet")
    )
    assert result.is_right
    assert not result.messages[0].is_judged


def test_a_form_that_would_go_on_is_taken_to_have_declined() -> None:
    policies = ToldPolicies("order_form", "action_listen", "order_form", "utter_sorry", "order_form")
    result = run_story(
        [
            says("soup", "order"),
            ActionStep(name="order_form"),
            LoopStep(name="order_form"),
            says("no", "deny"),
            ActionStep(name="utter_sorry"),
            ActionStep(name="order_form"),
        ],
        policies,
        {"soup": reads("order")},
    )
    assert name_wrong(result.actions) == []
    assert policies.rejected == ["order_form"]


def test_an_unlikely_intent_that_is_followed_by_the_right_action_is_a_warning() -> None:
    result = run_story(
        [says("hi", "greet"), ActionStep(name="utter_greet")],
        ToldPolicies("action_unlikely_intent", "utter_greet"),
        {"hi": reads("greet")},
    )
    assert (result.is_right, result.has_warnings) == (True, True)


def test_a_retrieval_action_may_be_named_with_or_without_its_key() -> None:
    selected = {"faq": {"response": {"intent_response_key": "faq/hours", "utter_action": "utter_faq/hours"}}}
    parsed = reads("faq")
    known = {"when?": type(parsed)(intents=parsed.intents, response_selector=selected)}
    for intent, action in (
        ("faq", "utter_faq"),
        ("faq/hours", "utter_faq"),
        ("faq/hours", "utter_faq/hours"),
    ):
        result = run_story([says("when?", intent), ActionStep(name=action)], ToldPolicies("utter_faq"), known)
        assert result.is_right, (intent, action)
    wrong = run_story(
        [says("when?", "faq/place"), ActionStep(name="utter_faq")], ToldPolicies("utter_faq"), known
    )
    assert wrong.messages[0].predicted_intent == "faq/hours"
    assert not wrong.is_right


def test_words_of_the_assistant_match_a_prediction_of_words_or_a_response_that_says_them() -> None:
    for told in (Prediction(text="Hello!"), Prediction(action="utter_greet")):
        result = run_story(
            [says("hi", "greet"), BotStep(text="Hello!")], ToldPolicies(told), {"hi": reads("greet")}
        )
        assert result.is_right


def test_a_payload_needs_no_understanding() -> None:
    assert run_story(
        [says("/greet", "greet"), ActionStep(name="utter_greet")], ToldPolicies("utter_greet")
    ).is_right
