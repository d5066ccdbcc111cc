"""The project decides: what understanding proposes is checked against what is on offer."""

from duologue.core.commands import Clarify, SetSlot, StartFlow
from duologue.core.events import FlowStarted, SlotWasSet
from duologue.testing.conversation import Conversation
from tests.flow_writing import act, ask, controlled, flag, flow, number, slot

CARD = flow("card", act("utter_card"), guard="slots.has_card", run_pattern_completed=False)
SECRET = flow("secret", ask("code"), act("utter_secret"), guard=False, run_pattern_completed=False)
TRANSFER = flow("transfer", ask("recipient"), ask("amount"), act("utter_sent"), run_pattern_completed=False)
SLOTS = [flag("has_card"), number("amount")]


def talk_with_guards() -> Conversation:
    return Conversation.with_flows(CARD, SECRET, TRANSFER, slots=SLOTS)


async def test_a_flow_whose_guard_is_false_does_not_start() -> None:
    async with talk_with_guards() as talk:
        assert await talk.says("card", StartFlow(flow="card")) == ["utter_ask_rephrase"]
        assert await talk.says("secret", StartFlow(flow="secret")) == ["utter_ask_rephrase"]


async def test_a_flow_whose_guard_is_true_starts() -> None:
    async with Conversation.with_flows(CARD, slots=[flag("has_card", initial_value=True)]) as talk:
        assert await talk.says("card", StartFlow(flow="card")) == ["utter_card"]


async def test_an_exact_payload_passes_the_guard_by() -> None:
    async with talk_with_guards() as talk:
        assert await talk.says("/card", StartFlow(flow="card", is_explicit=True)) == ["utter_card"]


async def test_a_clarification_never_offers_what_may_not_start() -> None:
    async with talk_with_guards() as talk:
        assert await talk.says("hm", Clarify(options=("card", "secret"))) == [
            "utter_clarification_no_options_rasa"
        ]


async def test_a_pattern_cannot_be_started() -> None:
    async with talk_with_guards() as talk:
        replies = await talk.says("x", StartFlow(flow="pattern_human_handoff"))
        assert replies == ["utter_ask_rephrase"]


async def test_a_slot_of_a_flow_that_may_not_start_is_not_set() -> None:
    async with talk_with_guards() as talk:
        await talk.says("x", StartFlow(flow="secret"), SetSlot(name="code", value="1234"))
        assert talk.find_events(SlotWasSet) == []


async def test_a_slot_that_no_flow_under_way_asks_for_is_not_set_by_words() -> None:
    async with talk_with_guards() as talk:
        assert await talk.says("50", SetSlot(name="amount", value=50)) == ["utter_ask_rephrase"]
        assert talk.slots["amount"] is None


async def test_a_button_may_set_a_slot_of_any_flow_that_may_start() -> None:
    async with talk_with_guards() as talk:
        button = SetSlot(name="amount", value=50, extractor="BUTTON")
        assert await talk.says("/SetSlots(amount=50)", button) == []
        assert talk.slots["amount"] == 50.0
        secret = SetSlot(name="code", value="1", extractor="BUTTON")
        assert await talk.says("/SetSlots(code=1)", secret) == ["utter_ask_rephrase"]


async def test_a_controlled_slot_takes_buttons_and_no_words() -> None:
    asking = flow("f", ask("code"), act("utter_done"), run_pattern_completed=False)
    async with Conversation.with_flows(asking, slots=[controlled("code")]) as talk:
        await talk.says("go", StartFlow(flow="f"))
        assert await talk.says("1", SetSlot(name="code", value="1")) == [
            "utter_ask_rephrase",
            "utter_ask_code",
        ]
        pressed = SetSlot(name="code", value="1", extractor="BUTTON")
        assert await talk.says("/SetSlots(code=1)", pressed) == ["utter_done"]


async def test_the_trained_pipeline_wins_over_the_model_about_the_same_slot() -> None:
    async with talk_with_guards() as talk:
        await talk.says(
            "go",
            StartFlow(flow="transfer"),
            SetSlot(name="recipient", value="Bo"),
            SetSlot(name="recipient", value="Jo", extractor="NLU"),
        )
        assert talk.slots["recipient"] == "Jo"


async def test_a_wish_said_twice_counts_once() -> None:
    async with talk_with_guards() as talk:
        await talk.says("go", StartFlow(flow="transfer"), StartFlow(flow="transfer"))
        assert len(talk.find_events(FlowStarted)) == 1
        assert talk.stack == ["transfer", "pattern_collect_information"]


async def test_slots_that_the_flow_keeps_outlive_it() -> None:
    keeping = flow(
        "f",
        ask("name"),
        ask("town", reset_after_flow_ends=False),
        ask("note"),
        persisted_slots=("name",),
        run_pattern_completed=False,
    )
    async with Conversation.with_flows(keeping, slots=[slot("note", initial_value="none")]) as talk:
        await talk.says("go", StartFlow(flow="f"), SetSlot(name="note", value="rent"))
        await talk.says("Jo", SetSlot(name="name", value="Jo"))
        await talk.says("Leeds", SetSlot(name="town", value="Leeds"))
        assert talk.stack == []
        assert (talk.slots["name"], talk.slots["town"], talk.slots["note"]) == ("Jo", "Leeds", "none")
