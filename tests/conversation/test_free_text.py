"""Free text without a language model: the whole ladder, from words to replies."""

from duologue.core.domain import Domain
from duologue.core.slots import MappingType, Slot, SlotMapping, SlotType
from duologue.core.understanding import Evidence
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import ActionStep, CollectStep
from duologue.project.definition import AssistantConfig, AssistantDefinition
from duologue.runtime.understanding import build_understander
from duologue.testing.conversation import Conversation, complete_domain

TRANSFER = Flow(
    id="transfer_money",
    name="send money",
    description="Send money to a person.",
    steps=(
        CollectStep(id="who", slot="recipient", description="name of the person who gets the money"),
        CollectStep(id="how_much", slot="amount", description="amount of money to send"),
        CollectStep(id="speed", slot="speed", description="how fast it should be"),
        CollectStep(id="sure", slot="confirmed", description="yes or no", ask_before_filling=True),
        ActionStep(id="done", action="utter_sent"),
    ),
    run_pattern_completed=False,
)
BALANCE = Flow(
    id="check_balance",
    name="check the balance",
    description="Tell how much money is in the account.",
    steps=(ActionStep(id="tell", action="utter_balance"),),
    run_pattern_completed=False,
)
BLOCK_CARD = Flow(
    id="block_card",
    name="block a card",
    description="Block a card that was lost or stolen.",
    steps=(
        CollectStep(id="which", slot="card", description="which card"),
        ActionStep(id="done", action="utter_blocked"),
    ),
    run_pattern_completed=False,
)
ORDER_CARD = Flow(
    id="order_card",
    name="order a card",
    description="Order a new card.",
    steps=(ActionStep(id="done", action="utter_ordered"),),
    run_pattern_completed=False,
)
FLOWS = (TRANSFER, BALANCE, BLOCK_CARD, ORDER_CARD)
SLOTS = (
    Slot(name="recipient", type=SlotType.TEXT),
    Slot(name="amount", type=SlotType.FLOAT),
    Slot(name="speed", type=SlotType.CATEGORICAL, values=("instant", "standard")),
    Slot(name="confirmed", type=SlotType.BOOL),
    Slot(name="card", type=SlotType.TEXT, mappings=(SlotMapping(type=MappingType.CONTROLLED),)),
)


def talk(*flows: Flow) -> Conversation:
    flows = flows or FLOWS
    domain = complete_domain(flows, Domain(), slots=SLOTS, responses={}, actions=())
    definition = AssistantDefinition(
        config=AssistantConfig(additional_languages=("de",)), domain=domain, flows=flows
    )
    understander = build_understander(definition, Flows(flows))
    return Conversation.with_flows(*flows, domain=domain, understander=understander)


def tell(flow_id: str, name: str, description: str) -> Flow:
    steps = (ActionStep(id="tell", action=f"utter_{flow_id}"),)
    return Flow(id=flow_id, name=name, description=description, steps=steps, run_pattern_completed=False)


async def test_a_wish_starts_its_flow_and_fills_what_it_already_says() -> None:
    async with talk() as conversation:
        assert await conversation.sends("please send 50 to Anna") == ["utter_ask_speed"]
        assert conversation.slots["amount"] == 50.0
        assert conversation.slots["recipient"] == "Anna"


async def test_typed_answers_fill_the_open_question_with_typos_forgiven() -> None:
    async with talk() as conversation:
        assert await conversation.sends("send money") == ["utter_ask_recipient"]
        assert await conversation.sends("it's Anna Smith") == ["utter_ask_amount"]
        assert conversation.slots["recipient"] == "Anna Smith"
        assert await conversation.sends("twenty five euros") == ["utter_ask_speed"]
        assert conversation.slots["amount"] == 25.0
        assert await conversation.sends("instnat please") == ["utter_ask_confirmed"]
        assert conversation.slots["speed"] == "instant"
        assert await conversation.sends("yup, go ahead") == ["utter_sent"]


async def test_a_correction_changes_an_earlier_answer_and_keeps_the_question_open() -> None:
    async with talk() as conversation:
        await conversation.sends("send 50 to Anna")
        assert await conversation.sends("sorry, I meant 65") == [
            "utter_corrected_previous_input",
            "utter_ask_speed",
        ]
        assert conversation.slots["amount"] == 65.0
        assert await conversation.sends("not Anna, Bob") == [
            "utter_corrected_previous_input",
            "utter_ask_speed",
        ]
        assert conversation.slots["recipient"] == "Bob"


