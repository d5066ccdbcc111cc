"""Changing an earlier answer: the value is replaced, and what depends on it is done again."""

from duologue.core.commands import SetSlot, StartFlow
from duologue.core.events import FlowStarted, SlotWasSet
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedActions
from tests.flow_writing import act, ask, branch, call, flag, flow, number, reject, slot, validated, when

TRANSFER = flow(
    "transfer",
    ask("recipient"),
    act("action_look_up"),
    ask("amount"),
    ask("note"),
    ask("sure", ask_before_filling=True),
    act("utter_done"),
    run_pattern_completed=False,
)
SLOTS = [number("amount"), flag("sure")]


def talk_about_transfer() -> Conversation:
    actions = ScriptedActions({"action_look_up": []})
    return Conversation.with_flows(TRANSFER, slots=SLOTS, actions=actions)


async def go_to_confirmation(talk: Conversation) -> None:
    await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="recipient", value="Jo"))
    await talk.says("50", SetSlot(name="amount", value=50))
    assert await talk.says("rent", SetSlot(name="note", value="rent")) == ["utter_ask_sure"]


async def test_a_correction_replaces_the_value_and_asks_the_open_question_again() -> None:
    async with talk_about_transfer() as talk:
        await go_to_confirmation(talk)
        replies = await talk.says("no, 60", SetSlot(name="amount", value="60"))
        assert replies == ["utter_corrected_previous_input", "utter_ask_sure"]
        assert talk.texts[0] == "All right, I changed amount to 60."
        assert talk.slots["amount"] == 60.0
        assert await talk.says("yes", SetSlot(name="sure", value=True)) == ["utter_done"]


async def test_what_follows_the_corrected_question_is_done_again() -> None:
    async with talk_about_transfer() as talk:
        await go_to_confirmation(talk)
        await talk.says("to Bo", SetSlot(name="recipient", value="Bo"))
        assert talk.actions.called == ["action_look_up", "action_look_up"]


async def test_a_value_for_a_question_that_is_still_to_come_is_kept_without_a_word() -> None:
    async with talk_about_transfer() as talk:
        await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="recipient", value="Jo"))
        assert await talk.says("rent", SetSlot(name="note", value="rent")) == ["utter_ask_amount"]
        assert await talk.says("50", SetSlot(name="amount", value=50)) == ["utter_ask_sure"]


async def test_a_value_that_was_given_in_advance_can_be_corrected_too() -> None:
    async with talk_about_transfer() as talk:
        await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="note", value="rent"))
        replies = await talk.says("food", SetSlot(name="note", value="food"))
        assert replies == ["utter_corrected_previous_input", "utter_ask_recipient"]
        assert talk.slots["note"] == "food"


async def test_several_values_are_corrected_at_once() -> None:
    async with talk_about_transfer() as talk:
        await go_to_confirmation(talk)
        replies = await talk.says(
            "60 to Bo", SetSlot(name="amount", value=60), SetSlot(name="recipient", value="Bo")
        )
        assert replies == ["utter_corrected_previous_input", "utter_ask_sure"]
        assert talk.texts[0] == "All right, I changed amount to 60 and recipient to Bo."


async def test_the_same_value_again_is_no_correction() -> None:
    async with talk_about_transfer() as talk:
        await go_to_confirmation(talk)
        assert await talk.says("50", SetSlot(name="amount", value="50")) == ["utter_ask_sure"]


async def test_a_correction_and_an_answer_in_one_message_both_count() -> None:
    async with talk_about_transfer() as talk:
        await talk.says("go", StartFlow(flow="transfer"), SetSlot(name="recipient", value="Jo"))
        replies = await talk.says(
            "50, to Bo", SetSlot(name="amount", value=50), SetSlot(name="recipient", value="Bo")
        )
        assert replies == ["utter_corrected_previous_input", "utter_ask_note"]
        assert (talk.slots["amount"], talk.slots["recipient"]) == (50.0, "Bo")


async def test_an_answer_beside_a_correction_still_passes_its_rejections() -> None:
    strict = flow(
        "f", ask("recipient"), ask("amount", rejections=(reject("slots.amount > 100", "utter_too_much"),))
    )
    async with Conversation.with_flows(strict, slots=SLOTS) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="recipient", value="Jo"))
        replies = await talk.says(
            "500 to Bo", SetSlot(name="amount", value=500), SetSlot(name="recipient", value="Bo")
        )
        assert replies == ["utter_corrected_previous_input", "utter_too_much", "utter_ask_amount"]


async def test_a_correction_is_refused_by_the_questions_own_rejections() -> None:
    strict = flow(
        "f", ask("amount", rejections=(reject("slots.amount > 100", "utter_too_much"),)), ask("note")
    )
    async with Conversation.with_flows(strict, slots=SLOTS) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="amount", value=50))
        replies = await talk.says("500", SetSlot(name="amount", value=500))
        assert replies == ["utter_corrected_previous_input", "utter_too_much", "utter_ask_amount"]


async def test_a_correction_is_refused_by_the_domains_validation() -> None:
    checked = number("amount", validation=validated(reject("slots.amount > 100", "utter_too_much")))
    asking = flow("f", ask("amount"), ask("note"))
    async with Conversation.with_flows(asking, slots=[checked]) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="amount", value=50))
        replies = await talk.says("500", SetSlot(name="amount", value=500))
        assert replies == ["utter_corrected_previous_input", "utter_too_much", "utter_ask_amount"]
        assert await talk.says("90", SetSlot(name="amount", value=90)) == ["utter_ask_note"]


