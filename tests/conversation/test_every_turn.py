"""Actions that fill slots on every turn, whatever the user says."""

import pytest

from duologue.core.commands import CannotHandle, StartFlow
from duologue.core.events import SlotWasSet
from duologue.core.slots import MappingType, Slot, SlotMapping, SlotType
from duologue.testing.conversation import Conversation
from duologue.testing.scripted import ScriptedActions
from tests.flow_writing import act, flow

GREET = flow("greet", act("utter_hello"), run_pattern_completed=False)


@pytest.mark.parametrize(
    "mapping",
    [
        SlotMapping(type=MappingType.CONTROLLED, run_action_every_turn="action_look_at_clock"),
        SlotMapping(type=MappingType.CUSTOM, action="action_look_at_clock"),
    ],
)
async def test_the_action_of_a_mapping_runs_on_every_turn_before_the_flows_go_on(
    mapping: SlotMapping,
) -> None:
    clock = Slot(name="hour", type=SlotType.FLOAT, mappings=(mapping,))
    actions = ScriptedActions({"action_look_at_clock": [SlotWasSet(name="hour", value=9)]})
    async with Conversation.with_flows(GREET, slots=[clock], actions=actions) as talk:
        assert await talk.says("hi", StartFlow(flow="greet")) == ["utter_hello"]
        assert talk.slots["hour"] == 9.0
        actions.outcomes["action_look_at_clock"] = [SlotWasSet(name="hour", value=10)]
        await talk.says("mumble", CannotHandle())
        assert talk.slots["hour"] == 10.0
        assert actions.called == ["action_look_at_clock", "action_look_at_clock"]


async def test_an_action_that_two_slots_name_runs_once() -> None:
    mapping = SlotMapping(type=MappingType.CONTROLLED, run_action_every_turn="action_look_at_clock")
    slots = [Slot(name=name, mappings=(mapping,)) for name in ("hour", "minute")]
    actions = ScriptedActions({"action_look_at_clock": []})
    async with Conversation.with_flows(GREET, slots=slots, actions=actions) as talk:
        await talk.says("hi", StartFlow(flow="greet"))
        assert actions.called == ["action_look_at_clock"]
