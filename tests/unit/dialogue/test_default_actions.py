"""The actions that the platform brings along."""

import pytest

from duologue.core.domain import Domain, Variation
from duologue.core.events import (
    BotSpoke,
    ConversationRestarted,
    Event,
    FlowCancelled,
    FlowResumed,
    RoutingSessionEnded,
    SessionEnded,
    SlotWasSet,
    StackChanged,
)
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage
from duologue.core.slots import SlotType
from duologue.core.stack import FlowFrame, Frame, FrameType, PatternFrame, Stack
from duologue.core.state import LastMessage, State
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.default_actions import DEFAULT_ACTION_TABLE, ActionScene
from duologue.flows.flow import Flows
from duologue.flows.patterns import DEFAULT_ACTIONS, STOCK_FLOWS
from duologue.responses.templates import TemplateResponseGenerator
from duologue.testing.conversation import complete_domain
from tests.flow_writing import ask, choice, flag, flow, number, slot

TRANSFER = flow("transfer", ask("recipient", "r"), ask("amount", "a"))
CARD = flow("card", ask("reason", "q"))
FLOWS = Flows([TRANSFER, CARD, *STOCK_FLOWS])
DOMAIN = complete_domain(
    (TRANSFER, CARD),
    Domain(responses={"utter_no": (Variation(text="not {value} for {slot}"),)}),
    slots=[
        number("amount"),
        flag("sure"),
        choice("colour", "Red", "Blue"),
        slot("kept", shared_for_coexistence=True),
    ],
)
QUESTION = "pattern_collect_information"


async def run(
    name: str,
    *stack: Frame,
    slots: dict[str, SlotValue] | None = None,
    domain: Domain = DOMAIN,
    **state: object,
) -> tuple[Event, ...]:
    scene = ActionScene(
        state=State(conversation_id=ConversationId("c"), stack=stack, slots=slots or {}, **state),  # type: ignore[arg-type]
        flows=FLOWS,
        domain=domain,
        responses=TemplateResponseGenerator(domain),
    )
    return await DEFAULT_ACTION_TABLE[name](scene)


def pattern(flow_id: str, **context: object) -> PatternFrame:
    return PatternFrame(flow_id=flow_id, context=context)


def find_stack(events: tuple[Event, ...]) -> Stack:
    return next(event.stack for event in events if isinstance(event, StackChanged))


def test_every_action_in_the_table_is_a_default_action() -> None:
    assert DEFAULT_ACTION_TABLE.keys() <= DEFAULT_ACTIONS


# Rejections


def question(name: str, *rejections: tuple[str, str]) -> PatternFrame:
    return pattern(QUESTION, collect=name, rejections=[{"if": i, "utter": u} for i, u in rejections])


async def test_an_empty_or_unknown_slot_is_not_refused() -> None:
    assert await run("action_run_slot_rejections", question("amount")) == ()
    assert await run("action_run_slot_rejections", question("nowhere"), slots={"nowhere": 1}) == ()


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [("amount", "5", 5.0), ("sure", "yes", True), ("colour", "red", "Red"), ("amount", True, 1.0)],
)
async def test_a_value_that_can_be_read_is_kept_in_its_type(
    name: str, given: SlotValue, kept: SlotValue
) -> None:
    events = await run("action_run_slot_rejections", question(name), slots={name: given})
    assert events == (SlotWasSet(name=name, value=kept),)


async def test_a_value_of_the_right_type_is_left_alone() -> None:
    assert await run("action_run_slot_rejections", question("amount"), slots={"amount": 5.0}) == ()


async def test_a_refused_value_is_named_and_then_emptied() -> None:
    asked = question("amount", ("slots.amount < 3", "utter_never"), ("slots.amount > 3", "utter_no"))
    emptied, said = await run("action_run_slot_rejections", asked, slots={"amount": 5.0})
    assert emptied == SlotWasSet(name="amount", value=None)
    assert isinstance(said, BotSpoke)
    assert said.message.text == "not 5.0 for amount"


async def test_a_rejection_that_cannot_be_read_refuses_with_an_apology() -> None:
    asked = question("amount", ("slots.amount >", "utter_no"))
    emptied, said = await run("action_run_slot_rejections", asked, slots={"amount": 5.0})
    assert emptied == SlotWasSet(name="amount", value=None)
    assert isinstance(said, BotSpoke)
    assert said.message.response == "utter_internal_error_rasa"


