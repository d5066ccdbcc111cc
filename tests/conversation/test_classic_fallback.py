"""What a classic assistant does with a message in doubt, and how it goes back."""

import pytest

from duologue.core.events import LoopActivated, UserSpoke
from duologue.core.values import OpenData
from tests.classic_talk import ClassicTalk, classic_domain

TWO_STAGE = "action_two_stage_fallback"
RANKING = ("nlu_fallback", "opening_hours", "greet")
OFFER = "I am not sure that I understood. Is it about “opening hours”?"


def start(**responses: str) -> ClassicTalk:
    known = {
        "utter_ask_rephrase": "other words?",
        "utter_default": "sorry",
        "utter_hello": "hello",
        **responses,
    }
    return ClassicTalk(classic_domain(responses=known, intents=["greet", "opening_hours"]))


async def doubt(talk: ClassicTalk, *more: str) -> list[str | None]:
    return await talk.says("hrs?", "nlu_fallback", TWO_STAGE, *more, ranking=RANKING)


async def refuse(talk: ClassicTalk, *more: str) -> list[str | None]:
    return await talk.says("/out_of_scope", "out_of_scope", TWO_STAGE, *more)


async def test_the_likeliest_intent_is_offered_and_what_the_user_takes_counts_as_said_at_once() -> None:
    talk = start()
    await talk.says("hello", "greet", "utter_hello")
    assert await doubt(talk) == [OFFER]
    assert [button.payload for button in talk.state.replies[0].buttons] == ["/opening_hours", "/out_of_scope"]
    assert await talk.says("/opening_hours", "opening_hours", TWO_STAGE, "utter_hello") == ["hello"]
    assert talk.state.active_loop is None
    assert talk.state.history is not None
    intents = [one.intent.name for one in talk.state.history.list_moments({}) if one.intent]
    assert "nlu_fallback" not in intents
    again = [event for event in talk.new_events if isinstance(event, UserSpoke)][-1]
    assert again.understanding.intent is not None
    assert again.understanding.intent.confidence == 1.0
    assert (talk.state.turns, [line.text for line in talk.state.transcript if line.is_user]) == (
        3,
        ["hello", "hrs?", "/opening_hours"],
    )


async def test_who_refuses_the_offer_is_asked_for_other_words() -> None:
    talk = start()
    await doubt(talk)
    assert await refuse(talk) == ["other words?"]
    assert await talk.says("hello", "greet", TWO_STAGE, "utter_hello") == ["hello"]
    assert talk.state.active_loop is None


async def test_two_doubts_in_a_row_are_given_up() -> None:
    talk = start()
    await doubt(talk)
    assert await doubt(talk) == ["sorry"]
    assert talk.state.active_loop is None
    assert talk.state.history is not None
    assert not any(one.intent for one in talk.state.history.moments)


async def test_a_second_offer_that_is_refused_is_given_up() -> None:
    talk = start()
    await talk.says("hello", "greet", "utter_hello")
    await doubt(talk)
    await refuse(talk)
    assert await doubt(talk) == [OFFER]
    assert await refuse(talk) == ["sorry"]
    assert talk.state.active_loop is None
    assert LoopActivated(name=None).name in [
        event.name for event in talk.new_events if isinstance(event, LoopActivated)
    ]


async def test_the_fallback_says_its_response_and_forgets_the_message() -> None:
    talk = start()
    await talk.says("hello", "greet", "utter_hello")
    before = talk.state.history
    assert await talk.says("gnarf", "nlu_fallback", "action_default_fallback") == ["sorry"]
    assert before is not None
    assert talk.state.history is not None
    assert len(talk.state.history.moments) == len(before.moments)


async def test_going_back_takes_back_this_message_and_the_one_before() -> None:
    talk = start(utter_back="one step back")
    await talk.says("hello", "greet", "utter_hello")
    before = talk.state.history
    await talk.says("when?", "opening_hours", "utter_hello")
    assert await talk.says("/back", "back", "action_back") == ["one step back"]
    assert before is not None
    assert talk.state.history is not None
    assert len(talk.state.history.moments) == len(before.moments)
    assert talk.state.history.moments[-1].last_action == before.moments[-1].last_action


async def test_the_old_fallback_is_reverted_once_the_user_has_said_it_in_other_words() -> None:
    talk = start()
    await talk.says("hrs?", "nlu_fallback", "action_default_ask_affirmation", ranking=RANKING)
    await talk.says("no", "out_of_scope", "action_default_ask_rephrase")
    said = await talk.says("hello", "greet", "action_revert_fallback_events", "utter_hello")
    assert said == ["hello"]
    assert talk.state.history is not None
    assert [one.intent.name for one in talk.state.history.moments if one.intent] == ["greet", "greet"]


@pytest.mark.parametrize(
    ("action", "selected", "reply"),
    [
        ("utter_faq", {"faq": {"response": {"utter_action": "utter_faq/name"}}}, "I am Duo"),
        ("respond_faq", {"default": {"response": {"utter_action": "utter_faq/age"}}}, "I am new"),
        ("utter_faq", {}, None),
    ],
)
async def test_a_retrieval_action_says_what_the_selector_chose(
    action: str, selected: OpenData, reply: str | None
) -> None:
    talk = start(**{"utter_faq/name": "I am Duo", "utter_faq/age": "I am new"})
    said = await talk.says("who are you?", "faq", action, response_selector=selected)
    assert said == ([reply] if reply else [])


async def test_a_button_may_name_the_response_of_a_retrieval_action() -> None:
    talk = start(**{"utter_faq/name": "I am Duo"})
    assert await talk.says("/faq/name", "faq/name", "utter_faq") == ["I am Duo"]
