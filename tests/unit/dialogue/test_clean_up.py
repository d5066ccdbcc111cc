"""Commands are checked against what is on offer; what is not is dropped."""

import pytest

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.slots import MappingType, SlotMapping, SlotType
from duologue.core.stack import FlowFrame, Frame, PatternFrame
from duologue.core.state import State
from duologue.core.values import SlotValue
from duologue.dialogue.clean_up import clean_up
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from duologue.flows.patterns import STOCK_FLOWS
from duologue.testing.conversation import complete_domain
from tests.flow_writing import act, ask, choice, flag, flow, number, slot

TRANSFER = flow("transfer", ask("recipient", "r"), ask("amount", "a"), ask("note", "n"))
FORCED = flow("forced", ask("pin", "p", force_slot_filling=True))
OTHER = flow("other", ask("colour"), ask("place"))
GUARDED = flow("guarded", ask("code"), guard="slots.is_member")
OWN = (TRANSFER, FORCED, OTHER, GUARDED)
FROM_ENTITY = (SlotMapping(type=MappingType.FROM_ENTITY, entity="place"),)
SLOTS = [
    number("amount"),
    flag("is_member"),
    choice("colour", "Red", "Blue"),
    slot("place", mappings=FROM_ENTITY),
    slot("items", SlotType.LIST),
]
IN_TRANSFER = FlowFrame(flow_id="transfer", step_id="a")


def question(name: str) -> PatternFrame:
    return PatternFrame(flow_id="pattern_collect_information", context={"collect": name})


ASKED_FOR_AMOUNT = (IN_TRANSFER, question("amount"))


def clean(
    *commands: Command, stack: tuple[Frame, ...] = (), flows: tuple[Flow, ...] = OWN, **slots: SlotValue
):
    domain = complete_domain(flows, Domain(), slots=SLOTS)
    own = {found.id for found in flows}
    offered = Flows([*flows, *(found for found in STOCK_FLOWS if found.id not in own)])
    state = State(conversation_id=ConversationId("c"), stack=stack, slots=slots)
    return clean_up(commands, Offers(state, offered, domain))


def put(name: str, value: SlotValue, extractor: str = "LLM") -> cmd.SetSlot:
    return cmd.SetSlot(name=name, value=value, extractor=extractor)


def test_nothing_proposed_is_nothing_to_do() -> None:
    assert clean() == (cmd.Noop(),)


def test_nothing_left_of_what_was_proposed_cannot_be_handled() -> None:
    assert clean(cmd.StartFlow(flow="nowhere"), cmd.CancelFlow()) == (cmd.CannotHandle(),)


def test_what_is_so_already_is_nothing_to_do() -> None:
    again = put("recipient", "Jo")
    assert clean(again, stack=ASKED_FOR_AMOUNT, recipient="Jo") == (cmd.Noop(),)
    assert clean(cmd.StartFlow(flow="transfer"), stack=ASKED_FOR_AMOUNT) == (cmd.Noop(),)


def test_duplicates_count_once_though_their_values_cannot_be_hashed() -> None:
    start = cmd.StartFlow(flow="transfer")
    twice = put("amount", [1])
    assert clean(start, cmd.ChitChat(), start, cmd.ChitChat(), twice, twice) == (start, cmd.ChitChat())


def test_values_are_fitted_to_their_slots() -> None:
    assert clean(put("amount", " 5 "), stack=ASKED_FOR_AMOUNT) == (put("amount", 5.0),)
    start = cmd.StartFlow(flow="other")
    assert clean(start, put("colour", "RED")) == (start, put("colour", "Red"))


def test_a_value_that_does_not_fit_is_kept_for_the_open_question_only() -> None:
    assert clean(put("amount", "lots"), stack=ASKED_FOR_AMOUNT) == (put("amount", "lots"),)
    start = cmd.StartFlow(flow="other")
    assert clean(start, put("colour", "green")) == (start,)


def test_the_trained_pipeline_wins_over_the_model() -> None:
    nlu = put("amount", 7, "NLU")
    assert clean(put("amount", 5), nlu, stack=ASKED_FOR_AMOUNT) == (put("amount", 7.0, "NLU"),)


def test_the_trained_pipeline_fills_its_own_slots_anywhere_and_others_where_they_are_asked() -> None:
    assert clean(put("place", "Leeds", "NLU")) == (put("place", "Leeds", "NLU"),)
    assert clean(put("place", "Leeds", "LLM")) == (cmd.CannotHandle(),)
    assert clean(put("recipient", "Jo", "NLU")) == (cmd.CannotHandle(),)


def test_slots_of_a_flow_that_starts_in_the_same_message_are_taken() -> None:
    start = cmd.StartFlow(flow="transfer")
    assert clean(put("recipient", "Jo"), start) == (put("recipient", "Jo"), start)
    assert clean(put("code", "1"), cmd.StartFlow(flow="guarded")) == (cmd.CannotHandle(),)


def test_a_changed_answer_is_a_correction_and_comes_first() -> None:
    commands = clean(put("amount", 5), put("recipient", "Bo"), stack=ASKED_FOR_AMOUNT, recipient="Jo")
    assert commands == (
        cmd.CorrectSlots(corrected_slots=(put("recipient", "Bo"),)),
        put("amount", 5.0),
    )


