"""Flows for tests, written in a line or two."""

from collections.abc import Sequence

from duologue.core.slots import MappingType, Rejection, Slot, SlotMapping, SlotType, SlotValidation
from duologue.core.values import SlotValue
from duologue.flows.flow import Flow
from duologue.flows.steps import (
    ActionStep,
    Branch,
    CallStep,
    CollectStep,
    LinkStep,
    Next,
    NoopStep,
    SetSlotsStep,
    Step,
)

Arms = Sequence[tuple[str, str]]


def flow(flow_id: str, *steps: Step, **options: object) -> Flow:
    """A flow; its steps' empty ids are filled with their places."""
    numbered = tuple(_with_id(step, place) for place, step in enumerate(steps))
    return Flow(id=flow_id, name=flow_id.replace("_", " "), steps=numbered, **options)  # type: ignore[arg-type]


def _with_id(step: Step, place: int) -> Step:
    from msgspec.structs import replace

    return step if step.id else replace(step, id=str(place))


def act(name: str, step_id: str = "", then: Next = None) -> ActionStep:
    """An action, or a response, by name."""
    return ActionStep(id=step_id, action=name, next=then)


def ask(slot: str, step_id: str = "", then: Next = None, **options: object) -> CollectStep:
    """A question for a slot."""
    return CollectStep(id=step_id, slot=slot, next=then, **options)  # type: ignore[arg-type]


def put(then: Next = None, step_id: str = "", **slots: SlotValue) -> SetSlotsStep:
    """Slots that get literal values."""
    return SetSlotsStep(id=step_id, slots=tuple(slots.items()), next=then)


def link(flow_id: str, step_id: str = "") -> LinkStep:
    return LinkStep(id=step_id, flow_id=flow_id)


def call(flow_id: str, step_id: str = "", then: Next = None) -> CallStep:
    return CallStep(id=step_id, flow_id=flow_id, next=then)


def branch(step_id: str = "", *arms: tuple[str, str], otherwise: str | None = None) -> NoopStep:
    """A step that only branches: (condition, target) in order, then `otherwise`."""
    return NoopStep(id=step_id, next=when(*arms, otherwise=otherwise))


def when(*arms: tuple[str, str], otherwise: str | None = None) -> Next:
    branches = tuple(Branch(condition=condition, target=target) for condition, target in arms)
    return (*branches, Branch(target=otherwise)) if otherwise else branches


def reject(condition: str, utter: str) -> Rejection:
    return Rejection(condition=condition, utter=utter)


def slot(name: str, slot_type: SlotType = SlotType.TEXT, **options: object) -> Slot:
    return Slot(name=name, type=slot_type, **options)  # type: ignore[arg-type]


def number(name: str, **options: object) -> Slot:
    return slot(name, SlotType.FLOAT, **options)


def flag(name: str, **options: object) -> Slot:
    return slot(name, SlotType.BOOL, **options)


def choice(name: str, *values: str, **options: object) -> Slot:
    return slot(name, SlotType.CATEGORICAL, values=values, **options)


def controlled(name: str, slot_type: SlotType = SlotType.TEXT, **options: object) -> Slot:
    return slot(name, slot_type, mappings=(SlotMapping(type=MappingType.CONTROLLED),), **options)


def validated(*rejections: Rejection, refill_utter: str | None = None) -> SlotValidation:
    return SlotValidation(rejections=rejections, refill_utter=refill_utter)