async def test_a_no_with_a_new_value_is_a_correction_and_no_refusal() -> None:
    async with talk() as conversation:
        await conversation.sends("send 50 to Anna")
        assert await conversation.sends("standard") == ["utter_ask_confirmed"]
        replies = await conversation.sends("no wait, make it 60")
        assert replies == ["utter_corrected_previous_input", "utter_ask_confirmed"]
        assert conversation.slots["amount"] == 60.0
        assert conversation.slots["confirmed"] is None


async def test_another_wish_interrupts_and_the_question_comes_back() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        replies = await conversation.sends("what is my balance?")
        assert replies == ["utter_balance", "utter_ask_continue_interrupted_flow_confirmation"]
        assert await conversation.sends("yes please") == ["utter_ask_recipient"]


async def test_the_flow_is_dropped_when_the_user_has_enough() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        assert await conversation.sends("forget it") == ["utter_flow_cancelled_rasa"]
        assert conversation.stack == []


async def test_dropping_one_flow_for_another_is_one_message() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        replies = await conversation.sends("forget it, check the balance")
        assert replies == ["utter_flow_cancelled_rasa", "utter_balance"]


async def test_a_word_that_fits_two_flows_is_clarified_and_the_choice_starts_one() -> None:
    async with talk() as conversation:
        assert await conversation.sends("card") == ["utter_clarification_options_rasa"]
        titles = {button.title for button in conversation.replies[0].buttons}
        assert titles == {"block a card", "order a card"}
        assert await conversation.sends("the one to order") == ["utter_ordered"]


async def test_a_question_about_things_asks_to_see_them_rather_than_to_change_them() -> None:
    listing = tell("list_payees", "list payees", "Show the people that the customer may send money to.")
    adding = tell("add_payee", "add payee", "Add a new payee that the customer may send money to.")
    async with talk(listing, adding) as conversation:
        assert await conversation.sends("who are my payees") == ["utter_list_payees"]
        assert await conversation.sends("add a payee") == ["utter_add_payee"]
        assert await conversation.sends("payees") == ["utter_clarification_options_rasa"]


async def test_a_question_is_no_answer_to_a_question_for_free_text() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        await conversation.sends("what is the meaning of life?")
        assert conversation.slots["recipient"] is None


async def test_words_do_not_fill_a_slot_that_only_actions_and_buttons_may_fill() -> None:
    async with talk() as conversation:
        assert await conversation.sends("block a card") == ["utter_ask_card"]
        await conversation.sends("4821")
        assert conversation.slots["card"] is None
        assert await conversation.sends("/SetSlots(card=4821)") == ["utter_blocked"]


async def test_what_was_said_is_said_again_when_asked() -> None:
    async with talk() as conversation:
        await conversation.sends("check the balance")
        assert await conversation.sends("say that again, please") == ["utter_balance"]


async def test_two_goals_in_one_sentence_run_one_after_the_other() -> None:
    async with talk() as conversation:
        replies = await conversation.sends("check the balance and then send 50 to Anna")
        assert replies == ["utter_balance", "utter_ask_speed"]
        assert conversation.slots["recipient"] == "Anna"


async def test_a_part_that_goes_on_about_the_first_goal_starts_nothing_of_its_own() -> None:
    async with talk() as conversation:
        assert await conversation.sends("check the balance, has it changed?") == ["utter_balance"]


async def test_the_answer_itself_goes_back_to_what_was_interrupted() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        await conversation.sends("what is my balance?")
        assert await conversation.sends("to Anna") == ["utter_ask_amount"]
        assert conversation.slots["recipient"] == "Anna"


async def test_a_yes_with_the_answer_goes_back_and_answers() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        await conversation.sends("Anna")
        await conversation.sends("what is my balance?")
        assert await conversation.sends("yes, make it 50") == ["utter_ask_speed"]
        assert conversation.slots["amount"] == 50.0


async def test_a_no_with_another_wish_leaves_what_was_interrupted() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        await conversation.sends("what is my balance?")
        replies = await conversation.sends("no, I want to order a card")
        assert replies == ["utter_flow_cancelled_rasa", "utter_ordered"]
        assert conversation.stack == []


async def test_a_no_with_a_value_at_the_confirmation_changes_that_value() -> None:
    async with talk() as conversation:
        await conversation.sends("send 50 to Anna")
        await conversation.sends("standard")
        replies = await conversation.sends("no, to Bob")
        assert replies == ["utter_corrected_previous_input", "utter_ask_confirmed"]
        assert conversation.slots["recipient"] == "Bob"


