"""The variables that the prompt templates of projects know."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from duologue.core.slots import SlotType
from duologue.core.values import SlotValue
from duologue.flows.offers import Offers
from duologue.understanding.generators.flow_views import FlowView, FlowViews, SlotView
from duologue.understanding.generators.prompt_lines import escape_breaks

_UNSET = "undefined"

Described: TypeAlias = dict[str, object]
"""A flow or a slot as a template reads it: `flow.name`, `slot.description`."""


def list_variables(
    text: str, offers: Offers, shown: Sequence[FlowView], views: FlowViews, now: datetime | None
) -> dict[str, object]:
    """Everything a template may name, whatever the state: what there is none of is None or empty."""
    slots = views.list_active_slots(offers)
    asked = _find_asked(slots, offers)
    return {
        "available_flows": [_describe_flow(view) for view in shown],
        "current_conversation": _write_conversation(text, offers),
        "flow_slots": [_describe_filled(slot, offers.slots.get(slot.name)) for slot in slots],
        "current_flow": offers.active_flow.id if offers.active_flow else None,
        "current_slot": asked.name if asked else None,
        "current_slot_description": (asked.description or None) if asked else None,
        "current_slot_type": asked.type.value if asked else None,
        "current_slot_allowed_values": _list_values(asked) if asked else None,
        "user_message": escape_breaks(text),
        "current_datetime": now,
        "active_agent": None,
        "completed_agents": [],
    }


def _describe_flow(view: FlowView) -> Described:
    slots = [_describe_slot(slot) for slot in view.slots if not slot.is_asked_anyway]
    return {"name": view.flow_id, "description": view.description, "slots": slots}


def _describe_slot(slot: SlotView) -> Described:
    return {
        "name": slot.name,
        "description": slot.description or None,
        "allowed_values": _list_values(slot),
        "type": slot.type.value,
    }


def _describe_filled(slot: SlotView, value: SlotValue) -> Described:
    shown = _UNSET if value is None else escape_breaks(str(value))
    return {**_describe_slot(slot), "value": shown}


def _list_values(slot: SlotView) -> list[object] | None:
    if slot.type is SlotType.BOOL:
        return [True, False]
    return list(slot.allowed_values) or None


def _find_asked(slots: Sequence[SlotView], offers: Offers) -> SlotView | None:
    asked = offers.question.slot if offers.question else None
    return next((slot for slot in slots if slot.name == asked), None)


def _write_conversation(text: str, offers: Offers) -> str:
    """What was said so far, this message at the end."""
    lines = [
        f"{'USER' if line.is_user else 'AI'}: {escape_breaks(line.text)}" for line in offers.state.transcript
    ]
    return "\n".join((*lines, f"USER: {escape_breaks(text)}"))
