"""What may happen now: the flows that may start and the slots that may be filled in a state.

Every command is checked against this, whoever proposed it; nothing outside it is ever executed.
"""

from functools import cached_property

import msgspec

from duologue.core.domain import Domain
from duologue.core.slots import MappingType, Slot, SlotMapping, SlotType
from duologue.core.stack import FlowFrame, PatternFrame, find_active_chain, find_active_flow
from duologue.core.state import State
from duologue.core.values import OpenData, SlotValue
from duologue.flows.conditions import parse_condition
from duologue.flows.editing import build_context
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import CollectStep

_MODEL_FILLED = (
    MappingType.FROM_LLM,
    MappingType.CUSTOM,  # 2023 projects declare their CALM slots so; the rules of `from_llm` apply
)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The question that is open: what the next message probably answers."""

    slot: str
    step: CollectStep | None
    """The step that asks; None for a slot that the domain's validation refills."""
    flow_id: str | None
    is_forced: bool = False
    """`force_slot_filling`: nothing but an answer counts."""


class Offers:
    """What one state offers. Cheap to make: everything is computed when asked for."""

    def __init__(self, state: State, flows: Flows, domain: Domain) -> None:
        self.state = state
        self.flows = flows
        self.domain = domain

    @cached_property
    def slots(self) -> dict[str, SlotValue]:
        """Every slot's value."""
        return self.domain.get_slot_values(self.state.slots)

    @cached_property
    def context(self) -> OpenData:
        return build_context(self.state.stack)

    @cached_property
    def active_flow(self) -> Flow | None:
        """The flow of the project that is under way."""
        frame = find_active_flow(self.state.stack)
        return self.flows.find(frame.flow_id) if frame else None

    @cached_property
    def startable_flows(self) -> tuple[Flow, ...]:
        """Flows that understanding may start: no patterns, and the guard, if any, is true."""
        return tuple(flow for flow in self.flows.user_flows.values() if self.is_startable(flow))

    def is_startable(self, flow: Flow) -> bool:
        """Whether understanding may start the flow now."""
        if flow.is_pattern:
            return False
        if flow.guard is None or flow.guard is True:
            return True
        return flow.guard is not False and parse_condition(flow.guard).is_true(self.slots, {})

    @cached_property
    def question(self) -> Question | None:
        """The open question, if the assistant waits for an answer."""
        if not self.state.stack:
            return None
        top = self.state.stack[-1]
        if not isinstance(top, PatternFrame):
            return None
        slot = top.context.get("collect") or top.context.get("validate")
        if not isinstance(slot, str) or slot not in self.domain.slots:
            return None
        return self._find_question(slot)

    def _find_question(self, slot: str) -> Question:
        for frame in reversed(self.state.stack[:-1]):
            flow = self.flows.find(frame.flow_id)
            step = flow.find_step(frame.step_id) if flow else None
            if isinstance(step, CollectStep) and step.slot == slot:
                return Question(
                    slot=slot, step=step, flow_id=frame.flow_id, is_forced=step.force_slot_filling
                )
        return Question(slot=slot, step=None, flow_id=None)

    @cached_property
    def active_slots(self) -> frozenset[str]:
        """Slots that the flow under way, its callers, the flows it calls or the open question can take."""
        names: set[str] = set()
        for frame in find_active_chain(self.state.stack):
            names.update(self.flows.get_collected_slots(frame.flow_id))
        if self.question is not None:
            names.add(self.question.slot)
        return frozenset(names & self.domain.slots.keys())

    def takes_from_button(self, slot: str) -> bool:
        """Whether a button may set the slot: it belongs to the flow under way or to one that may start."""
        if slot not in self.domain.slots:
            return False
        return slot in self.active_slots or any(
            self.is_startable(flow) for flow in self.flows.flows_by_slot.get(slot, ())
        )

    @cached_property
    def slots_on_stack(self) -> frozenset[str]:
        """Slots that some flow on the stack asks for: the only ones that can be corrected."""
        names: set[str] = set()
        for frame in self.state.stack:
            if isinstance(frame, FlowFrame):
                names.update(self.flows.get_collected_slots(frame.flow_id))
        return frozenset(names)

    def applies(self, mapping: SlotMapping) -> bool:
        """Whether a mapping counts here: it has no conditions, or one of them names the flow under way."""
        if not mapping.conditions:
            return True
        active = {frame.flow_id for frame in find_active_chain(self.state.stack)}
        return any(condition.active_flow in active for condition in mapping.conditions)

    def get_slots_of(self, flow_id: str) -> frozenset[str]:
        """Slots that a flow, or one that it calls, asks for."""
        return frozenset(self.flows.get_collected_slots(flow_id))


def may_be_filled_by_words(slot: Slot) -> bool:
    """Whether understanding free text may fill the slot; `controlled` ones take buttons and actions only."""
    return slot.type is not SlotType.LIST and slot.is_filled_by(*_MODEL_FILLED)
