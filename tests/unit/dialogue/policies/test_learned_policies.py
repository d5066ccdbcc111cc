"""Policies that generalise: the one that chooses actions, and the one that wonders about messages."""

import pytest

from duologue.core.stories import BotStep, Story, StoryStep
from duologue.dialogue.policies.ensemble import PolicyEnsemble
from duologue.dialogue.policies.training import load_policies, train_policies
from tests.unit.dialogue.policies.made_stories import (
    DOMAIN,
    LISTENED,
    after,
    checkpoint,
    did,
    does,
    hears,
    in_loop,
    loop,
    says,
    sets,
    story,
    user,
    was_set,
)
from tests.unit.dialogue.policies.test_rule_policy import Entry

LEARNED = (Entry(name="TEDPolicy", options={"max_history": 5, "epochs": 100}),)
UNLIKELY = (Entry(name="UnexpecTEDIntentPolicy", options={"max_history": 5}),)

STORIES = (
    story("greet", user("greet"), does("utter_greet")),
    story("book", user("book"), does("utter_ask_sure"), checkpoint("sure")),
    story("sure", checkpoint("sure"), user("affirm"), does("action_book"), does("utter_done")),
    story("unsure", checkpoint("sure"), user("deny"), does("utter_pity")),
    story("ask", user("ask"), does("utter_answer"), user("affirm"), does("utter_glad")),
    story("bye", user("greet"), does("utter_greet"), user("bye"), does("utter_bye")),
)


@pytest.fixture(scope="module")
def learned() -> PolicyEnsemble:
    return train_policies(STORIES, (), DOMAIN, LEARNED)


@pytest.fixture(scope="module")
def unlikely() -> PolicyEnsemble:
    return train_policies(STORIES, (), DOMAIN, UNLIKELY)


def test_what_stories_say_is_learned(learned: PolicyEnsemble) -> None:
    prediction = learned.choose(after(hears("greet")))
    assert prediction.action == "utter_greet"
    assert prediction.confidence > 0.8


def test_an_order_that_no_story_has_is_understood(learned: PolicyEnsemble) -> None:
    before = (hears("ask"), did("utter_answer"), LISTENED, hears("greet"), did("utter_greet"), LISTENED)
    asked = (*before, hears("book"), did("utter_ask_sure"), LISTENED)
    assert learned.choose(after(*asked, hears("affirm"))).action == "action_book"
    assert learned.choose(after(*asked, hears("deny"))).action == "utter_pity"
    assert learned.choose(after(*asked, hears("affirm"), did("action_book"))).action == "utter_done"


def test_what_the_assistant_asked_decides_what_a_yes_means(learned: PolicyEnsemble) -> None:
    answered = (hears("bye"), did("utter_bye"), LISTENED, hears("ask"), did("utter_answer"), LISTENED)
    assert learned.choose(after(*answered, hears("affirm"))).action == "utter_glad"


def test_an_action_that_declined_leaves_the_second_best(learned: PolicyEnsemble) -> None:
    chosen = learned.choose(after(hears("greet")), rejected="utter_greet")
    assert chosen.action != "utter_greet"
    assert chosen.confidence < 0.5


def told_in_a_form(form: str, action: str, asked: str, *steps: StoryStep) -> Story:
    """Somebody asks for a form, says something else in it, and goes on to its end."""
    return story(
        f"{form} {action}", user(asked), does(form), loop(form), *steps, does(form), loop(None), does(action)
    )


@pytest.fixture(scope="module")
def formed() -> PolicyEnsemble:
    interrupted = user("ask"), does("utter_answer")
    switched = user("inform"), does("hotel_form"), loop("hotel_form")
    stories = (
        told_in_a_form("trip_form", "action_book_trip", "book", *interrupted),
        told_in_a_form("trip_form", "action_book_trip", "book"),
        told_in_a_form("hotel_form", "action_book_hotel", "inform", user("deny"), does("utter_pity")),
        told_in_a_form("hotel_form", "action_book_hotel", "inform"),
        story("switched", user("book"), does("trip_form"), loop("trip_form"), *switched, loop(None)),
    )
    return train_policies((*stories, *STORIES[:1]), (), DOMAIN, LEARNED)


@pytest.mark.parametrize(
    ("asked", "thing", "said", "answer"),
    [
        ("book", "trip", "ask", "utter_answer"),
        ("book", "trip", "deny", "utter_pity"),
        ("inform", "hotel", "ask", "utter_answer"),
        ("inform", "hotel", "deny", "utter_pity"),
    ],
)
def test_what_interrupts_one_form_interrupts_others_which_then_go_on(
    formed: PolicyEnsemble, asked: str, thing: str, said: str, answer: str
) -> None:
    form, end = f"{thing}_form", f"action_book_{thing}"
    begun = (hears(asked), did(form), in_loop(form), LISTENED, hears(said))
    assert formed.choose(after(*begun)).action == answer
    assert formed.choose(after(*begun, did(answer))).action == form
    assert formed.choose(after(*begun, did(answer), did(form), in_loop(None))).action == end


