"""The domain's own validation: a slot that is set to a value it refuses stops the conversation until it is mended."""

from collections.abc import Sequence

from duologue.core.domain import Domain
from duologue.core.errors import FlowError
from duologue.core.events import Event, SlotWasSet
from duologue.core.slots import Rejection, Slot
from duologue.core.stack import Frame, FrameType, PatternFrame, Stack
from duologue.core.values import OpenData, SlotValue
from duologue.flows.conditions import parse_condition
from duologue.flows.editing import make_frame
from duologue.flows.flow import Flows


def find_refusals(
    events: Sequence[Event],
    slots: dict[str, SlotValue],
    stack: Stack | list[Frame],
    flows: Flows,
    domain: Domain,
) -> list[Frame]:
    """A `pattern_validate_slot` frame for each slot that the events set to a value that the domain refuses."""
    pending = {frame.context.get("validate") for frame in stack if isinstance(frame, PatternFrame)}
    frames: list[Frame] = []
    for event in events:
        if not isinstance(event, SlotWasSet) or event.name in pending:
            continue
        slot = domain.slots.get(event.name)
        if slot is None or slot.validation is None or slots.get(slot.name) is None:
            continue
        if any(is_refused(rejection, slots) for rejection in slot.validation.rejections):
            frames.append(_make_validation_frame(slot, flows, domain))
            pending.add(slot.name)
    return frames


def is_refused(rejection: Rejection, slots: dict[str, SlotValue]) -> bool:
    """Whether the rejection's condition is true."""
    return parse_condition(rejection.condition).is_true(slots, {})


def _make_validation_frame(slot: Slot, flows: Flows, domain: Domain) -> Frame:
    validation = slot.validation
    refill = (validation and validation.refill_utter) or f"utter_ask_{slot.name}"
    action = f"action_ask_{slot.name}"
    has_action = refill not in domain.responses and action in domain.custom_actions
    context: OpenData = {
        "validate": slot.name,
        "refill_utter": "" if has_action else refill,
        "refill_action": action if has_action else "",
        "rejections": [
            {"if": rejection.condition, "utter": rejection.utter}
            for rejection in (validation.rejections if validation else ())
        ],
    }
    flow = flows.find("pattern_validate_slot")
    if flow is None:
        raise FlowError("there is no flow 'pattern_validate_slot'")
    return make_frame(flow, FrameType.REGULAR, context)
