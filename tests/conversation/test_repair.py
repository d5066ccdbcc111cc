"""Repair: what is said beside the point is answered, and the open question is asked again."""

import pytest

from duologue.core.commands import (
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    HumanHandoff,
    KnowledgeAnswer,
    Noop,
    RepeatBotMessages,
    Restart,
    SetSlot,
    SkipQuestion,
    StartFlow,
    UserSilence,
)
from duologue.core.domain import Variation
from duologue.core.events import ConversationRestarted, SessionEnded
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedActions
from tests.flow_writing import act, ask, flow, number

TRANSFER = flow("transfer", ask("recipient"), act("utter_sent"))
BALANCE = flow("balance", act("utter_balance"), run_pattern_completed=False)
CARD = flow("card", act("utter_card"), guard="slots.has_card", run_pattern_completed=False)
OPEN = flow("open_account", act("utter_open"))
CLOSE = flow("close_account", act("utter_close"))


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (ChitChat(), "utter_cannot_handle"),
        (KnowledgeAnswer(), "utter_no_knowledge_base"),
        (HumanHandoff(), "utter_human_handoff_not_available"),
        (SkipQuestion(), "utter_skip_question_answer"),
        (CannotHandle(), "utter_ask_rephrase"),
        (CannotHandle(reason="cannot_handle_chitchat"), "utter_cannot_handle"),
        (CannotHandle(reason="cannot_handle_not_supported"), "utter_cannot_handle"),
        (CannotHandle(reason="cannot_handle_no_relevant_answer"), "utter_no_relevant_answer_found"),
        (CannotHandle(reason="it's odd"), "utter_ask_rephrase"),
        (Clarify(), "utter_clarification_no_options_rasa"),
        (StartFlow(flow="no_such_flow"), "utter_ask_rephrase"),
        (SetSlot(name="no_such_slot", value="x"), "utter_ask_rephrase"),
    ],
)
async def test_a_digression_is_answered_and_the_question_asked_again(command: Command, reply: str) -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("...", command) == [reply, "utter_ask_recipient"]
        assert talk.stack == ["transfer", "pattern_collect_information"]


async def test_several_digressions_are_answered_in_the_order_they_were_said() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        replies = await talk.says("ha, where are you?", ChitChat(), KnowledgeAnswer())
        assert replies == ["utter_cannot_handle", "utter_no_knowledge_base", "utter_ask_recipient"]


async def test_an_answer_with_small_talk_is_heard() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        replies = await talk.says("Jo, haha", SetSlot(name="recipient", value="Jo"), ChitChat())
        assert replies[:2] == ["utter_cannot_handle", "utter_sent"]


async def test_skipping_without_a_question_is_not_understood() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        assert await talk.says("skip", SkipQuestion()) == ["utter_ask_rephrase"]


async def test_nothing_understood_and_nothing_to_do_says_nothing() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        assert await talk.says("hm", Noop()) == []


async def test_small_talk_that_needs_a_model_is_declined_without_one() -> None:
    chatting = flow("pattern_chitchat", act("action_trigger_chitchat"))
    async with Conversation.with_flows(chatting) as talk:
        assert await talk.says("ha", ChitChat()) == ["utter_cannot_handle"]


async def test_a_search_that_needs_documents_is_declined_without_them() -> None:
    searching = flow("pattern_search", act("action_trigger_search"))
    async with Conversation.with_flows(searching) as talk:
        assert await talk.says("where?", KnowledgeAnswer()) == ["utter_no_relevant_answer_found"]


# Clarification


async def test_a_clarification_names_the_flows_and_has_a_button_for_each() -> None:
    async with Conversation.with_flows(TRANSFER, OPEN, CLOSE) as talk:
        command = Clarify(options=("open_account", "close_account", "open_account", "no_such_flow"))
        assert await talk.says("account", command) == ["utter_clarification_options_rasa"]
        assert talk.texts == [
            "I can help with that in more than one way. Do you mean open account or close account?"
        ]
        assert [button.title for button in talk.replies[0].buttons] == ["open account", "close account"]
        assert talk.stack == []


async def test_a_clarification_with_one_flow_left_starts_it() -> None:
    async with Conversation.with_flows(BALANCE, CARD) as talk:
        assert await talk.says("card", Clarify(options=("balance", "card"))) == ["utter_balance"]


async def test_a_clarification_of_what_is_under_way_changes_nothing() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("transfer", Clarify(options=("transfer",))) == ["utter_ask_recipient"]
        assert talk.stack == ["transfer", "pattern_collect_information"]


async def test_a_clarification_offers_three_flows_at_most() -> None:
    async with Conversation.with_flows(TRANSFER, BALANCE, OPEN, CLOSE) as talk:
        options = ("transfer", "balance", "open_account", "close_account")
        await talk.says("account", Clarify(options=options))
        assert len(talk.replies[0].buttons) == 3


async def test_a_concrete_wish_wins_over_a_clarification_in_the_same_message() -> None:
    async with Conversation.with_flows(BALANCE, OPEN, CLOSE) as talk:
        vague = Clarify(options=("open_account", "close_account"))
        assert await talk.says("hm", vague, StartFlow(flow="balance")) == ["utter_balance"]