async def test_several_answers_are_changed_by_one_message() -> None:
    async with talk() as conversation:
        await conversation.sends("send 50 to Anna")
        await conversation.sends("standard")
        await conversation.sends("oops, the recipient is Bob and the amount is 20")
        assert conversation.slots["recipient"] == "Bob"
        assert conversation.slots["amount"] == 20.0


async def test_an_answer_that_is_said_to_be_wrong_is_asked_for_again() -> None:
    async with talk() as conversation:
        await conversation.sends("send 50 to Anna")
        assert await conversation.sends("sorry, the amount is wrong") == ["utter_ask_amount"]


async def test_an_answer_with_more_in_it_fills_more_than_one_slot() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        assert await conversation.sends("Anna, and make it 50 euros") == ["utter_ask_speed"]
        assert conversation.slots["recipient"] == "Anna"
        assert conversation.slots["amount"] == 50.0


async def test_a_wish_that_is_taken_back_cancels_its_flow() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        assert await conversation.sends("I don't want to send money any more") == [
            "utter_flow_cancelled_rasa"
        ]
        assert conversation.stack == []


async def test_a_question_about_a_topic_is_looked_up_and_starts_nothing() -> None:
    search = Flow(id="pattern_search", steps=(ActionStep(id="look", action="utter_from_documents"),))
    async with talk(*FLOWS, search) as conversation:
        assert await conversation.sends("are there any fees for sending money?") == ["utter_from_documents"]
        assert await conversation.sends("how do I send money?") == ["utter_ask_recipient"]
        assert await conversation.sends("is there a fee for this?") == [
            "utter_from_documents",
            "utter_ask_recipient",
        ]


async def test_a_flow_that_does_the_opposite_is_not_started() -> None:
    adding = tell("add_payee", "add payee", "Add a new payee that the customer may send money to.")
    async with talk(adding, BALANCE) as conversation:
        assert await conversation.sends("remove a payee") == ["utter_ask_rephrase"]


async def test_nonsense_is_not_guessed_at() -> None:
    async with talk() as conversation:
        assert await conversation.sends("purple monkey dishwasher") == ["utter_ask_rephrase"]
        assert conversation.stack == []


async def test_a_flood_of_words_is_not_read_word_by_word() -> None:
    async with talk() as conversation:
        flood = "/" + "send money to Anna " * 5_000
        assert await conversation.sends(flood) == ["utter_ask_rephrase"]
        assert find_evidence(conversation).rung == "none"


async def test_evidence_says_which_rung_answered_and_how_sure() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        local = find_evidence(conversation)
        assert local.rung == "local"
        assert 0.6 <= local.confidence <= 1
        await conversation.sends("Anna")
        await conversation.sends("50")
        assert find_evidence(conversation).rung == "answer"


def find_evidence(conversation: Conversation) -> Evidence:
    assert conversation.report is not None
    (evidence,) = conversation.report.understanding.evidence
    return evidence


async def test_how_somebody_is_related_is_no_part_of_the_name() -> None:
    async with talk() as conversation:
        await conversation.sends("send money")
        await conversation.sends("My niece Polly")
        assert conversation.slots["recipient"] == "Polly"


async def test_what_an_unclear_message_told_still_counts_once_the_flow_is_chosen() -> None:
    refund = Flow(
        id="request_refund",
        name="parcel refund",
        description="Pay back the money for a parcel.",
        steps=(CollectStep(id="which", slot="parcel_number", description="number of the parcel"),),
        run_pattern_completed=False,
        persisted_slots=("parcel_number",),
    )
    tracking = Flow(
        id="track_parcel",
        name="parcel status",
        description="Tell where a parcel is.",
        steps=(
            CollectStep(id="which", slot="parcel_number", description="number of the parcel"),
            ActionStep(id="tell", action="utter_status"),
        ),
        run_pattern_completed=False,
        persisted_slots=("parcel_number",),
    )
    async with talk(refund, tracking) as conversation:
        replies = await conversation.sends("parcel 4711998")
        assert replies == ["utter_clarification_options_rasa"]
        assert await conversation.sends("parcel status") == ["utter_status"]
        assert conversation.slots["parcel_number"] == "4711998"


async def test_small_talk_beside_other_words_is_answered_as_small_talk() -> None:
    async with talk() as conversation:
        replies = await conversation.sends(
            "haha you are funnier than my husband, what's your name by the way?"
        )
        assert replies == ["utter_cannot_handle"]
