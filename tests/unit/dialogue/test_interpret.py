"""Commands become events: the order on the stack is the order in which things run."""

import pytest

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.events import (
    Event,
    FlowInterrupted,
    FlowResumed,
    FlowStarted,
    SessionEnded,
    SlotWasSet,
    StackChanged,
)
from duologue.core.ids import ConversationId
from duologue.core.stack import FlowFrame, Frame, FrameType, PatternFrame
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.values import SlotValue
from duologue.dialogue.interpret import interpret
from duologue.flows.flow import Flows
from duologue.flows.patterns import STOCK_FLOWS
from duologue.testing.conversation import complete_domain
from tests.flow_writing import act, ask, call, flow, number, reject, validated

TRANSFER = flow("transfer", ask("recipient", "r"), ask("amount", "a"), ask("note", "n"))
PARENT = flow("parent", ask("name", "n"), call("transfer", "c"), ask("end", "e"))
OTHER = flow("other", act("utter_other", "o"))
OWN = (TRANSFER, PARENT, OTHER)
AMOUNT = number("amount", validation=validated(reject("slots.amount > 100", "utter_too_much")))
FLOWS = Flows([*OWN, *STOCK_FLOWS])
DOMAIN = complete_domain(OWN, Domain(), slots=[AMOUNT])
ASK = PatternFrame(flow_id="pattern_collect_information", step_id="listen", context={"collect": "amount"})
IN_TRANSFER = FlowFrame(flow_id="transfer", step_id="a")


def run(*commands: Command, stack: tuple[Frame, ...] = (), **slots: SlotValue) -> tuple[list[Event], State]:
    state = State(conversation_id=ConversationId("c"), stack=stack, slots=slots)
    events = interpret(commands, state, FLOWS, DOMAIN)
    return list(events), fold(state, events)


def ids(state: State) -> list[str]:
    return [frame.flow_id for frame in state.stack]


def find_context(state: State) -> dict[str, object]:
    top = state.stack[-1]
    assert isinstance(top, PatternFrame)
    return top.context


def test_nothing_to_do_is_no_event() -> None:
    assert run(cmd.Noop(), cmd.ChangeFlow(), stack=(IN_TRANSFER,))[0] == []


def test_a_slot_is_filled_by_whoever_read_it() -> None:
    events, _ = run(cmd.SetSlot(name="note", value="rent", extractor="LOCAL"))
    assert events == [SlotWasSet(name="note", value="rent", filled_by="LOCAL")]


def test_the_first_flow_starts_and_the_second_interrupts() -> None:
    events, state = run(cmd.StartFlow(flow="other"))
    assert events[0] == FlowStarted(flow_id="other")
    assert isinstance(state.stack[0], FlowFrame)
    assert state.stack[0].frame_type is FrameType.REGULAR
    assert state.stack[0].fingerprint == OTHER.fingerprint
    events, state = run(cmd.StartFlow(flow="other"), stack=(IN_TRANSFER, ASK))
    assert events[:2] == [FlowInterrupted(flow_id="transfer", step_id="a"), FlowStarted(flow_id="other")]
    assert isinstance(state.stack[-1], FlowFrame)
    assert state.stack[-1].frame_type is FrameType.INTERRUPT


def test_of_several_flows_the_first_is_on_top() -> None:
    events, state = run(cmd.StartFlow(flow="other"), cmd.StartFlow(flow="transfer"))
    assert ids(state) == ["transfer", "other"]
    assert not any(isinstance(event, FlowInterrupted) for event in events)


def test_a_flow_further_down_comes_up_with_its_question() -> None:
    other = FlowFrame(flow_id="other", step_id="o")
    events, state = run(cmd.StartFlow(flow="transfer"), stack=(IN_TRANSFER, ASK, other))
    assert state.stack == (other, IN_TRANSFER, ASK)
    assert events[:2] == [
        FlowInterrupted(flow_id="other", step_id="o"),
        FlowResumed(flow_id="transfer", step_id="a"),
    ]


def test_a_starting_flow_takes_the_place_of_the_bridging_question() -> None:
    bridge = PatternFrame(flow_id="pattern_continue_interrupted", step_id="ask_whether")
    question = PatternFrame(flow_id="pattern_collect_information", context={"collect": "x"})
    _, state = run(cmd.StartFlow(flow="other"), stack=(IN_TRANSFER, ASK, bridge, question))
    assert ids(state) == ["transfer", "pattern_collect_information", "other"]


def test_what_is_said_first_is_done_first_and_patterns_before_flows() -> None:
    _, state = run(cmd.ChitChat(), cmd.StartFlow(flow="other"), cmd.KnowledgeAnswer())
    assert ids(state) == ["other", "pattern_search", "pattern_chitchat"]


@pytest.mark.parametrize(
    ("command", "pattern_id"),
    [
        (cmd.ChitChat(), "pattern_chitchat"),
        (cmd.KnowledgeAnswer(), "pattern_search"),
        (cmd.HumanHandoff(), "pattern_human_handoff"),
        (cmd.SkipQuestion(), "pattern_skip_question"),
        (cmd.RepeatBotMessages(), "pattern_repeat_bot_messages"),
        (cmd.SessionStart(), "pattern_session_start"),
        (cmd.UserSilence(), "pattern_user_silence"),
        (cmd.Restart(), "pattern_restart"),
        (cmd.HandleCodeChange(), "pattern_code_change"),
        (cmd.CannotHandle(), "pattern_cannot_handle"),
        (cmd.ReportError(), "pattern_internal_error"),
        (cmd.Clarify(), "pattern_clarification"),
    ],
)
def test_every_reaction_is_a_pattern(command: Command, pattern_id: str) -> None:
    _, state = run(command)
    assert ids(state) == [pattern_id]