async def test_a_refill_is_checked_for_its_own_slot_though_another_question_is_open_below() -> None:
    below = question("amount")
    refill = pattern(
        "pattern_validate_slot",
        validate="recipient",
        rejections=[{"if": "slots.recipient = 'x'", "utter": "utter_no"}],
    )
    events = await run("action_run_slot_rejections", below, refill, slots={"recipient": "x"})
    assert events[0] == SlotWasSet(name="recipient", value=None)


# Cancelling


async def test_cancelling_takes_the_named_frames_and_nothing_else() -> None:
    kept = FlowFrame(flow_id="card")
    gone = FlowFrame(flow_id="transfer", step_id="a", frame_type=FrameType.INTERRUPT)
    running = pattern("pattern_cancel_flow", canceled_frames=[gone.frame_id])
    events = await run("action_cancel_flow", kept, gone, running, slots={"recipient": "Jo"})
    assert events == (
        FlowCancelled(flow_id="transfer", step_id="a"),
        SlotWasSet(name="recipient", value=None),
        StackChanged(stack=(kept, running)),
    )


async def test_cancelling_puts_the_question_about_what_was_interrupted_under_itself() -> None:
    kept = FlowFrame(flow_id="card", step_id="q")
    gone = FlowFrame(flow_id="transfer", step_id="a")
    running = pattern("pattern_cancel_flow", canceled_frames=[gone.frame_id])
    stack = find_stack(await run("action_cancel_flow", kept, gone, running))
    assert [frame.flow_id for frame in stack] == [
        "card",
        "pattern_continue_interrupted",
        "pattern_cancel_flow",
    ]


# Correcting


def correction(**context: object) -> PatternFrame:
    return pattern("pattern_correction", **context)


async def test_a_correction_writes_values_and_leaves_the_open_question_where_it_is() -> None:
    at = FlowFrame(flow_id="transfer", step_id="a")
    running = correction(corrected_slots={"recipient": "Bo"})
    events = await run("action_correct_flow_slot", at, question("amount"), running)
    assert events == (SlotWasSet(name="recipient", value="Bo", filled_by="correction"),)


async def test_a_correction_that_goes_back_closes_the_question_and_the_called_flows() -> None:
    at = FlowFrame(flow_id="transfer", step_id="a")
    called = FlowFrame(flow_id="card", step_id="q", frame_type=FrameType.CALL)
    running = correction(corrected_slots={"recipient": "Bo"}, reset_frame_id=at.frame_id, reset_step_id="r")
    stack = find_stack(await run("action_correct_flow_slot", at, called, question("reason"), running))
    assert [frame.flow_id for frame in stack] == ["transfer", "pattern_correction"]
    assert isinstance(stack[0], FlowFrame)
    assert (stack[0].step_id, stack[0].repeats_step) == ("r", True)


async def test_a_correction_of_a_flow_that_has_gone_only_writes_values() -> None:
    running = correction(corrected_slots={"recipient": "Bo"}, reset_frame_id="GONE", reset_step_id="r")
    events = await run("action_correct_flow_slot", running)
    assert events == (SlotWasSet(name="recipient", value="Bo", filled_by="correction"),)


# Going on


BELOW = (
    FlowFrame(flow_id="transfer", step_id="a"),
    PatternFrame(flow_id=QUESTION),
    FlowFrame(flow_id="card", step_id="q"),
)


def bridge(*, several: bool) -> PatternFrame:
    return pattern(
        "pattern_continue_interrupted",
        interrupted_flow_ids=["card", "transfer"] if several else ["card"],
        interrupted_flow_names=["block a card", "send money"] if several else ["block a card"],
        multiple_flows_interrupted=several,
    )


@pytest.mark.parametrize("answer", ["transfer", "Send Money", "send money please", "money"])
async def test_the_chosen_flow_comes_on_top(answer: str) -> None:
    running = bridge(several=True)
    events = await run(
        "action_continue_interrupted_flow", *BELOW, running, slots={"interrupted_flow_to_continue": answer}
    )
    assert events == (
        FlowResumed(flow_id="transfer", step_id="a"),
        StackChanged(stack=(BELOW[2], BELOW[0], BELOW[1], running)),
    )


