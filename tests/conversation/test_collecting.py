"""Questions: asked once, asked again when the answer is refused, left out when it is known."""

import pytest

from duologue.core.commands import ChitChat, SetSlot, StartFlow
from duologue.core.domain import Variation
from duologue.core.events import SlotWasSet
from duologue.core.values import SlotValue
from duologue.ports.action_runner import ActionResult
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedActions
from tests.flow_writing import act, ask, choice, flag, flow, number, reject, slot, when

TRANSFER = flow("transfer", ask("recipient"), ask("amount"), act("utter_done"), run_pattern_completed=False)
AMOUNT = number("amount")


async def test_each_slot_is_asked_for_in_turn_until_the_flow_is_done() -> None:
    async with Conversation.with_flows(TRANSFER, slots=[AMOUNT]) as talk:
        assert await talk.says("send money", StartFlow(flow="transfer")) == ["utter_ask_recipient"]
        assert await talk.says("Jo", SetSlot(name="recipient", value="Jo")) == ["utter_ask_amount"]
        assert await talk.says("50", SetSlot(name="amount", value="50")) == ["utter_done"]
        assert talk.stack == []


async def test_what_was_said_with_the_wish_is_not_asked_for() -> None:
    async with Conversation.with_flows(TRANSFER, slots=[AMOUNT]) as talk:
        replies = await talk.says(
            "send 50 to Jo",
            StartFlow(flow="transfer"),
            SetSlot(name="amount", value=50),
            SetSlot(name="recipient", value="Jo"),
        )
        assert replies == ["utter_done"]


async def test_an_answer_that_was_not_understood_leads_to_the_question_again() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("send money", StartFlow(flow="transfer"))
        assert await talk.says("hm") == ["utter_ask_recipient"]


@pytest.mark.parametrize(
    ("kind", "wrong", "rejection", "right", "kept"),
    [
        (flag("x"), "perhaps", "utter_boolean_slot_rejection", "no", False),
        (number("x"), "some", "utter_float_slot_rejection", "7.5", 7.5),
        (choice("x", "Red", "Blue"), "green", "utter_categorical_slot_rejection", "BLUE", "Blue"),
    ],
)
async def test_a_value_of_the_wrong_type_is_refused_with_the_words_for_that_type(
    kind: object, wrong: str, rejection: str, right: str, kept: SlotValue
) -> None:
    keeping = flow("f", ask("x"), act("utter_done"), persisted_slots=("x",), run_pattern_completed=False)
    async with Conversation.with_flows(keeping, slots=[kind]) as talk:  # type: ignore[list-item]
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("wrong", SetSlot(name="x", value=wrong)) == [rejection, "utter_ask_x"]
        assert talk.slots["x"] is None
        assert await talk.says("right", SetSlot(name="x", value=right)) == ["utter_done"]
        assert talk.slots["x"] == kept


