"""Several things at a time: cancelling, interrupting, going back, and one thing after the other."""

import pytest

from duologue.core.commands import CancelFlow, ChitChat, SetSlot, StartFlow
from duologue.core.events import FlowCancelled, FlowCompleted, FlowInterrupted, FlowResumed, FlowStarted
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, call, flow

TRANSFER = flow("transfer", ask("recipient"), act("utter_sent"), run_pattern_completed=False)
BALANCE = flow("balance", act("utter_balance"), run_pattern_completed=False)
CARD = flow("card", ask("reason"), act("utter_blocked"), run_pattern_completed=False)
ASK_CONTINUE = "utter_ask_continue_interrupted_flow_confirmation"
YES = SetSlot(name="continue_interrupted_flow_confirmation", value=True)
NO = SetSlot(name="continue_interrupted_flow_confirmation", value=False)


def talk_about_three() -> Conversation:
    return Conversation.with_flows(TRANSFER, BALANCE, CARD)


async def test_cancelling_ends_the_flow_and_empties_its_slots() -> None:
    two = flow("f", ask("a"), ask("b"))
    async with Conversation.with_flows(two) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="a", value="x"))
        assert await talk.says("stop", CancelFlow()) == ["utter_flow_cancelled_rasa"]
        assert talk.texts == ["All right, I dropped “f”."]
        assert talk.stack == []
        assert talk.slots["a"] is None
        assert [e.flow_id for e in talk.find_events(FlowCancelled)] == ["f"]


async def test_cancelling_inside_a_called_flow_cancels_its_caller_too() -> None:
    parent = flow("parent", ask("name"), call("address"), act("utter_done"))
    address = flow("address", ask("street"), ask("town"))
    async with Conversation.with_flows(parent, address) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        await talk.says("High Street", SetSlot(name="street", value="High Street"))
        await talk.says("stop", CancelFlow())
        assert talk.texts == ["All right, I dropped “parent”."]
        assert talk.stack == []
        assert (talk.slots["name"], talk.slots["street"]) == (None, None)
        assert [e.flow_id for e in talk.find_events(FlowCancelled)] == ["parent", "address"]


async def test_cancelling_what_interrupted_asks_about_what_was_interrupted() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        await talk.says("card", StartFlow(flow="card"))
        assert await talk.says("stop", CancelFlow()) == ["utter_flow_cancelled_rasa", ASK_CONTINUE]
        assert await talk.says("yes", YES) == ["utter_ask_recipient"]


async def test_cancelling_with_nothing_under_way_is_not_understood() -> None:
    async with talk_about_three() as talk:
        assert await talk.says("stop", CancelFlow()) == ["utter_ask_rephrase"]


async def test_cancelling_and_another_wish_in_one_message() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        replies = await talk.says("no, balance", CancelFlow(), StartFlow(flow="balance"))
        assert replies == ["utter_flow_cancelled_rasa", "utter_balance"]
        assert talk.stack == []


async def test_after_an_interruption_yes_goes_on_with_the_open_question() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        assert await talk.says("balance?", StartFlow(flow="balance")) == ["utter_balance", ASK_CONTINUE]
        assert talk.texts[1] == "Would you like to go back to “transfer”?"
        assert [e.flow_id for e in talk.find_events(FlowInterrupted)] == ["transfer"]
        assert await talk.says("yes", YES) == ["utter_ask_recipient"]
        assert [e.flow_id for e in talk.find_events(FlowResumed)] == ["transfer"]
        assert await talk.says("Jo", SetSlot(name="recipient", value="Jo")) == ["utter_sent"]


async def test_after_an_interruption_no_drops_what_was_interrupted() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        await talk.says("balance?", StartFlow(flow="balance"))
        assert await talk.says("no", NO) == ["utter_can_do_something_else"]
        assert talk.stack == []
        assert [e.flow_id for e in talk.find_events(FlowCancelled)] == ["transfer"]
        assert talk.slots["continue_interrupted_flow_confirmation"] is None


async def interrupt_twice(talk: Conversation) -> None:
    await talk.says("transfer", StartFlow(flow="transfer"))
    await talk.says("card", StartFlow(flow="card"))
    replies = await talk.says("balance?", StartFlow(flow="balance"))
    assert replies == ["utter_balance", "utter_ask_interrupted_flow_to_continue"]


@pytest.mark.parametrize("answer", ["transfer", "Transfer", "the transfer"])
async def test_of_several_interrupted_flows_the_user_picks_one(answer: str) -> None:
    async with talk_about_three() as talk:
        await interrupt_twice(talk)
        assert talk.texts[1] is not None
        assert "card or transfer" in talk.texts[1]
        choice = SetSlot(name="interrupted_flow_to_continue", value=answer)
        assert await talk.says(answer, choice) == ["utter_ask_recipient"]
        assert await talk.says("Jo", SetSlot(name="recipient", value="Jo")) == ["utter_sent", ASK_CONTINUE]
        assert await talk.says("yes", YES) == ["utter_ask_reason"]


@pytest.mark.parametrize("answer", ["none", "None", "neither"])
async def test_of_several_interrupted_flows_the_user_picks_none(answer: str) -> None:
    async with talk_about_three() as talk:
        await interrupt_twice(talk)
        choice = SetSlot(name="interrupted_flow_to_continue", value=answer)
        assert await talk.says(answer, choice) == ["utter_can_do_something_else"]
        assert talk.stack == []


async def test_naming_the_interrupted_flow_is_as_good_as_yes() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        await talk.says("balance?", StartFlow(flow="balance"))
        assert await talk.says("the transfer", StartFlow(flow="transfer")) == ["utter_ask_recipient"]
        assert talk.stack == ["transfer", "pattern_collect_information"]