def test_an_action_with_which_a_story_begins_does_not_follow_other_stories() -> None:
    tip = story("tip", does("utter_tip"), user("affirm"), does("utter_glad"))
    ensemble = train_policies((tip, *STORIES), (), DOMAIN, LEARNED)
    said = (hears("ask"), did("utter_answer"), LISTENED, hears("bye"), did("utter_bye"))
    assert ensemble.choose(after(*said)).action == "action_listen"
    assert ensemble.predict_all(after(*said))[0].confidence > 0.9


def test_what_follows_an_action_of_a_rule_is_known_although_the_rule_is_not_seen() -> None:
    tip = story("tip", does("utter_tip"), user("affirm"), does("utter_glad"))
    ensemble = train_policies((tip, *STORIES[:2], *STORIES[2:4]), (), DOMAIN, LEARNED)
    by_rule = (hears("stop"), did("utter_tip", is_hidden=True), did("action_listen", is_hidden=True))
    prediction = ensemble.choose(after(*by_rule, hears("affirm")))
    assert prediction.action == "utter_glad"
    assert prediction.confidence > 0.5


def test_slots_tell_stories_apart() -> None:
    ensemble = train_policies(
        (
            story("vip", user("greet"), sets("vip", True), does("utter_vip")),
            story("other", user("greet"), sets("vip", False), does("utter_greet")),
        ),
        (),
        DOMAIN,
        LEARNED,
    )
    before = (hears("bye"), did("utter_bye"), LISTENED)
    assert ensemble.choose(after(*before, hears("greet"), was_set("vip", True))).action == "utter_vip"
    assert ensemble.choose(after(*before, hears("greet"), was_set("vip", False))).action == "utter_greet"


def test_the_same_stories_teach_the_same_and_come_back_from_files(learned: PolicyEnsemble) -> None:
    files = learned.dump()
    assert train_policies(STORIES, (), DOMAIN, LEARNED).dump() == files
    again = load_policies(LEARNED, files, DOMAIN)
    assert again.dump() == files
    assert again.choose(after(hears("greet"))) == learned.choose(after(hears("greet")))


def test_a_message_where_stories_have_it_is_likely(unlikely: PolicyEnsemble) -> None:
    assert unlikely.choose(after(hears("greet"))).action == "action_listen"
    asked = (hears("book"), did("utter_ask_sure"), LISTENED)
    assert unlikely.choose(after(*asked, hears("affirm"))).action == "action_listen"


def test_a_message_where_no_story_has_it_is_unlikely(unlikely: PolicyEnsemble) -> None:
    greeted = (hears("greet"), did("utter_greet"), LISTENED)
    assert unlikely.choose(after(*greeted, hears("deny"))).action == "action_unlikely_intent"


def test_intents_to_be_ignored_and_unknown_ones_are_never_unlikely() -> None:
    options = {"max_history": 5, "ignore_intents_list": ["deny"]}
    ensemble = train_policies(STORIES, (), DOMAIN, [Entry(name="UnexpecTEDIntentPolicy", options=options)])
    greeted = (hears("greet"), did("utter_greet"), LISTENED)
    assert ensemble.choose(after(*greeted, hears("deny"))).action == "action_listen"
    assert ensemble.choose(after(*greeted, hears("stop"))).action == "action_listen"


def end_to_end() -> tuple[Story, ...]:
    return (
        story("weather", says("will it rain tomorrow"), BotStep(text="Take an umbrella.")),
        story("food", says("I am hungry"), BotStep(text="There is soup."), user("bye"), does("utter_bye")),
        story("greet", user("greet"), does("utter_greet")),
    )


def test_words_are_followed_where_stories_are_told_in_words() -> None:
    ensemble = train_policies(end_to_end(), (), DOMAIN, LEARNED)
    prediction = ensemble.choose(after(hears("ask", text="will it rain tomorrow")))
    assert (prediction.text, prediction.is_end_to_end) == ("Take an umbrella.", True)
    assert ensemble.choose(after(hears("greet", text="hello"))).action == "utter_greet"


def test_words_like_those_of_a_story_are_understood() -> None:
    ensemble = train_policies(end_to_end(), (), DOMAIN, LEARNED)
    prediction = ensemble.choose(after(hears("ask", text="tomorrow, will there be rain?")))
    assert prediction.text == "Take an umbrella."
