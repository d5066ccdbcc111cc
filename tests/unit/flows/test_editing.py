"""Editing the stack and the slots, with an event for every change."""

from duologue.core.domain import Domain
from duologue.core.events import FlowCancelled, FlowResumed, SlotWasSet, StackChanged
from duologue.core.ids import ConversationId
from duologue.core.stack import FlowFrame, Frame, FrameType, PatternFrame
from duologue.core.state import State
from duologue.flows.editing import (
    StackEditor,
    build_context,
    build_interruption_context,
    group_frames,
    join_options,
    slots_in_use,
)
from duologue.flows.flow import Flows
from tests.flow_writing import ask, call, flow, put, slot

A = flow("a", ask("name", "q"), put(mood="good", step_id="p"), ask("town", "r"))
B = flow("b", ask("name", "q"), call("c"))
C = flow("c", ask("street", "q"))
FLOWS = Flows([A, B, C])
DOMAIN = Domain(
    slots={"name": slot("name"), "mood": slot("mood", initial_value="fine"), "town": slot("town")}
)
ASK = "pattern_collect_information"


def edit(*frames: Frame, **slots: object) -> StackEditor:
    return StackEditor(FLOWS, DOMAIN, State(conversation_id=ConversationId("c"), stack=frames, slots=slots))


def test_nothing_edited_is_no_event() -> None:
    assert edit(FlowFrame(flow_id="a")).finish() == ()


def test_setting_a_slot_to_what_it_holds_is_no_event_but_another_type_is() -> None:
    editor = edit(name=1)
    editor.set_slot("name", 1)
    editor.set_slot("mood", "fine")
    editor.set_slot("name", True)
    assert editor.finish() == (SlotWasSet(name="name", value=True),)


def test_a_group_is_a_flow_with_what_it_called_and_what_is_above() -> None:
    frames = (
        PatternFrame(flow_id="pattern_completed"),
        FlowFrame(flow_id="b"),
        FlowFrame(flow_id="c", frame_type=FrameType.CALL),
        PatternFrame(flow_id=ASK),
        FlowFrame(flow_id="a", frame_type=FrameType.INTERRUPT),
    )
    assert [[frame.flow_id for frame in group] for group in group_frames(frames)] == [
        ["pattern_completed"],
        ["b", "c", ASK],
        ["a"],
    ]
    assert group_frames(()) == []


def test_a_raised_flow_comes_on_top_with_its_frames() -> None:
    b = FlowFrame(flow_id="b", step_id="1")
    c = FlowFrame(flow_id="c", step_id="q", frame_type=FrameType.CALL)
    question = PatternFrame(flow_id=ASK)
    a = FlowFrame(flow_id="a", step_id="q")
    editor = edit(b, c, question, a)
    editor.raise_flow("c")
    assert editor.finish() == (
        FlowResumed(flow_id="c", step_id="q"),
        StackChanged(stack=(a, b, c, question)),
    )


def test_a_flow_that_only_waited_for_its_turn_is_raised_without_being_resumed() -> None:
    a, b = FlowFrame(flow_id="a"), FlowFrame(flow_id="b", step_id="q")
    editor = edit(a, b)
    editor.raise_flow("a")
    assert editor.finish() == (StackChanged(stack=(b, a)),)


def test_cancelled_frames_are_gone_with_their_slots_but_for_those_still_in_use() -> None:
    a = FlowFrame(flow_id="a", step_id="q")
    b = FlowFrame(flow_id="b", step_id="q")
    editor = edit(b, a, name="Jo", mood="bad", town="Leeds")
    editor.cancel_frames({a.frame_id})
    assert editor.finish() == (
        FlowCancelled(flow_id="a", step_id="q"),
        SlotWasSet(name="mood", value="fine"),
        SlotWasSet(name="town", value=None),
        StackChanged(stack=(b,)),
    )


def test_a_cancelled_flow_that_no_longer_exists_is_said_to_be_cancelled() -> None:
    gone = FlowFrame(flow_id="gone", step_id="x")
    editor = edit(gone)
    editor.cancel_frames({gone.frame_id})
    assert editor.finish() == (FlowCancelled(flow_id="gone", step_id="x"), StackChanged(stack=()))


def test_slots_in_use_are_those_up_to_the_step_a_flow_has_reached() -> None:
    assert slots_in_use(FLOWS, (FlowFrame(flow_id="a", step_id="p"),)) == {"name", "mood"}
    assert slots_in_use(FLOWS, (FlowFrame(flow_id="a"), FlowFrame(flow_id="gone"))) == set()


def test_the_context_is_the_top_patterns_and_a_questions_is_also_that_of_who_asks() -> None:
    asking = PatternFrame(flow_id="pattern_completed", context={"previous_flow_name": "a", "collect": "x"})
    question = PatternFrame(flow_id=ASK, context={"collect": "y"})
    other = PatternFrame(flow_id="pattern_chitchat", context={"z": 1})
    flow_frame = FlowFrame(flow_id="a")
    assert build_context((asking, question)) == {"previous_flow_name": "a", "collect": "y"}
    assert build_context((asking, question, other)) == {"z": 1}
    assert build_context((other, flow_frame, question)) == {"collect": "y"}
    assert build_context((other, flow_frame)) == {}


def test_interrupted_flows_are_named_latest_first_and_called_ones_left_out() -> None:
    stack = (
        FlowFrame(flow_id="a"),
        FlowFrame(flow_id="b", frame_type=FrameType.INTERRUPT),
        FlowFrame(flow_id="c", frame_type=FrameType.CALL),
    )
    assert build_interruption_context(stack, FLOWS, None) == {
        "interrupted_flow_ids": ["b", "a"],
        "interrupted_flow_names": ["b", "a"],
        "interrupted_flow_options": "b or a",
        "multiple_flows_interrupted": True,
    }


def test_options_are_listed_as_a_person_would() -> None:
    assert [join_options(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]