# Repeating


async def test_everything_the_assistant_last_said_is_repeated_once() -> None:
    explaining = flow("f", act("utter_explain"), ask("name"))
    async with Conversation.with_flows(explaining) as talk:
        first = await talk.says("go", StartFlow(flow="f"))
        assert first == ["utter_explain", "utter_ask_name"]
        assert await talk.says("pardon?", RepeatBotMessages()) == first
        assert await talk.says("pardon?", RepeatBotMessages()) == first


async def test_a_question_that_an_action_asks_is_repeated_once() -> None:
    actions = ScriptedActions({"action_ask_name": ActionResult(responses=({"text": "Your name?"},))})
    async with Conversation.with_flows(flow("f", ask("name")), actions=actions) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("pardon?", RepeatBotMessages()) == ["Your name?"]


async def test_what_is_repeated_keeps_its_buttons() -> None:
    async with Conversation.with_flows(OPEN, CLOSE) as talk:
        await talk.says("account", Clarify(options=("open_account", "close_account")))
        said = talk.replies
        await talk.says("pardon?", RepeatBotMessages())
        assert talk.replies == said


async def test_there_is_nothing_to_repeat_at_first() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        assert await talk.says("pardon?", RepeatBotMessages()) == ["utter_ask_rephrase"]


# Silence


async def test_silence_is_met_by_repeating_then_asking_then_hanging_up() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("/silence_timeout", UserSilence()) == ["utter_ask_recipient"]
        replies = await talk.says("/silence_timeout", UserSilence())
        assert replies == ["utter_ask_still_there", "utter_ask_recipient"]
        assert await talk.says("/silence_timeout", UserSilence()) == ["utter_inform_hangup"]
        assert len(talk.find_events(SessionEnded)) == 1
        assert talk.state.session.is_terminated


async def test_speaking_ends_the_count_of_silences() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        await talk.says("/silence_timeout", UserSilence())
        assert talk.slots["consecutive_silence_timeouts"] == 1.0
        await talk.says("hm")
        assert talk.slots["consecutive_silence_timeouts"] == 0.0


# Restart


async def test_a_restart_forgets_everything() -> None:
    async with Conversation.with_flows(flow("f", ask("a"), ask("b")), slots=[number("amount")]) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="a", value="x"))
        assert await talk.says("/restart", Restart()) == []
        assert (talk.stack, talk.slots["a"]) == ([], None)
        assert len(talk.find_events(ConversationRestarted)) == 1
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_ask_a"]


async def test_a_project_may_say_something_at_a_restart() -> None:
    responses = {"utter_restart": [Variation(text="From the start, then.")]}
    async with Conversation.with_flows(TRANSFER, responses=responses) as talk:
        assert await talk.says("/restart", Restart()) == ["utter_restart"]


# Overriding


@pytest.mark.parametrize(
    ("pattern_id", "command"),
    [
        ("pattern_cannot_handle", CannotHandle()),
        ("pattern_chitchat", ChitChat()),
        ("pattern_clarification", Clarify(options=("transfer", "balance"))),
        ("pattern_human_handoff", HumanHandoff()),
        ("pattern_repeat_bot_messages", RepeatBotMessages()),
        ("pattern_restart", Restart()),
        ("pattern_search", KnowledgeAnswer()),
        ("pattern_user_silence", UserSilence()),
    ],
)
async def test_every_pattern_can_be_overridden(pattern_id: str, command: Command) -> None:
    own = flow(pattern_id, act("utter_own"))
    async with Conversation.with_flows(own, TRANSFER, BALANCE) as talk:
        assert await talk.says("...", command) == ["utter_own"]
        assert talk.stack == []


async def test_an_overridden_question_pattern_asks_in_its_own_way() -> None:
    own = flow(
        "pattern_collect_information",
        act("utter_one_question", "start"),
        act("{{context.utter}}"),
        act("action_listen", then="END"),
    )
    async with Conversation.with_flows(own, TRANSFER) as talk:
        replies = await talk.says("go", StartFlow(flow="transfer"))
        assert replies == ["utter_one_question", "utter_ask_recipient"]
        replies = await talk.says("Jo", SetSlot(name="recipient", value="Jo"))
        assert replies[0] == "utter_sent"


async def test_an_overriding_pattern_may_ask_a_question_of_its_own() -> None:
    own = flow("pattern_human_handoff", ask("reason"), act("utter_connecting"))
    async with Conversation.with_flows(own, TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("a person!", HumanHandoff()) == ["utter_ask_reason"]
        replies = await talk.says("angry", SetSlot(name="reason", value="angry"))
        assert replies == ["utter_connecting", "utter_ask_recipient"]
        assert talk.slots["reason"] is None


async def test_an_overridden_response_is_said_instead_of_the_stock_one() -> None:
    responses = {"utter_ask_rephrase": [Variation(text="Come again?")]}
    async with Conversation.with_flows(TRANSFER, responses=responses) as talk:
        await talk.says("hm", CannotHandle())
        assert talk.texts == ["Come again?"]
