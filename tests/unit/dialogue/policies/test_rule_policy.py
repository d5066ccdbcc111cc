"""Rules: what they do, when they fit, and how loops and fallbacks go with them."""

from collections.abc import Sequence

import msgspec
import pytest

from duologue.core.domain import Domain
from duologue.core.errors import DefinitionError
from duologue.core.events import ActionRejected, LoopInterrupted
from duologue.core.state import State
from duologue.core.stories import Story
from duologue.core.values import OpenData
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.dialogue.policies.training import load_policies, train_policies
from tests.unit.dialogue.policies.made_stories import (
    DOMAIN,
    LISTENED,
    after,
    did,
    does,
    hears,
    in_loop,
    loop,
    rule,
    sets,
    story,
    user,
    was_set,
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    options: OpenData = {}


RULES = (Entry(name="RulePolicy"),)


def train(*written: Story, domain: Domain = DOMAIN, policies: Sequence[Entry] = RULES) -> PolicyEnsemble:
    stories = [one for one in written if not one.is_rule]
    rules = [one for one in written if one.is_rule]
    return train_policies(stories, rules, domain, policies)


def choose(ensemble: PolicyEnsemble, state: State) -> str | None:
    return ensemble.choose(state).action


GREETING = rule("greeting", user("greet"), does("utter_greet"))
FORM_START = rule("form start", user("book"), does("trip_form"), loop("trip_form"))
FORM_END = rule(
    "form end",
    does("trip_form"),
    loop(None),
    does("utter_done"),
    condition=[loop("trip_form")],
)
CHITCHAT = rule("chitchat", user("ask"), does("utter_answer"))


def test_a_rule_answers_wherever_the_conversation_is() -> None:
    ensemble = train(GREETING)
    begun = (hears("bye"), did("utter_bye"), LISTENED)
    assert choose(ensemble, after(hears("greet"))) == "utter_greet"
    assert choose(ensemble, after(*begun, hears("greet"))) == "utter_greet"


def test_after_the_last_action_of_a_rule_the_assistant_listens() -> None:
    assert choose(train(GREETING), after(hears("greet"), did("utter_greet"))) == "action_listen"


def test_what_no_rule_knows_meets_the_fallback() -> None:
    prediction = train(GREETING).choose(after(hears("bye")))
    assert (prediction.action, prediction.confidence) == ("action_default_fallback", 0.3)


def test_the_fallback_can_be_named_and_made_surer() -> None:
    options = {"core_fallback_action_name": "action_help", "core_fallback_threshold": 0.8}
    domain = Domain(actions=("action_help",))
    ensemble = train(GREETING, domain=domain, policies=[Entry(name="RulePolicy", options=options)])
    prediction = ensemble.choose(after(hears("bye")))
    assert (prediction.action, prediction.confidence) == ("action_help", 0.8)


def test_without_a_fallback_the_assistant_listens() -> None:
    options = {"enable_fallback_prediction": False}
    ensemble = train(GREETING, policies=[Entry(name="RulePolicy", options=options)])
    assert choose(ensemble, after(hears("bye"))) == "action_listen"


def test_a_slot_condition_decides_between_rules() -> None:
    ensemble = train(
        rule("known", user("greet"), does("utter_vip"), condition=[sets("vip", True)]),
        rule("unknown", user("greet"), does("utter_greet"), condition=[sets("vip", False)]),
    )
    assert choose(ensemble, after(was_set("vip", True), hears("greet"))) == "utter_vip"
    assert choose(ensemble, after(was_set("vip", False), hears("greet"))) == "utter_greet"
    assert choose(ensemble, after(hears("greet"))) == "action_default_fallback"


def test_a_condition_of_null_asks_for_an_empty_slot() -> None:
    ensemble = train(
        rule("ask city", user("book"), does("utter_ask_city"), condition=[sets("city", None)]),
        rule("book", user("book"), does("action_book"), condition=[sets("city", "filled")]),
    )
    assert choose(ensemble, after(hears("book"))) == "utter_ask_city"
    assert choose(ensemble, after(was_set("city", "Rome"), hears("book"))) == "action_book"


def test_of_two_rules_that_fit_the_one_that_says_more_wins() -> None:
    ensemble = train(GREETING, rule("vip", user("greet"), does("utter_vip"), condition=[sets("vip", True)]))
    assert choose(ensemble, after(was_set("vip", True), hears("greet"))) == "utter_vip"
    assert choose(ensemble, after(hears("greet"))) == "utter_greet"


def test_a_rule_for_the_beginning_fits_only_there() -> None:
    ensemble = train(rule("welcome", user("greet"), does("utter_welcome"), is_conversation_start=True))
    assert choose(ensemble, after(hears("greet"))) == "utter_welcome"
    later = after(hears("bye"), did("utter_bye"), LISTENED, hears("greet"))
    assert choose(ensemble, later) == "action_default_fallback"


def test_a_rule_that_does_not_wait_leaves_the_rest_to_others() -> None:
    ensemble = train(
        rule("check", user("book"), does("action_check"), waits=False),
        rule("after the check", does("action_check"), does("utter_checked")),
    )
    assert choose(ensemble, after(hears("book"))) == "action_check"
    assert choose(ensemble, after(hears("book"), did("action_check"))) == "utter_checked"


def test_entities_of_a_rule_have_to_be_in_the_message() -> None:
    ensemble = train(rule("to a place", user("book", "place"), does("action_book")))
    assert choose(ensemble, after(hears("book", "place"))) == "action_book"
    assert choose(ensemble, after(hears("book"))) == "action_default_fallback"


@pytest.mark.parametrize(
    ("intent", "action"),
    [("restart", "action_restart"), ("back", "action_back"), ("session_start", "action_session_start")],
)
def test_some_intents_always_mean_the_same(intent: str, action: str) -> None:
    ensemble = train(FORM_START)
    state = after(hears("book"), did("trip_form"), in_loop("trip_form"), LISTENED, hears(intent))
    assert choose(ensemble, state) == action


def test_a_running_form_goes_on_and_then_listens() -> None:
    ensemble = train(FORM_START, FORM_END)
    started = (hears("book"), did("trip_form"), in_loop("trip_form"))
    assert choose(ensemble, after(*started)) == "action_listen"
    prediction = ensemble.choose(after(*started, LISTENED, hears("greet")))
    assert (prediction.action, prediction.is_no_user_prediction) == ("trip_form", True)


def test_a_rule_follows_the_end_of_a_form() -> None:
    ensemble = train(FORM_START, FORM_END)
    state = after(
        hears("book"),
        did("trip_form"),
        in_loop("trip_form"),
        LISTENED,
        hears("inform"),
        did("trip_form"),
        in_loop(None),
    )
    assert choose(ensemble, state) == "utter_done"


def test_a_form_that_refuses_lets_a_rule_answer_and_then_takes_over_again() -> None:
    ensemble = train(FORM_START, FORM_END, CHITCHAT)
    refused = (
        hears("book"),
        did("trip_form"),
        in_loop("trip_form"),
        LISTENED,
        hears("ask"),
        ActionRejected(name="trip_form"),
    )
    assert choose(ensemble, after(*refused)) == "utter_answer"
    assert choose(ensemble, after(*refused, did("utter_answer"))) == "trip_form"


def test_a_form_taken_up_again_by_a_rule_is_told_that_it_was_interrupted() -> None:
    ensemble = train(
        FORM_START,
        rule(
            "stop",
            user("stop"),
            does("utter_ask_continue"),
            condition=[loop("trip_form")],
        ),
        rule(
            "go on",
            does("utter_ask_continue"),
            user("affirm"),
            does("trip_form"),
            loop("trip_form"),
            condition=[loop("trip_form")],
        ),
    )
    started = (hears("book"), did("trip_form"), in_loop("trip_form"), LISTENED)
    stopped = (*started, hears("stop"), ActionRejected(name="trip_form"), did("utter_ask_continue"), LISTENED)
    state = after(*stopped, hears("affirm"), ActionRejected(name="trip_form"))
    prediction = ensemble.choose(state, rejected=None)
    assert prediction.action == "trip_form"
    assert prediction.events == (LoopInterrupted(is_interrupted=True),)


def test_the_confidence_of_the_intent_can_count_as_that_of_the_rule() -> None:
    ensemble = train(
        GREETING, policies=[Entry(name="RulePolicy", options={"use_nlu_confidence_as_score": True})]
    )
    assert ensemble.choose(after(hears("greet", confidence=0.62))).confidence == pytest.approx(0.62)


def test_turns_that_only_rules_know_are_hidden_from_stories() -> None:
    ensemble = train(GREETING, story("goodbye", user("bye"), does("utter_bye")))
    assert ensemble.choose(after(hears("greet"))).hide_rule_turn
    told = train(GREETING, story("hello", user("greet"), does("utter_greet")))
    assert not told.choose(after(hears("greet"))).hide_rule_turn


def test_stories_are_followed_as_if_the_turns_of_rules_had_not_been() -> None:
    ensemble = train(
        CHITCHAT,
        story("hello", user("greet"), does("utter_greet"), user("bye"), does("utter_bye")),
        policies=[*RULES, Entry(name="MemoizationPolicy")],
    )
    greeted = (hears("greet"), did("utter_greet"), LISTENED)
    asked = (hears("ask"), did("utter_answer", is_hidden=True), did("action_listen", is_hidden=True))
    prediction = ensemble.choose(after(*greeted, *asked, hears("bye")))
    assert (prediction.action, prediction.policy) == ("utter_bye", "MemoizationPolicy")


def test_a_fallback_that_nobody_knows_is_refused_with_the_nearest_name() -> None:
    domain = Domain(actions=("action_help_out",))
    options = {"core_fallback_action_name": "action_help_oot"}
    with pytest.raises(DefinitionError, match="Did you mean `action_help_out`"):
        train(GREETING, domain=domain, policies=[Entry(name="RulePolicy", options=options)])


def test_rules_come_back_from_their_files_as_they_were() -> None:
    ensemble = train(GREETING, FORM_START, FORM_END, CHITCHAT)
    files = ensemble.dump()
    again = load_policies(RULES, files, DOMAIN)
    assert again.dump() == files
    assert choose(again, after(hears("greet"))) == "utter_greet"
