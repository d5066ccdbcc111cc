"""Validation by the domain: a refused value stops everything until it is mended, wherever it came from."""

from duologue.core.commands import CancelFlow, ChitChat, SetSlot, StartFlow
from duologue.core.events import SlotWasSet
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedActions
from tests.flow_writing import act, ask, flow, number, put, reject, slot, validated

MAIL = slot("mail", validation=validated(reject("not slots.mail matches '@'", "utter_no_mail")))
SIGN_UP = flow("sign_up", ask("name"), ask("mail"), act("utter_done"), run_pattern_completed=False)
GOOD = SetSlot(name="mail", value="jo@example.org")
BAD = SetSlot(name="mail", value="jo")


async def test_a_refused_answer_is_asked_for_until_it_is_accepted() -> None:
    async with Conversation.with_flows(SIGN_UP, slots=[MAIL]) as talk:
        await talk.says("go", StartFlow(flow="sign_up"), SetSlot(name="name", value="Jo"))
        assert await talk.says("jo", BAD) == ["utter_no_mail", "utter_ask_mail"]
        assert talk.slots["mail"] is None
        assert await talk.says("jo", BAD) == ["utter_no_mail", "utter_ask_mail"]
        assert await talk.says("jo@", GOOD) == ["utter_done"]


async def test_a_refused_value_is_asked_for_before_the_question_that_is_open() -> None:
    async with Conversation.with_flows(SIGN_UP, slots=[MAIL]) as talk:
        await talk.says("go", StartFlow(flow="sign_up"))
        assert await talk.says("my mail is jo", BAD) == ["utter_no_mail", "utter_ask_mail"]
        assert await talk.says("jo@", GOOD) == ["utter_ask_name"]
        assert await talk.says("Jo", SetSlot(name="name", value="Jo")) == ["utter_done"]


async def test_small_talk_leads_back_to_the_refused_value() -> None:
    async with Conversation.with_flows(SIGN_UP, slots=[MAIL]) as talk:
        await talk.says("go", StartFlow(flow="sign_up"), BAD)
        assert await talk.says("ha", ChitChat()) == ["utter_cannot_handle", "utter_ask_mail"]


async def test_cancelling_ends_the_demand_too() -> None:
    async with Conversation.with_flows(SIGN_UP, slots=[MAIL]) as talk:
        await talk.says("go", StartFlow(flow="sign_up"), BAD)
        assert await talk.says("stop", CancelFlow()) == ["utter_flow_cancelled_rasa"]
        assert talk.stack == []


async def test_two_refused_values_are_asked_for_one_after_the_other() -> None:
    age = number("age", validation=validated(reject("slots.age < 18", "utter_too_young")))
    both = flow("f", ask("age"), ask("mail"), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(both, slots=[MAIL, age]) as talk:
        await talk.says("go", StartFlow(flow="f"), BAD, SetSlot(name="age", value=3))
        assert talk.stack == ["f", "pattern_validate_slot", "pattern_validate_slot"]
        assert await talk.says("33", SetSlot(name="age", value=33)) == ["utter_no_mail", "utter_ask_mail"]
        assert await talk.says("jo@", GOOD) == ["utter_done"]


async def test_a_value_that_an_action_sets_is_checked() -> None:
    doing = flow("f", act("action_guess"), ask("mail"), act("utter_done"), run_pattern_completed=False)
    actions = ScriptedActions(
        {
            "action_guess": ActionResult(
                events=(SlotWasSet(name="mail", value="jo"),), responses=({"text": "ok"},)
            )
        }
    )
    async with Conversation.with_flows(doing, slots=[MAIL], actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["ok", "utter_no_mail", "utter_ask_mail"]
        assert await talk.says("jo@", GOOD) == ["utter_done"]


async def test_a_value_that_a_step_sets_is_checked() -> None:
    setting = flow("f", put(mail="jo"), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(setting, slots=[MAIL]) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_no_mail", "utter_ask_mail"]
        assert await talk.says("jo@", GOOD) == ["utter_done"]


async def test_the_refill_has_words_of_its_own_where_the_domain_gives_some() -> None:
    mail = slot(
        "mail",
        validation=validated(
            reject("not slots.mail matches '@'", "utter_no_mail"), refill_utter="utter_mail_again"
        ),
    )
    async with Conversation.with_flows(SIGN_UP, slots=[mail]) as talk:
        replies = await talk.says("go", StartFlow(flow="sign_up"), BAD)
        assert replies == ["utter_no_mail", "utter_mail_again"]


async def test_an_accepted_value_still_meets_the_rejections_of_the_question() -> None:
    strict = flow("f", ask("mail", rejections=(reject("slots.mail = 'a@b'", "utter_not_that"),)))
    async with Conversation.with_flows(strict, slots=[MAIL]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        answer = SetSlot(name="mail", value="a@b")
        assert await talk.says("a@b", answer) == ["utter_not_that", "utter_ask_mail"]
