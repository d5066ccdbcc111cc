"""What a message of a classic assistant puts into slots."""

import pytest

from duologue.core.errors import ActionError
from duologue.core.events import BotSpoke, LoopActivated, SlotWasSet
from duologue.core.slots import MappingCondition, MappingType, SlotMapping, SlotType
from duologue.core.understanding import Entity
from duologue.core.values import SlotValue
from duologue.ports.action_runner import ActionResult
from duologue.testing.scripted import ScriptedActions
from tests.classic_talk import (
    ClassicTalk,
    classic_domain,
    filled,
    from_entity,
    from_intent,
    from_text,
    in_form,
)

VALIDATION = "action_validate_slot_mappings"


def city(value: str, role: str | None = None, group: str | None = None) -> Entity:
    return Entity(entity="city", value=value, role=role, group=group)


@pytest.mark.parametrize(
    ("mapping", "value"),
    [
        (from_entity("city"), "Rome"),
        (from_entity("city", role="to"), "Oslo"),
        (from_entity("city", group="1"), None),
        (from_entity("city", intents=("greet",)), None),
        (from_entity("city", intents=("greet", "inform")), "Rome"),
        (from_entity("city", not_intents=("inform",)), None),
        (from_entity("planet"), None),
        (from_intent("yes", intents=("inform",)), "yes"),
        (from_intent("yes", intents=("inform", "not_declared")), None),
        (from_text(), "Rome, then Oslo"),
        (from_text(conditions=(MappingCondition(),)), "Rome, then Oslo"),
        (from_text(conditions=in_form("trip_form")), None),
        (from_text(conditions=(MappingCondition(active_flow="trip"),)), None),
        (SlotMapping(type=MappingType.FROM_TRIGGER_INTENT, value="x", intents=("inform",)), None),
    ],
)
async def test_a_mapping_fills_its_slot_where_the_message_and_the_conditions_fit(
    mapping: SlotMapping, value: SlotValue
) -> None:
    talk = ClassicTalk(classic_domain(filled("a", mapping)))
    await talk.says("Rome, then Oslo", "inform", entities=[city("Rome"), city("Oslo", role="to")])
    assert talk.slot("a") == value


async def test_a_list_takes_every_value_and_any_other_slot_the_last_one() -> None:
    wanted = from_entity("city")
    talk = ClassicTalk(classic_domain(filled("all", wanted, type=SlotType.LIST), filled("last", wanted)))
    await talk.says("Rome and Oslo", "inform", entities=[city("Rome"), city("Oslo")])
    assert (talk.slot("all"), talk.slot("last")) == (["Rome", "Oslo"], "Oslo")


async def test_the_first_mapping_that_has_a_value_counts() -> None:
    slot = filled("a", from_entity("name"), from_intent("by intent"), from_text())
    talk = ClassicTalk(classic_domain(slot))
    await talk.says("Rome", "inform", entities=[city("Rome")])
    assert talk.slot("a") == "by intent"


async def test_an_action_fills_slots_of_its_own_once_for_all_that_name_it() -> None:
    mapping = SlotMapping(type=MappingType.CUSTOM, action="action_look")
    actions = ScriptedActions(
        {
            "action_look": ActionResult(
                events=(SlotWasSet(name="b", value="found"), LoopActivated(name="trip_form")),
                responses=({"text": "never heard"},),
            )
        }
    )
    domain = classic_domain(filled("a", mapping), filled("b", mapping), actions=["action_look"])
    talk = ClassicTalk(domain, actions)
    assert await talk.says("hi", "greet") == []
    assert (talk.slot("b"), talk.state.active_loop, actions.called) == ("found", None, ["action_look"])


async def test_an_action_that_fails_costs_its_own_slots_only() -> None:
    mapping = SlotMapping(type=MappingType.CUSTOM, action="action_look")
    actions = ScriptedActions({"action_look": ActionError("away", action_name="action_look")})
    talk = ClassicTalk(
        classic_domain(filled("a", mapping), filled("b", from_text()), actions=["action_look"]), actions
    )
    await talk.says("hi", "greet")
    assert talk.slot("b") == "hi"


async def test_validation_corrects_refuses_and_leaves_the_rest_as_it_was_heard() -> None:
    checked = ActionResult(
        events=(SlotWasSet(name="a", value="ROME"), SlotWasSet(name="b", value=None)),
        responses=({"text": "b is wrong"},),
    )
    slots = [filled(name, from_text()) for name in ("a", "b", "c")]
    talk = ClassicTalk(classic_domain(*slots, actions=[VALIDATION]), ScriptedActions({VALIDATION: checked}))
    assert await talk.says("Rome", "inform") == ["b is wrong"]
    assert [talk.slot(name) for name in ("a", "b", "c")] == ["ROME", None, "Rome"]
    assert sum(isinstance(event, BotSpoke) for event in talk.new_events) == 1