def test_the_context_of_reasons_and_errors() -> None:
    _, state = run(cmd.CannotHandle(reason="cannot_handle_chitchat"))
    assert find_context(state) == {"reason": "cannot_handle_chitchat"}
    _, state = run(cmd.ReportError(error_type="x", info={"max_characters": 5}))
    assert find_context(state) == {"error_type": "x", "info": {"max_characters": 5}}
    _, state = run(cmd.Clarify(options=("other", "transfer")))
    assert find_context(state) == {
        "names": ["other", "transfer"],
        "clarification_options": "other or transfer",
    }


def test_the_end_of_a_session_is_an_event() -> None:
    events, _ = run(cmd.SessionEnd())
    assert events == [SessionEnded()]


def test_cancelling_names_the_outermost_caller_and_everything_above_it() -> None:
    parent = FlowFrame(flow_id="parent", step_id="c")
    child = FlowFrame(flow_id="transfer", step_id="a", frame_type=FrameType.CALL)
    below = FlowFrame(flow_id="other", step_id="o")
    _, state = run(cmd.CancelFlow(), stack=(below, parent, child, ASK))
    assert find_context(state) == {
        "canceled_name": "parent",
        "canceled_frames": [parent.frame_id, child.frame_id, ASK.frame_id],
    }


def test_cancelling_means_the_flow_before_the_one_that_the_message_starts() -> None:
    _, state = run(cmd.CancelFlow(), cmd.StartFlow(flow="other"), stack=(IN_TRANSFER, ASK))
    assert ids(state) == ["transfer", "pattern_collect_information", "other", "pattern_cancel_flow"]
    assert find_context(state)["canceled_frames"] == [IN_TRANSFER.frame_id, ASK.frame_id]


def correct(**values: SlotValue) -> cmd.CorrectSlots:
    return cmd.CorrectSlots(
        corrected_slots=tuple(cmd.SetSlot(name=name, value=value) for name, value in values.items())
    )


def test_a_correction_goes_back_to_the_earliest_question_it_answers() -> None:
    at_note = FlowFrame(flow_id="transfer", step_id="n")
    _, state = run(correct(amount=5.0, recipient="Bo"), stack=(at_note,), recipient="Jo", amount=1.0)
    assert find_context(state) == {
        "corrected_slots": {"amount": 5.0, "recipient": "Bo"},
        "new_slot_values": [5.0, "Bo"],
        "is_reset_only": False,
        "reset_flow_id": "transfer",
        "reset_frame_id": at_note.frame_id,
        "reset_step_id": "r",
    }


def test_a_correction_of_what_is_still_to_come_goes_nowhere() -> None:
    _, state = run(correct(note="rent"), stack=(IN_TRANSFER,), note="food")
    assert find_context(state)["reset_step_id"] is None


def test_a_correction_goes_back_to_the_call_whose_flow_asked() -> None:
    parent = FlowFrame(flow_id="parent", step_id="e")
    _, state = run(correct(amount=5.0), stack=(parent,), amount=1.0, recipient="Jo", note="x", name="Jo")
    assert find_context(state)["reset_step_id"] == "c"


def test_a_refused_value_is_dealt_with_before_anything_else() -> None:
    _, state = run(cmd.SetSlot(name="amount", value=500.0), cmd.ChitChat(), stack=(IN_TRANSFER, ASK))
    assert ids(state)[-2:] == ["pattern_chitchat", "pattern_validate_slot"]
    assert find_context(state) == {
        "validate": "amount",
        "refill_utter": "utter_ask_amount",
        "refill_action": "",
        "rejections": [{"if": "slots.amount > 100", "utter": "utter_too_much"}],
    }


def test_an_answer_of_the_wrong_type_is_kept_for_its_question_and_only_if_that_comes_next() -> None:
    wrong = cmd.SetSlot(name="amount", value="lots")
    events, _ = run(wrong, stack=(IN_TRANSFER, ASK))
    assert events == [SlotWasSet(name="amount", value="lots", filled_by="LLM")]
    for other in (cmd.StartFlow(flow="other"), cmd.CancelFlow(), cmd.ChitChat(), cmd.SessionEnd()):
        events, _ = run(wrong, other, stack=(IN_TRANSFER, ASK))
        assert not any(isinstance(event, SlotWasSet) for event in events)


def test_a_refusal_that_is_pending_is_not_opened_twice() -> None:
    pending = PatternFrame(flow_id="pattern_validate_slot", context={"validate": "amount"})
    events, _ = run(cmd.SetSlot(name="amount", value=500.0), stack=(IN_TRANSFER, ASK, pending))
    assert not any(isinstance(event, StackChanged) for event in events)


def test_speech_ends_the_count_of_silences_and_silence_does_not() -> None:
    events, _ = run(cmd.Noop(), consecutive_silence_timeouts=2.0)
    assert events == [SlotWasSet(name="consecutive_silence_timeouts", value=0.0)]
    events, _ = run(cmd.UserSilence(), consecutive_silence_timeouts=2.0)
    assert not any(isinstance(event, SlotWasSet) for event in events)