def test_an_empty_slot_is_filled_and_not_corrected() -> None:
    assert clean(put("note", "rent"), stack=ASKED_FOR_AMOUNT) == (put("note", "rent"),)


def test_an_answer_to_the_open_question_is_no_correction() -> None:
    assert clean(put("amount", 6), stack=ASKED_FOR_AMOUNT, amount=5.0) == (put("amount", 6.0),)


def test_a_proposed_correction_is_checked_like_any_value() -> None:
    proposed = cmd.CorrectSlots(
        corrected_slots=(put("recipient", "Bo"), put("code", "1"), put("amount", "x"))
    )
    assert clean(proposed, stack=(IN_TRANSFER, question("note")), recipient="Jo", amount=1.0) == (
        cmd.CorrectSlots(corrected_slots=(put("recipient", "Bo"),)),
    )


def test_only_an_answer_or_the_system_is_heard_where_the_answer_is_forced() -> None:
    stack = (FlowFrame(flow_id="forced", step_id="p"), question("pin"))
    answer = put("pin", "1234")
    assert clean(cmd.StartFlow(flow="other"), answer, cmd.ChitChat(), stack=stack) == (answer,)
    assert clean(cmd.StartFlow(flow="other"), stack=stack) == (cmd.Noop(),)
    assert clean(cmd.Restart(), cmd.CancelFlow(), stack=stack) == (cmd.Restart(),)


@pytest.mark.parametrize("vague", [cmd.Clarify(), cmd.CannotHandle(), cmd.Noop(), cmd.ChangeFlow()])
def test_a_vague_command_gives_way_to_a_concrete_one(vague: Command) -> None:
    start = cmd.StartFlow(flow="other")
    assert clean(vague, start) == (start,)


def test_a_clarification_wins_over_not_understanding() -> None:
    clarify = cmd.Clarify(options=("transfer", "other"))
    assert clean(cmd.CannotHandle(), clarify) == (clarify,)


def test_a_clarification_is_narrowed_to_what_may_start() -> None:
    options = ("guarded", "other", "pattern_completed", "nowhere", "other", "transfer")
    assert clean(cmd.Clarify(options=options)) == (cmd.Clarify(options=("other", "transfer")),)
    assert clean(cmd.Clarify(options=("guarded", "other"))) == (cmd.StartFlow(flow="other"),)
    assert clean(cmd.Clarify(options=("transfer",)), stack=ASKED_FOR_AMOUNT) == (cmd.Noop(),)


def test_a_clarification_is_no_longer_than_its_slot_says() -> None:
    many = tuple(flow(f"f{number}", act("utter_x")) for number in range(5))
    options = tuple(found.id for found in many)
    assert clean(cmd.Clarify(options=options), flows=many) == (cmd.Clarify(options=options[:3]),)
    longer = clean(cmd.Clarify(options=options), flows=many, max_clarification_options=4.0)
    assert longer == (cmd.Clarify(options=options[:4]),)


def test_cancelling_and_skipping_need_something_to_cancel_or_skip() -> None:
    assert clean(cmd.CancelFlow()) == (cmd.CannotHandle(),)
    assert clean(cmd.SkipQuestion()) == (cmd.CannotHandle(),)
    both = (cmd.CancelFlow(), cmd.SkipQuestion())
    assert clean(*both, stack=ASKED_FOR_AMOUNT) == both


def test_a_flow_on_the_stack_may_be_asked_for_though_its_guard_is_false_by_now() -> None:
    below = FlowFrame(flow_id="guarded", step_id="0")
    start = cmd.StartFlow(flow="guarded")
    assert clean(start, stack=(below, question("code"), *ASKED_FOR_AMOUNT)) == (start,)


def test_small_talk_that_needs_a_model_cannot_be_handled_without_one() -> None:
    chatting = flow("pattern_chitchat", act("action_trigger_chitchat"))
    assert clean(cmd.ChitChat(), flows=(*OWN, chatting)) == (
        cmd.CannotHandle(reason="cannot_handle_chitchat"),
    )


@pytest.mark.parametrize(
    "frame",
    [
        FlowFrame(flow_id="gone"),
        FlowFrame(flow_id="transfer", step_id="a step that was renamed"),
        FlowFrame(flow_id="transfer", fingerprint="0ld"),
        PatternFrame(flow_id="pattern_completed", fingerprint="0ld"),
    ],
)
def test_after_a_change_of_code_nothing_else_counts(frame: Frame) -> None:
    assert clean(cmd.StartFlow(flow="other"), stack=(frame,)) == (cmd.HandleCodeChange(),)
    assert clean(stack=(frame,)) == (cmd.HandleCodeChange(),)


def test_the_same_code_is_no_change() -> None:
    frame = FlowFrame(flow_id="transfer", step_id="a", fingerprint=TRANSFER.fingerprint)
    assert clean(cmd.ChitChat(), stack=(frame,)) == (cmd.ChitChat(),)
