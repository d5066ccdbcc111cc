"""The JSON schema of an answer that can hold nothing but what is on offer here."""

from collections.abc import Iterable, Sequence

from duologue.core.generator_options import Dsl
from duologue.core.slots import SlotType
from duologue.core.values import OpenData
from duologue.flows.offers import Offers
from duologue.understanding.generators.flow_views import FlowView, FlowViews, SlotView

_MOST_ACTIONS = 10

_ACTS = {
    Dsl.V1: ("provide info", "offtopic reply", "hand over", "skip question", "repeat message"),
    Dsl.V2: ("provide info", "offtopic reply", "hand over", "repeat message"),
    Dsl.V3: ("search and reply", "repeat message"),
}


def build_schema(offers: Offers, shown: Sequence[FlowView], views: FlowViews, dsl: Dsl) -> OpenData:
    """`{"do": [{"start": "…"}, {"set": "…", "to": …}, {"act": "…"}]}`, keys as short as a token.

    Only what every provider's schemas know is used: objects whose properties are all required, `anyOf`, `enum`.
    """
    choices: list[OpenData] = []
    startable = sorted(view.flow_id for view in shown if _may_start(view, offers))
    if startable:
        choices.append(_object(start=_one_of(startable)))
    if len(startable) > 1:
        choices.append(_object(clarify={"type": "array", "items": _one_of(startable)}))
    choices.extend(_slot_choices(_list_slots(offers, shown, views)))
    acts = ["cancel flow"] if offers.active_flow is not None else []
    choices.append(_object(act=_one_of([*acts, *_ACTS[dsl], "cannot handle"])))
    return _object(do={"type": "array", "maxItems": _MOST_ACTIONS, "items": {"anyOf": choices}})


def _may_start(view: FlowView, offers: Offers) -> bool:
    flow = offers.flows.find(view.flow_id)
    return flow is not None and flow is not offers.active_flow and offers.is_startable(flow)


def _list_slots(offers: Offers, shown: Sequence[FlowView], views: FlowViews) -> Iterable[SlotView]:
    """Slots of the flow under way, and of the flows that may start; each once, by name."""
    slots = {
        slot.name: slot
        for view in shown
        if _may_start(view, offers)
        for slot in view.slots
        if not slot.is_asked_anyway
    }
    slots.update((slot.name, slot) for slot in views.list_active_slots(offers))
    return (slots[name] for name in sorted(slots))


def _slot_choices(slots: Iterable[SlotView]) -> Iterable[OpenData]:
    """Slots that take the same values share a choice."""
    by_type: dict[str, list[str]] = {}
    choices: list[OpenData] = []
    for slot in slots:
        match slot.type:
            case SlotType.CATEGORICAL:
                choices.append(_object(set=_one_of([slot.name]), to=_one_of([*slot.allowed_values, None])))
            case SlotType.FLOAT:
                by_type.setdefault("number", []).append(slot.name)
            case SlotType.BOOL:
                by_type.setdefault("boolean", []).append(slot.name)
            case SlotType.TEXT | SlotType.ANY | SlotType.LIST:
                by_type.setdefault("string", []).append(slot.name)
    choices.extend(
        _object(set=_one_of(names), to={"type": [kind, "null"]}) for kind, names in sorted(by_type.items())
    )
    return choices


def _one_of(values: Sequence[str | None]) -> OpenData:
    return {"enum": list(values)}


def _object(**properties: OpenData) -> OpenData:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