async def test_another_wish_instead_of_yes_or_no_takes_the_questions_place() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        await talk.says("balance?", StartFlow(flow="balance"))
        assert await talk.says("card", StartFlow(flow="card")) == ["utter_ask_reason"]
        assert talk.stack == [
            "transfer",
            "pattern_collect_information",
            "card",
            "pattern_collect_information",
        ]


async def test_small_talk_about_the_question_leads_back_to_it() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        await talk.says("balance?", StartFlow(flow="balance"))
        assert await talk.says("ha", ChitChat()) == ["utter_cannot_handle", ASK_CONTINUE]


async def test_asking_for_a_flow_further_down_resumes_it() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        await talk.says("card", StartFlow(flow="card"))
        assert await talk.says("back to it", StartFlow(flow="transfer")) == ["utter_ask_recipient"]
        assert talk.find_events(FlowStarted) == []
        assert [e.flow_id for e in talk.find_events(FlowInterrupted)] == ["card"]
        assert [e.flow_id for e in talk.find_events(FlowResumed)] == ["transfer"]
        assert await talk.says("Jo", SetSlot(name="recipient", value="Jo")) == ["utter_sent", ASK_CONTINUE]
        assert talk.texts[1] == "Would you like to go back to “card”?"


async def test_asking_for_what_is_under_way_changes_nothing() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        assert await talk.says("transfer!", StartFlow(flow="transfer")) == ["utter_ask_recipient"]
        assert talk.stack == ["transfer", "pattern_collect_information"]


async def test_asking_for_the_caller_of_what_is_under_way_changes_nothing() -> None:
    parent = flow("parent", call("address"))
    address = flow("address", ask("street"))
    async with Conversation.with_flows(parent, address) as talk:
        await talk.says("go", StartFlow(flow="parent"))
        assert await talk.says("go", StartFlow(flow="parent")) == ["utter_ask_street"]
        assert talk.find_events(FlowInterrupted) == []


async def test_of_two_wishes_the_first_runs_first_and_the_other_follows_without_a_question() -> None:
    async with talk_about_three() as talk:
        replies = await talk.says("both", StartFlow(flow="transfer"), StartFlow(flow="card"))
        assert replies == ["utter_ask_recipient"]
        assert talk.find_events(FlowInterrupted) == []
        replies = await talk.says("Jo", SetSlot(name="recipient", value="Jo"))
        assert replies == ["utter_sent", "utter_ask_reason"]
        await talk.says("lost", SetSlot(name="reason", value="lost"))
        assert talk.stack == []


async def test_two_wishes_during_a_flow_leave_it_for_last_and_ask() -> None:
    async with talk_about_three() as talk:
        await talk.says("transfer", StartFlow(flow="transfer"))
        replies = await talk.says("both", StartFlow(flow="balance"), StartFlow(flow="card"))
        assert replies == ["utter_balance", "utter_ask_reason"]
        replies = await talk.says("lost", SetSlot(name="reason", value="lost"))
        assert replies == ["utter_blocked", ASK_CONTINUE]


async def test_several_wishes_can_be_made_a_choice() -> None:
    talk = Conversation.with_flows(TRANSFER, CARD, clarify_on_multiple_start_flows=True)
    async with talk:
        replies = await talk.says("both", StartFlow(flow="transfer"), StartFlow(flow="card"))
        assert replies == ["utter_clarification_options_rasa"]
        assert talk.stack == []


async def test_slots_that_the_interrupted_flow_has_filled_outlive_the_interruption() -> None:
    first = flow("first", ask("name"), ask("street"), act("utter_first"))
    second = flow("second", ask("name"), act("utter_second"), run_pattern_completed=False)
    async with Conversation.with_flows(first, second) as talk:
        await talk.says("go", StartFlow(flow="first"), SetSlot(name="name", value="Jo"))
        assert await talk.says("second", StartFlow(flow="second")) == ["utter_second", ASK_CONTINUE]
        assert talk.slots["name"] == "Jo"


async def test_a_flow_that_ends_with_nothing_below_asks_what_else_there_is() -> None:
    closing = flow("f", act("utter_done"))
    async with Conversation.with_flows(closing) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_done", "utter_ask_continue_conversation"]
        assert [e.flow_id for e in talk.find_events(FlowCompleted)] == ["f"]
        yes = SetSlot(name="continue_conversation", value=True)
        assert await talk.says("yes", yes) == ["utter_can_do_something_else"]
        assert talk.stack == []


async def test_a_new_wish_takes_the_place_of_the_closing_question() -> None:
    closing = flow("f", act("utter_done"))
    async with Conversation.with_flows(closing, CARD) as talk:
        await talk.says("go", StartFlow(flow="f"))
        replies = await talk.says(
            "card", SetSlot(name="continue_conversation", value=True), StartFlow(flow="card")
        )
        assert replies == ["utter_ask_reason"]
        assert talk.slots["continue_conversation"] is None
        assert talk.stack == ["card", "pattern_collect_information"]


async def test_the_goodbye_asks_for_satisfaction_and_keeps_the_answer() -> None:
    closing = flow("f", act("utter_done"))
    async with Conversation.with_flows(closing) as talk:
        await talk.says("go", StartFlow(flow="f"))
        no = SetSlot(name="continue_conversation", value=False)
        assert await talk.says("no", no) == ["utter_closing_words", "utter_ask_csat_score"]
        happy = SetSlot(name="csat_score", value="satisfied", extractor="BUTTON")
        assert await talk.says("good", happy) == ["utter_csat_satisfied"]
        assert talk.slots["csat_score"] == "satisfied"
        assert talk.stack == []