async def test_the_only_flow_goes_on() -> None:
    events = await run("action_continue_interrupted_flow", *BELOW, bridge(several=False))
    assert events == (FlowResumed(flow_id="card", step_id="q"),)


async def test_an_answer_that_names_no_flow_leaves_the_order_as_it_is() -> None:
    slots = {"interrupted_flow_to_continue": "whatever"}
    assert await run("action_continue_interrupted_flow", *BELOW, bridge(several=True), slots=slots) == ()


@pytest.mark.parametrize("name", ["action_cancel_interrupted_flows", "action_continue_interrupted_flow"])
async def test_interrupted_flows_are_dropped_with_everything_above_them(name: str) -> None:
    running = bridge(several=True)
    events = await run(name, *BELOW, running, slots={"interrupted_flow_to_continue": "Neither"})
    assert find_stack(events) == (running,)
    assert [e.flow_id for e in events if isinstance(e, FlowCancelled)] == ["transfer", "card"]


async def test_cleaning_the_stack_leaves_the_running_pattern() -> None:
    running = pattern("pattern_code_change")
    assert find_stack(await run("action_clean_stack", *BELOW, running)) == (running,)


# Saying again


SAID = (BotMessage(text="One moment."), BotMessage(text="How much?", response="utter_ask_amount"))


async def test_everything_is_repeated_but_the_question_that_is_asked_again_anyway() -> None:
    running = pattern("pattern_repeat_bot_messages")
    events = await run("action_repeat_bot_messages", running, previous_replies=SAID)
    assert [e.message for e in events if isinstance(e, BotSpoke)] == list(SAID)
    asked = pattern(QUESTION, collect="amount", utter="utter_ask_amount")
    events = await run("action_repeat_bot_messages", asked, running, previous_replies=SAID)
    assert events == (BotSpoke(message=SAID[0]),)


@pytest.mark.parametrize(
    "context", [{"collect_action": "action_ask_amount"}, {"refill_action": "action_ask"}]
)
async def test_what_an_asking_action_said_is_not_repeated(context: OpenData) -> None:
    asked = PatternFrame(flow_id=QUESTION, context=context)
    running = pattern("pattern_repeat_bot_messages")
    events = await run("action_repeat_bot_messages", asked, running, previous_replies=SAID)
    assert events == (BotSpoke(message=SAID[0]),)


# The rest


async def test_a_restart_forgets_and_says_so_where_the_project_has_words_for_it() -> None:
    assert await run("action_restart") == (ConversationRestarted(),)


async def test_hanging_up_ends_the_session() -> None:
    assert await run("action_hangup") == (SessionEnded(metadata={"_reason": "action_hangup"}),)


async def test_a_mark_does_nothing() -> None:
    assert await run("action_handoff_metric") == ()


async def test_the_routing_is_reset_with_every_slot_that_is_not_shared() -> None:
    slots = {"amount": 5.0, "kept": "x", "csat_score": "satisfied", "route_session_to_calm": True}
    domain = Domain(
        slots={**DOMAIN.slots, "route_session_to_calm": slot("route_session_to_calm", SlotType.BOOL)}
    )
    events = await run("action_reset_routing", slots=slots, domain=domain)
    assert events[0] == SlotWasSet(name="amount", value=None)
    assert events[-2:] == (SlotWasSet(name="route_session_to_calm", value=None), RoutingSessionEnded())
    assert not any(isinstance(e, SlotWasSet) and e.name in {"kept", "csat_score"} for e in events)


async def test_the_fallback_has_the_projects_words_where_there_are_some() -> None:
    said = await run("action_default_fallback")
    assert [e.message.response for e in said if isinstance(e, BotSpoke)] == ["utter_ask_rephrase"]
    own = Domain(responses={"utter_default": (Variation(text="Pardon?"),)})
    said = await run("action_default_fallback", domain=own)
    assert [e.message.text for e in said if isinstance(e, BotSpoke)] == ["Pardon?"]


async def test_a_text_that_a_trigger_carries_is_said() -> None:
    carried = LastMessage(metadata={"text": "Your parcel is here."})
    said = await run("action_send_text", last_message=carried)
    assert said == (BotSpoke(message=BotMessage(text="Your parcel is here.")),)
    assert await run("action_send_text") == ()
