"""Whatever the flows are and whatever is understood, a turn ends, and the conversation stays sound."""

import asyncio
import logging
import math
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from duologue.core import commands as cmd
from duologue.core import events as ev
from duologue.core.slots import fit_value
from duologue.core.stack import START, FlowFrame, FrameType, Stack
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.flows.machine import FlowMachine
from duologue.flows.steps import CallStep, LinkStep
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import FrozenClock, RecordingDelivery, ScriptedActions
from duologue.wire.events import decode_event, encode_event
from duologue.wire.snapshot import decode_snapshot, encode_snapshot
from tests.unit.dialogue.random_conversations import SLOTS, RandomConversation

EXAMPLES = int(os.environ.get("DUOLOGUE_EXAMPLES", "0"))
"""How many random conversations to hold; 0 means few, and the same ones every time."""
TURNS = 15

_profile = settings(
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    # A seed cannot be made simpler; the failing one is all that is needed.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Failed turns are meant here; a log line for each would be most of the time."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@_profile
@given(seed=st.integers(0, 2**63))
def test_every_turn_ends_and_leaves_a_sound_conversation(quiet: None, seed: int) -> None:
    asyncio.run(_converse(seed))


async def _converse(seed: int) -> None:
    made = RandomConversation(seed)
    clock = FrozenClock()
    delivery = RecordingDelivery()
    async with Conversation.with_flows(
        *made.make_flows(),
        slots=SLOTS,
        actions=ScriptedActions(made.make_outcomes()),
        clock=clock,
        deliver=delivery,
    ) as talk:
        for _ in range(TURNS):
            clock.advance(4000 if made.random.random() < 0.02 else 1)
            if made.random.random() < 0.03:
                talk.load_flows(made.make_flows())
            await talk.says("something", *made.make_turn(talk))
            _assert_stack_is_sound(talk)
            _assert_slots_fit(talk)
            _assert_only_offered_flows_were_started(talk)
            assert delivery.messages == [e.message for e in talk.events if isinstance(e, ev.BotSpoke)]
        _assert_events_tell_the_state(talk)


def _assert_stack_is_sound(talk: Conversation) -> None:
    stack = talk.state.stack
    for frame in stack:
        found = talk.flows.find(frame.flow_id)
        assert found is not None
        assert frame.step_id == START or found.find_step(frame.step_id) is not None
    assert FlowMachine(talk.flows, talk.domain).is_waiting(stack), stack
    ids = [frame.frame_id for frame in stack]
    assert len(ids) == len(set(ids))
    begun = [f.flow_id for f in stack if isinstance(f, FlowFrame) and f.frame_type is not FrameType.CALL]
    assert len(begun) == len(set(begun)), stack
    for below, frame in zip((None, *stack), stack, strict=False):
        if isinstance(frame, FlowFrame) and frame.frame_type is FrameType.CALL:
            assert isinstance(below, FlowFrame)
    last = talk.events[-1]
    assert isinstance(last, ev.ActionExecuted)
    assert last.name == "action_listen"
    assert len(stack) < 80


def _assert_slots_fit(talk: Conversation) -> None:
    for name, value in talk.slots.items():
        if name not in talk.domain.slots:
            continue
        assert fit_value(talk.domain.slots[name], value) == value
        assert not isinstance(value, float) or math.isfinite(value)


def _assert_events_tell_the_state(talk: Conversation) -> None:
    stack: Stack = ()
    read: list[ev.Event] = []
    for event in talk.events:
        decoded = decode_event(encode_event(event), stack=stack)
        read.append(decoded)
        if isinstance(decoded, ev.StackChanged):
            stack = decoded.stack
    blank = State(conversation_id=talk.state.conversation_id)
    assert fold(blank, talk.events) == talk.state
    assert fold(blank, read) == talk.state
    assert decode_snapshot(encode_snapshot(talk.state)) == talk.state


def _assert_only_offered_flows_were_started(talk: Conversation) -> None:
    offered = {found.id for found in talk.script.offers[-1].startable_flows}
    for found in talk.flows:
        for step in found.steps:
            if isinstance(step, LinkStep | CallStep):
                offered.add(step.flow_id)
    assert talk.report is not None
    for command in talk.report.understanding.commands:
        if isinstance(command, cmd.StartFlow) and command.is_explicit:
            offered.add(command.flow)
    for event in talk.find_events(ev.ActionExecuted):
        if event.name.startswith("flow_"):
            offered.add(event.name.removeprefix("flow_"))
    assert {event.flow_id for event in talk.find_events(ev.FlowStarted)} <= offered