async def test_taking_back_a_confirmation_asks_for_it_again_without_a_word() -> None:
    confirmed = flow("f", ask("sure", ask_before_filling=True), ask("note"), act("utter_done"))
    async with Conversation.with_flows(confirmed, slots=SLOTS) as talk:
        await talk.says("go", StartFlow(flow="f"))
        await talk.says("yes", SetSlot(name="sure", value=True))
        assert await talk.says("wait, no", SetSlot(name="sure", value=False)) == ["utter_ask_sure"]


async def test_an_answer_that_is_taken_back_is_asked_for_again() -> None:
    async with talk_about_transfer() as talk:
        await go_to_confirmation(talk)
        assert await talk.says("forget the amount", SetSlot(name="amount", value=None)) == [
            "utter_ask_amount"
        ]


async def test_a_correction_goes_back_along_the_branch_that_was_taken() -> None:
    branching = flow(
        "f",
        ask("kind", then=when(("slots.kind = 'gift'", "gift"), otherwise="loan")),
        ask("amount", "gift", then="gift_extra"),
        act("utter_gift", "gift_extra", then="note"),
        ask("amount", "loan", then="loan_extra"),
        act("utter_loan", "loan_extra", then="note"),
        ask("note", "note"),
    )
    async with Conversation.with_flows(branching, slots=SLOTS) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="kind", value="loan"))
        assert await talk.says("50", SetSlot(name="amount", value=50)) == ["utter_loan", "utter_ask_note"]
        replies = await talk.says("60", SetSlot(name="amount", value=60))
        assert replies == ["utter_corrected_previous_input", "utter_loan", "utter_ask_note"]


async def test_a_correction_may_lead_down_another_branch() -> None:
    branching = flow(
        "f",
        ask("amount"),
        branch("", ("slots.amount > 100", "reason"), otherwise="note"),
        ask("reason", "reason", then="note"),
        ask("note", "note"),
    )
    async with Conversation.with_flows(branching, slots=SLOTS) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="amount", value=50))
        replies = await talk.says("500", SetSlot(name="amount", value=500))
        assert replies == ["utter_corrected_previous_input", "utter_ask_reason"]


PARENT = flow("parent", ask("name"), call("address"), ask("note"), act("utter_done"))
ADDRESS = flow("address", ask("street"), ask("town"))


async def test_the_caller_is_corrected_while_a_called_flow_asks() -> None:
    async with Conversation.with_flows(PARENT, ADDRESS) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        await talk.says("High Street", SetSlot(name="street", value="High Street"))
        replies = await talk.says("I am Bo", SetSlot(name="name", value="Bo"))
        assert replies == ["utter_corrected_previous_input", "utter_ask_town"]
        assert talk.slots["street"] == "High Street"
        assert talk.stack == ["parent", "address", "pattern_collect_information"]


async def test_a_called_flow_is_corrected_from_within() -> None:
    async with Conversation.with_flows(PARENT, ADDRESS) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        await talk.says("High Street", SetSlot(name="street", value="High Street"))
        replies = await talk.says("Low Street", SetSlot(name="street", value="Low Street"))
        assert replies == ["utter_corrected_previous_input", "utter_ask_town"]
        assert talk.find_events(FlowStarted) == []


async def test_a_called_flow_that_has_ended_is_corrected_by_calling_it_again() -> None:
    async with Conversation.with_flows(PARENT, ADDRESS) as talk:
        await talk.says("go", StartFlow(flow="parent"), SetSlot(name="name", value="Jo"))
        await talk.says("High Street", SetSlot(name="street", value="High Street"))
        assert await talk.says("Leeds", SetSlot(name="town", value="Leeds")) == ["utter_ask_note"]
        replies = await talk.says("York", SetSlot(name="town", value="York"))
        assert replies == ["utter_corrected_previous_input", "utter_ask_note"]
        assert (talk.slots["street"], talk.slots["town"]) == ("High Street", "York")


async def test_a_correction_and_a_new_wish_are_both_heard_and_the_correction_first() -> None:
    other = flow("other", act("utter_other"), run_pattern_completed=False)
    actions = ScriptedActions({"action_look_up": []})
    async with Conversation.with_flows(TRANSFER, other, slots=SLOTS, actions=actions) as talk:
        await go_to_confirmation(talk)
        replies = await talk.says("60, and other", SetSlot(name="amount", value=60), StartFlow(flow="other"))
        assert replies == [
            "utter_corrected_previous_input",
            "utter_other",
            "utter_ask_continue_interrupted_flow_confirmation",
        ]
        yes = SetSlot(name="continue_interrupted_flow_confirmation", value=True)
        assert await talk.says("yes", yes) == ["utter_ask_sure"]
        assert talk.slots["amount"] == 60.0


async def test_an_initial_value_that_the_flow_has_passed_can_be_corrected() -> None:
    known = slot("note", initial_value="none")
    asking = flow("f", ask("note"), ask("amount"))
    async with Conversation.with_flows(asking, slots=[known, *SLOTS]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        replies = await talk.says("rent", SetSlot(name="note", value="rent"))
        assert replies == ["utter_corrected_previous_input", "utter_ask_amount"]
        assert [e.value for e in talk.find_events(SlotWasSet)] == ["rent"]