async def test_no_is_an_answer_and_not_an_empty_slot() -> None:
    confirm = flow("f", ask("sure"), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(confirm, slots=[flag("sure")]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("no", SetSlot(name="sure", value=False)) == ["utter_done"]


BIG = flow(
    "f",
    ask(
        "amount",
        rejections=(
            reject("slots.amount <= 0", "utter_positive_please"),
            reject("slots.amount > 100", "utter_too_much"),
        ),
    ),
    act("utter_done"),
    run_pattern_completed=False,
)


async def test_the_first_rejection_that_is_true_is_said_and_the_question_asked_again() -> None:
    async with Conversation.with_flows(BIG, slots=[AMOUNT]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        answer = SetSlot(name="amount", value=-5)
        assert await talk.says("-5", answer) == ["utter_positive_please", "utter_ask_amount"]
        answer = SetSlot(name="amount", value=500)
        assert await talk.says("500", answer) == ["utter_too_much", "utter_ask_amount"]
        assert await talk.says("50", SetSlot(name="amount", value=50)) == ["utter_done"]


async def test_a_rejection_may_name_the_refused_value() -> None:
    responses = {"utter_too_much": [Variation(text="{value} is too much")]}
    async with Conversation.with_flows(BIG, slots=[AMOUNT], responses=responses) as talk:
        await talk.says("go", StartFlow(flow="f"))
        await talk.says("500", SetSlot(name="amount", value=500))
        assert talk.texts == ["500.0 is too much", "utter_ask_amount"]


async def test_what_was_said_in_advance_passes_the_rejections_too() -> None:
    async with Conversation.with_flows(BIG, slots=[AMOUNT]) as talk:
        replies = await talk.says("500", StartFlow(flow="f"), SetSlot(name="amount", value=500))
        assert replies == ["utter_too_much", "utter_ask_amount"]


async def test_a_validating_action_may_refuse_a_value() -> None:
    def validate(call: object) -> ActionResult:
        return ActionResult(
            events=(SlotWasSet(name="amount", value=None),), responses=({"response": "utter_not_covered"},)
        )

    asking = flow("f", ask("amount"), act("utter_done"), run_pattern_completed=False)
    actions = ScriptedActions({"validate_amount": validate})
    responses = {"utter_not_covered": [Variation(text="no cover")]}
    async with Conversation.with_flows(asking, slots=[AMOUNT], actions=actions, responses=responses) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert actions.called == []
        replies = await talk.says("50", SetSlot(name="amount", value=50))
        assert replies == ["utter_not_covered", "utter_ask_amount"]
        actions.outcomes["validate_amount"] = [SlotWasSet(name="amount", value=49)]
        assert await talk.says("50", SetSlot(name="amount", value=50)) == ["utter_done"]
        assert actions.called == ["validate_amount", "validate_amount"]


async def test_rejections_come_before_the_validating_action() -> None:
    actions = ScriptedActions({"validate_amount": []})
    async with Conversation.with_flows(BIG, slots=[AMOUNT], actions=actions) as talk:
        await talk.says("500", StartFlow(flow="f"), SetSlot(name="amount", value=500))
        assert actions.called == []


async def test_a_question_can_be_asked_by_an_action() -> None:
    asking = flow("f", ask("amount"), act("utter_done"), run_pattern_completed=False)
    actions = ScriptedActions({"action_ask_amount": ActionResult(responses=({"text": "How much?"},))})
    async with Conversation.with_flows(asking, slots=[AMOUNT], actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["How much?"]
        assert await talk.says("x", SetSlot(name="amount", value="x")) == [
            "utter_float_slot_rejection",
            "How much?",
        ]


async def test_a_response_that_the_step_names_wins_over_an_asking_action() -> None:
    asking = flow("f", ask("amount", utter="utter_how_much"))
    actions = ScriptedActions({"action_ask_amount": []})
    async with Conversation.with_flows(asking, slots=[AMOUNT], actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == ["utter_how_much"]


async def test_ask_before_filling_asks_even_for_what_is_known() -> None:
    confirm = flow("f", ask("sure", ask_before_filling=True), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(confirm, slots=[flag("sure")]) as talk:
        replies = await talk.says("go", StartFlow(flow="f"), SetSlot(name="sure", value=True))
        assert replies == ["utter_ask_sure"]
        assert await talk.says("yes", SetSlot(name="sure", value=True)) == ["utter_done"]


async def test_an_initial_value_counts_as_an_answer() -> None:
    async with Conversation.with_flows(
        TRANSFER, slots=[slot("recipient", initial_value="Jo"), AMOUNT]
    ) as talk:
        assert await talk.says("go", StartFlow(flow="transfer")) == ["utter_ask_amount"]


async def test_nothing_but_an_answer_counts_where_the_answer_is_forced() -> None:
    forced = flow("f", ask("amount", force_slot_filling=True), act("utter_done"), run_pattern_completed=False)
    other = flow("other", act("utter_other"))
    async with Conversation.with_flows(forced, other, slots=[AMOUNT, slot("word")]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("other", StartFlow(flow="other"), ChitChat()) == ["utter_ask_amount"]
        assert talk.stack == ["f", "pattern_collect_information"]
        replies = await talk.says("5, and other", SetSlot(name="amount", value=5), StartFlow(flow="other"))
        assert replies == ["utter_done"]


async def test_a_wrong_answer_beside_a_new_wish_does_not_stay_in_the_slot() -> None:
    asking = flow("f", ask("amount"))
    other = flow("other", ask("word"))
    async with Conversation.with_flows(asking, other, slots=[AMOUNT]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        await talk.says("other", SetSlot(name="amount", value="lots"), StartFlow(flow="other"))
        assert talk.slots["amount"] is None
        assert talk.stack[-2:] == ["other", "pattern_collect_information"]


async def test_a_wrong_value_that_an_action_left_is_asked_for() -> None:
    asking = flow("f", act("action_guess"), ask("amount"), act("utter_done"))
    actions = ScriptedActions({"action_guess": [SlotWasSet(name="amount", value="lots")]})
    async with Conversation.with_flows(asking, slots=[AMOUNT], actions=actions) as talk:
        assert await talk.says("go", StartFlow(flow="f")) == [
            "utter_float_slot_rejection",
            "utter_ask_amount",
        ]


async def test_a_flow_may_go_back_and_ask_again() -> None:
    choosing = flow(
        "f",
        ask("dish", "dish", ask_before_filling=True),
        ask("sure", ask_before_filling=True, then=when(("slots.sure", "done"), otherwise="dish")),
        act("utter_done", "done"),
        run_pattern_completed=False,
    )
    async with Conversation.with_flows(choosing, slots=[flag("sure")]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        await talk.says("soup", SetSlot(name="dish", value="soup"))
        assert await talk.says("no", SetSlot(name="sure", value=False)) == ["utter_ask_dish"]
        assert await talk.says("fish", SetSlot(name="dish", value="fish")) == ["utter_ask_sure"]
        assert await talk.says("yes", SetSlot(name="sure", value=True)) == ["utter_done"]


async def test_emptying_the_slot_that_is_asked_for_asks_again() -> None:
    async with Conversation.with_flows(TRANSFER) as talk:
        await talk.says("go", StartFlow(flow="transfer"))
        assert await talk.says("-", SetSlot(name="recipient", value=None)) == ["utter_ask_recipient"]
