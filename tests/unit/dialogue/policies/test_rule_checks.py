"""Rules and stories that contradict each other are named with file and line."""

import pytest

from duologue.core.stories import Story
from duologue.dialogue.policies.finding import ContradictionError
from duologue.dialogue.policies.rules.checks import check_rules
from duologue.dialogue.policies.training import train_policies
from tests.unit.dialogue.policies.made_stories import DOMAIN, does, loop, rule, sets, story, user


def check(*written: Story) -> list[str]:
    stories = [one for one in written if not one.is_rule]
    rules = [one for one in written if one.is_rule]
    return [finding.format() for finding in check_rules(stories, rules, DOMAIN)]


GREETING = rule("greeting", user("greet"), does("utter_greet"))


def test_rules_that_agree_with_the_stories_are_fine() -> None:
    assert check(GREETING, story("hello", user("greet"), does("utter_greet"))) == []


def test_a_story_that_goes_another_way_than_a_rule_is_named_with_the_rule() -> None:
    assert check(GREETING, story("hello", user("greet"), does("utter_hello"))) == [
        "data/hello.yml:1: error: The story `hello` goes on with `utter_hello` where the rule `greeting` "
        "(data/greeting.yml:1) says `utter_greet`. Change one of them so that they agree."
    ]


def test_a_story_that_goes_on_where_a_rule_listens_is_named() -> None:
    found = check(GREETING, story("hello", user("greet"), does("utter_greet"), does("utter_menu")))
    assert len(found) == 1
    assert "goes on with `utter_menu` where the rule `greeting`" in found[0]
    assert "says `action_listen`" in found[0]


def test_two_rules_with_different_answers_are_both_named() -> None:
    found = check(GREETING, rule("welcome", user("greet"), does("utter_welcome")))
    assert len(found) == 2
    assert "The rule `greeting` goes on with `utter_greet` where the rule `welcome`" in found[0]
    assert "The rule `welcome` goes on with `utter_welcome` where the rule `greeting`" in found[1]


def test_a_rule_that_gives_a_default_intent_another_meaning_is_named() -> None:
    found = check(rule("again", user("restart"), does("utter_greet")))
    assert "where the meaning of the intent `restart` says `action_restart`" in found[0]


def test_a_rule_with_two_messages_is_refused() -> None:
    found = check(rule("long", user("greet"), does("utter_greet"), user("bye"), does("utter_bye")))
    assert "The rule `long` has more than one message of the user" in found[0]


def test_an_action_that_sets_a_slot_in_one_rule_has_to_set_it_in_others() -> None:
    found = check(
        rule("book", user("book"), does("action_book"), sets("city", "Rome")),
        rule("ask", user("ask"), does("action_book"), does("utter_answer")),
    )
    assert "In the rule `ask` the action `action_book` does not set `city`" in found[0]
    assert found[0].startswith("data/ask.yml:1: error: ")


def test_a_form_that_is_started_in_one_rule_has_to_say_so_in_others() -> None:
    found = check(
        rule("book", user("book"), does("trip_form"), loop("trip_form")),
        rule("ask", user("ask"), does("trip_form")),
    )
    assert "the form `trip_form` does not set `active_loop` to `trip_form`" in found[0]


def test_training_refuses_rules_that_contradict_each_other() -> None:
    with pytest.raises(ContradictionError, match=r"data/hello\.yml:1: error: The story `hello`") as error:
        train_policies([story("hello", user("greet"), does("utter_hello"))], [GREETING], DOMAIN)
    assert error.value.findings[0].sources == ("data/hello.yml:1", "data/greeting.yml:1")
