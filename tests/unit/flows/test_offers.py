"""What a state offers: flows that may start, slots that may be filled, the question that is open."""

import pytest

from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.slots import MappingType, SlotMapping, SlotType
from duologue.core.stack import FlowFrame, Frame, FrameType, PatternFrame
from duologue.core.state import State
from duologue.flows.flow import Flows
from duologue.flows.offers import Offers, may_be_filled_by_words
from duologue.flows.patterns import STOCK_FLOWS
from duologue.testing.conversation import complete_domain
from tests.flow_writing import act, ask, call, controlled, flag, flow, slot

PARENT = flow(
    "parent", ask("name", "name"), call("child", "call"), ask("note", "note", force_slot_filling=True)
)
CHILD = flow("child", ask("street", "street"))
OTHER = flow("other", ask("reason"))
GUARDED = flow("guarded", ask("code"), guard="slots.is_member")
NEVER = flow("never", act("utter_never"), guard=False)
ALWAYS = flow("always", act("utter_always"), guard=True)
OWN = (PARENT, CHILD, OTHER, GUARDED, NEVER, ALWAYS)
FLOWS = Flows([*OWN, *STOCK_FLOWS])
DOMAIN = complete_domain(OWN, Domain(), slots=[flag("is_member")])


def offer(*frames: Frame, **slots: object) -> Offers:
    return Offers(State(conversation_id=ConversationId("c"), stack=frames, slots=slots), FLOWS, DOMAIN)


def question(slot_name: str) -> PatternFrame:
    return PatternFrame(flow_id="pattern_collect_information", context={"collect": slot_name})


IN_PARENT = FlowFrame(flow_id="parent", step_id="name")
IN_CHILD = (
    FlowFrame(flow_id="parent", step_id="call"),
    FlowFrame(flow_id="child", step_id="street", frame_type=FrameType.CALL),
)


def test_flows_may_start_whose_guard_is_absent_or_true() -> None:
    assert {found.id for found in offer().startable_flows} == {"parent", "child", "other", "always"}
    assert "guarded" in {found.id for found in offer(is_member=True).startable_flows}


def test_patterns_never_start() -> None:
    assert not offer().is_startable(flow("pattern_completed"))


def test_without_a_question_there_is_none() -> None:
    assert offer().question is None
    assert offer(FlowFrame(flow_id="parent")).question is None
    assert offer(PatternFrame(flow_id="pattern_chitchat")).question is None
    assert offer(IN_PARENT, question("no_such_slot")).question is None


def test_the_open_question_knows_its_step_and_flow() -> None:
    found = offer(IN_PARENT, question("name")).question
    assert found is not None
    assert (found.slot, found.flow_id, found.is_forced) == ("name", "parent", False)
    assert found.step == PARENT.steps[0]


def test_a_forced_question_says_so() -> None:
    found = offer(FlowFrame(flow_id="parent", step_id="note"), question("note")).question
    assert found is not None
    assert found.is_forced


def test_a_refill_by_the_domains_validation_is_a_question_too() -> None:
    refill = PatternFrame(flow_id="pattern_validate_slot", context={"validate": "note"})
    found = offer(IN_PARENT, question("name"), refill).question
    assert found is not None
    assert (found.slot, found.step, found.flow_id) == ("note", None, None)


def test_the_flow_under_way_its_callers_and_its_calls_take_their_slots() -> None:
    assert offer(IN_PARENT).active_slots == {"name", "street", "note"}
    assert offer(*IN_CHILD, question("street")).active_slots == {"name", "street", "note"}
    assert offer().active_slots == frozenset()


def test_the_active_flow_is_the_topmost_of_the_project() -> None:
    active = offer(*IN_CHILD, question("street")).active_flow
    assert active is not None
    assert active.id == "child"
    assert offer(FlowFrame(flow_id="gone")).active_flow is None


def test_an_interrupted_flow_takes_no_slots_but_can_be_corrected() -> None:
    offers = offer(IN_PARENT, question("name"), FlowFrame(flow_id="other", frame_type=FrameType.INTERRUPT))
    assert offers.active_slots == {"reason"}
    assert offers.slots_on_stack == {"name", "street", "note", "reason"}


def test_buttons_reach_the_slots_of_every_flow_that_may_start() -> None:
    assert all(offer().takes_from_button(name) for name in ("name", "street", "note", "reason"))
    assert not offer().takes_from_button("code")
    assert offer(is_member=True).takes_from_button("code")
    assert offer(FlowFrame(flow_id="guarded")).takes_from_button("code")
    assert not offer().takes_from_button("no_such_slot")


def test_a_question_of_a_pattern_can_be_answered() -> None:
    asking = PatternFrame(flow_id="pattern_completed", step_id="ask")
    offers = offer(asking, question("continue_conversation"))
    assert offers.active_slots == {"continue_conversation"}
    assert offers.question is not None
    assert offers.question.flow_id == "pattern_completed"


@pytest.mark.parametrize(
    ("mappings", "slot_type", "is_open"),
    [
        ((), SlotType.TEXT, True),
        ((MappingType.FROM_LLM,), SlotType.TEXT, True),
        ((MappingType.CUSTOM,), SlotType.TEXT, True),
        ((MappingType.CONTROLLED, MappingType.FROM_LLM), SlotType.TEXT, True),
        ((MappingType.CONTROLLED,), SlotType.TEXT, False),
        ((MappingType.FROM_ENTITY,), SlotType.TEXT, False),
        ((), SlotType.LIST, False),
    ],
)
def test_words_fill_slots_that_are_open_to_them(
    mappings: tuple[MappingType, ...], slot_type: SlotType, is_open: bool
) -> None:
    mapped = slot("x", slot_type, mappings=tuple(SlotMapping(type=kind) for kind in mappings))
    assert may_be_filled_by_words(mapped) is is_open
    assert not may_be_filled_by_words(controlled("y"))
