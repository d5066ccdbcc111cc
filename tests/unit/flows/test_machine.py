"""The machine names the next action, and reports what changed on the way to it."""

import pytest
from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.errors import FlowError
from duologue.core.events import FlowCompleted, FlowStarted, SlotWasSet, StackChanged
from duologue.core.ids import ConversationId
from duologue.core.stack import FlowFrame, Frame, FrameType, PatternFrame
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.values import SlotValue
from duologue.flows.flow import Flow, Flows
from duologue.flows.machine import Advance, FlowMachine, Listen, PerformAction
from duologue.flows.patterns import STOCK_FLOWS
from duologue.testing.conversation import complete_domain
from tests.flow_writing import act, ask, branch, call, flow, link, number, put


def build(*flows: Flow, actions: tuple[str, ...] = ()) -> FlowMachine:
    domain = complete_domain(flows, Domain(), slots=[number("amount")], actions=actions)
    return FlowMachine(Flows([*flows, *STOCK_FLOWS]), domain)


def state_with(*frames: Frame, **slots: SlotValue) -> State:
    return State(conversation_id=ConversationId("c"), stack=frames, slots=slots)


def walk(machine: FlowMachine, state: State) -> tuple[list[str], Advance]:
    """The names of the actions until it listens, and the last advance."""
    names: list[str] = []
    while True:
        advance = machine.advance(state)
        state = fold(state, advance.events)
        if isinstance(advance.step, Listen):
            return names, advance
        names.append(advance.step.name)


def test_an_empty_stack_listens_and_changes_nothing() -> None:
    assert build().advance(state_with()) == Advance(events=(), step=Listen())


def test_the_first_step_of_a_fresh_frame_is_performed() -> None:
    machine = build(flow("f", act("utter_a", "one"), act("utter_b", "two")))
    frame = FlowFrame(flow_id="f")
    advance = machine.advance(state_with(frame))
    assert advance.step == PerformAction(name="utter_a", flow_id="f", step_id="one", context={})
    assert advance.events == (StackChanged(stack=(replace(frame, step_id="one"),)),)


def test_the_machine_keeps_nothing_between_calls() -> None:
    machine = build(flow("f", act("utter_a")))
    state = state_with(FlowFrame(flow_id="f"))
    assert machine.advance(state) == machine.advance(state)


def test_actions_follow_each_other_until_the_question() -> None:
    machine = build(flow("f", act("utter_a"), ask("name"), act("utter_b")))
    names, _ = walk(machine, state_with(FlowFrame(flow_id="f")))
    assert names == ["utter_a", "action_run_slot_rejections", "utter_ask_name"]


def test_a_question_whose_answer_is_known_is_passed_without_a_frame() -> None:
    machine = build(flow("f", ask("name"), act("utter_b")))
    names, _ = walk(machine, state_with(FlowFrame(flow_id="f"), name="Jo"))
    assert names[0] == "utter_b"


def test_a_known_answer_with_a_validating_action_is_checked_but_not_asked_for() -> None:
    machine = build(flow("f", ask("name"), act("utter_b")), actions=("validate_name",))
    names, _ = walk(machine, state_with(FlowFrame(flow_id="f"), name="Jo"))
    assert names[:3] == ["action_run_slot_rejections", "validate_name", "utter_b"]


def test_a_question_of_an_action_names_the_action() -> None:
    machine = build(flow("f", ask("name")), actions=("action_ask_name",))
    names, advance = walk(machine, state_with(FlowFrame(flow_id="f")))
    assert names == ["action_run_slot_rejections", "action_ask_name"]
    assert isinstance(advance.step, Listen)


def test_ask_before_filling_empties_the_slot_once() -> None:
    machine = build(flow("f", ask("name", ask_before_filling=True)))
    state = state_with(FlowFrame(flow_id="f"), name="Jo")
    advance = machine.advance(state)
    assert [e for e in advance.events if isinstance(e, SlotWasSet)] == [SlotWasSet(name="name", value=None)]


def test_set_slots_says_only_what_changes() -> None:
    machine = build(flow("f", put(amount=1.0, name="Jo"), act("utter_a")))
    advance = machine.advance(state_with(FlowFrame(flow_id="f"), name="Jo"))
    assert [e for e in advance.events if isinstance(e, SlotWasSet)] == [SlotWasSet(name="amount", value=1.0)]


def test_the_end_of_a_flow_is_reported_and_empties_its_slots() -> None:
    machine = build(flow("f", ask("name", "q"), run_pattern_completed=False))
    advance = machine.advance(state_with(FlowFrame(flow_id="f"), name="Jo"))
    assert advance.events == (
        FlowCompleted(flow_id="f", step_id="q"),
        SlotWasSet(name="name", value=None),
        StackChanged(stack=()),
    )


