"""What a model is shown of flows and slots: only what words may start or fill, as authors describe it."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from duologue.core.domain import Domain
from duologue.core.slots import SlotType
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers, may_be_filled_by_words
from duologue.flows.steps import CollectStep


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """A slot as a flow asks for it."""

    name: str
    type: SlotType
    description: str = ""
    allowed_values: tuple[str, ...] = ()
    """Of a categorical slot."""
    is_asked_anyway: bool = False
    """`ask_before_filling`: what was said before does not count."""


class FlowView(msgspec.Struct, frozen=True, kw_only=True):
    """A flow with the slots that it, or a flow it calls, asks for."""

    flow_id: str
    name: str
    description: str
    slots: tuple[SlotView, ...]
    has_guard: bool
    """Whether it may start depends on the slots."""
    is_always_shown: bool


class FlowViews:
    """The views of an assistant's flows, each made once."""

    def __init__(self, flows: Flows, domain: Domain) -> None:
        self.flows = flows
        self.domain = domain

    @cached_property
    def by_id(self) -> Mapping[str, FlowView]:
        """Every flow of the project that words can start at some time."""
        return {
            flow.id: self._view(flow) for flow in self.flows.user_flows.values() if flow.guard is not False
        }

    @cached_property
    def _steps_by_slot(self) -> Mapping[str, list[CollectStep]]:
        table: dict[str, list[CollectStep]] = {}
        for flow in self.flows:
            for step in flow.steps:
                if isinstance(step, CollectStep):
                    table.setdefault(step.slot, []).append(step)
        return table

    @cached_property
    def _active(self) -> dict[str, FlowView]:
        return {}

    def find(self, flow_id: str) -> FlowView | None:
        """Also a flow that only others start."""
        if flow_id in self.by_id:
            return self.by_id[flow_id]
        if flow_id not in self._active and (flow := self.flows.find(flow_id)) is not None:
            self._active[flow_id] = self._view(flow)
        return self._active.get(flow_id)

    def list_active_slots(self, offers: Offers) -> tuple[SlotView, ...]:
        """The slots that can be filled where the conversation stands, in the order in which they are asked for."""
        found: dict[str, SlotView] = {}
        if offers.active_flow is not None and (view := self.find(offers.active_flow.id)) is not None:
            found = {slot.name: slot for slot in view.slots if slot.name in offers.active_slots}
        for name in sorted(offers.active_slots - found.keys()):
            if (slot := self._view_slot(name, self._steps_by_slot.get(name, ()))) is not None:
                found[name] = slot
        question = offers.question
        return tuple(
            slot
            for slot in found.values()
            if not slot.is_asked_anyway
            or offers.slots.get(slot.name) is not None
            or (question is not None and question.slot == slot.name)
        )

    def _view_slot(self, name: str, steps: Iterable[CollectStep]) -> SlotView | None:
        """A slot that words may fill; None for any other."""
        slot = self.domain.slots.get(name)
        if slot is None or not may_be_filled_by_words(slot):
            return None
        asking = [step for step in steps if step.slot == name]
        return SlotView(
            name=name,
            type=slot.type,
            description=next((_on_one_line(step.description) for step in asking if step.description), ""),
            allowed_values=slot.values if slot.type is SlotType.CATEGORICAL else (),
            is_asked_anyway=bool(asking) and all(step.ask_before_filling for step in asking),
        )

    def _view(self, flow: Flow) -> FlowView:
        family = self.flows.get_family(flow.id)
        steps = [step for member in family for step in member.steps if isinstance(step, CollectStep)]
        views = (self._view_slot(name, steps) for name in self.flows.get_collected_slots(flow.id))
        return FlowView(
            flow_id=flow.id,
            name=flow.name,
            description=_on_one_line(flow.description or flow.name),
            slots=tuple(view for view in views if view is not None),
            has_guard=flow.guard is not None and flow.guard is not True,
            is_always_shown=flow.always_include_in_prompt,
        )


def _on_one_line(text: str | None) -> str:
    return " ".join((text or "").split())