def test_a_flow_without_steps_ends_at_once() -> None:
    machine = build(flow("f", run_pattern_completed=False))
    advance = machine.advance(state_with(FlowFrame(flow_id="f")))
    assert advance.events == (FlowCompleted(flow_id="f", step_id="START"), StackChanged(stack=()))


def test_a_call_puts_the_called_flow_above_its_caller() -> None:
    machine = build(flow("f", call("g")), flow("g", act("utter_g")))
    advance = machine.advance(state_with(FlowFrame(flow_id="f")))
    state = fold(state_with(), advance.events)
    assert [(frame.flow_id, frame.step_id) for frame in state.stack] == [("f", "0"), ("g", "0")]
    called = state.stack[1]
    assert isinstance(called, FlowFrame)
    assert called.frame_type is FrameType.CALL
    assert FlowStarted(flow_id="g") in advance.events


def test_a_link_takes_the_place_of_its_flow() -> None:
    machine = build(flow("f", link("g")), flow("g", act("utter_g")))
    state = fold(state_with(), machine.advance(state_with(FlowFrame(flow_id="f"))).events)
    assert [frame.flow_id for frame in state.stack] == ["g"]


def test_a_step_is_repeated_when_a_correction_went_back_to_it() -> None:
    machine = build(flow("f", act("utter_a", "one"), act("utter_b", "two")))
    frame = FlowFrame(flow_id="f", step_id="one", repeats_step=True)
    names, _ = walk(machine, state_with(frame))
    assert names[:2] == ["utter_a", "utter_b"]


def test_templates_in_names_read_slots_and_context_and_a_name_that_means_nothing_is_passed_over() -> None:
    machine = build(
        flow("pattern_odd", act("utter_{{context.mood}}"), act("utter_{{slots.name}}"), act("utter_end")),
        flow("other", act("utter_good")),
    )
    frame = PatternFrame(flow_id="pattern_odd", context={"mood": "good"})
    names, _ = walk(machine, state_with(frame, name="nobody"))
    assert names == ["utter_good", "utter_end"]


def test_the_context_of_an_action_is_that_of_the_pattern_on_top() -> None:
    machine = build(flow("pattern_odd", act("utter_a")))
    below = PatternFrame(flow_id="pattern_other", context={"mood": "bad", "left": 1})
    top = PatternFrame(flow_id="pattern_odd", context={"mood": "good"})
    step = machine.advance(state_with(below, top)).step
    assert isinstance(step, PerformAction)
    assert step.context == {"mood": "good"}


def test_a_pattern_ends_without_a_closing_question() -> None:
    machine = build(flow("pattern_odd", act("utter_a", "one")))
    advance = machine.advance(state_with(PatternFrame(flow_id="pattern_odd", step_id="one")))
    assert advance == Advance(events=(StackChanged(stack=()),), step=Listen())


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (flow("f", branch("x", ("false", "END"))), "no branch of step 'x'"),
        (flow("f", branch("x", otherwise="x")), "runs in circles"),
        (flow("f", link("f")), "runs in circles"),
        (flow("f", call("nowhere")), "there is no flow 'nowhere'"),
        (flow("f", branch("x", otherwise="y")), "a step 'y' that it does not have"),
    ],
)
def test_a_flow_that_cannot_go_on_is_an_error(broken: Flow, words: str) -> None:
    with pytest.raises(FlowError, match=words):
        build(broken).advance(state_with(FlowFrame(flow_id="f")))


def test_a_frame_at_a_step_that_is_gone_is_an_error() -> None:
    with pytest.raises(FlowError, match="has no step 'gone' any more"):
        build(flow("f", act("utter_a"))).advance(state_with(FlowFrame(flow_id="f", step_id="gone")))


def test_waiting_means_an_empty_stack_or_a_listening_top() -> None:
    machine = build(flow("f", act("utter_a", "one"), act("action_listen", "two")))
    assert machine.is_waiting(())
    assert machine.is_waiting((FlowFrame(flow_id="f", step_id="two"),))
    assert not machine.is_waiting((FlowFrame(flow_id="f", step_id="one"),))
    assert not machine.is_waiting((FlowFrame(flow_id="f"),))
    assert not machine.is_waiting((FlowFrame(flow_id="gone", step_id="two"),))


@pytest.mark.parametrize(
    ("name", "is_known"),
    [("utter_a", True), ("action_do", True), ("action_listen", True), ("action_other", False)],
)
def test_what_can_be_performed_is_what_the_domain_or_the_platform_has(name: str, is_known: bool) -> None:
    machine = build(flow("f", act("utter_a")), actions=("action_do",))
    assert machine.can_perform(name) is is_known
