"""The machine that walks the dialogue stack to the next thing that touches the world.

It names the next action to perform, or `Listen`; on its way it takes branches, fills slots, and pushes and pops
frames, all of which it reports as events. It performs nothing itself.
"""

from typing import assert_never

import msgspec
from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.errors import FlowError
from duologue.core.events import ACTION_LISTEN, Event, FlowCompleted
from duologue.core.stack import (
    END,
    START,
    FlowFrame,
    Frame,
    FrameType,
    PatternFrame,
    Stack,
    find_active_flow,
)
from duologue.core.state import State
from duologue.core.templates import render_name
from duologue.core.values import OpenData
from duologue.flows.editing import StackEditor, build_context, build_interruption_context, make_frame
from duologue.flows.flow import Flow, Flows
from duologue.flows.path import find_next
from duologue.flows.patterns import DEFAULT_ACTIONS
from duologue.flows.refusals import find_refusals
from duologue.flows.steps import (
    ActionStep,
    CallStep,
    CollectStep,
    LinkStep,
    NoopStep,
    SetSlotsStep,
)

MAX_STEPS = 1000
"""Steps between two actions; more than that is a circle."""


class Listen(msgspec.Struct, frozen=True):
    """Wait for the user."""


class PerformAction(msgspec.Struct, frozen=True, kw_only=True):
    """Perform an action, then ask the machine again."""

    name: str
    flow_id: str
    step_id: str
    context: OpenData


class Advance(msgspec.Struct, frozen=True, kw_only=True):
    """What changed on the way, and what to do now."""

    events: tuple[Event, ...]
    step: PerformAction | Listen


class FlowMachine:
    """Walks the stack of any conversation of one assistant; keeps nothing between calls."""

    def __init__(self, flows: Flows, domain: Domain) -> None:
        self.flows = flows
        self.domain = domain

    def advance(self, state: State) -> Advance:
        """Walk from the state to the next action, or to `Listen`.

        Raises:
            FlowError: no branch is true, a question cannot be asked, a flow or step is missing, or the flows
                run in circles.
        """
        walk = _Walk(self.flows, self.domain, state)
        for _ in range(MAX_STEPS):
            step = walk.take_step()
            if step is not None:
                return Advance(events=walk.finish(), step=step)
        raise FlowError(f"{walk.place()} runs in circles: {MAX_STEPS} steps without an action")

    def is_waiting(self, stack: Stack) -> bool:
        """Whether the conversation may rest with this stack: nothing is on it, or the top waits for the user."""
        if not stack:
            return True
        flow = self.flows.find(stack[-1].flow_id)
        step = flow.find_step(stack[-1].step_id) if flow else None
        return isinstance(step, ActionStep) and step.action == ACTION_LISTEN

    def can_perform(self, name: str) -> bool:
        """Whether an action or response of that name exists."""
        return is_known_action(self.domain, name)


def is_known_action(domain: Domain, name: str) -> bool:
    """Whether the domain, or the platform, has an action or response of that name."""
    return name in domain.responses or name in domain.custom_actions or name in DEFAULT_ACTIONS


class _Walk(StackEditor):
    """One walk over the stack of a state."""

    def place(self) -> str:
        return f"flow {self.stack[-1].flow_id!r}" if self.stack else "the dialogue"

    def take_step(self) -> PerformAction | Listen | None:
        if not self.stack:
            return Listen()
        frame = self.stack[-1]
        flow = self.require_flow(frame.flow_id)
        step_id = self._find_successor(flow, frame)
        if step_id == END:
            self._end(frame, flow)
            return None
        step = flow.find_step(step_id)
        if step is None:
            raise FlowError(f"flow {flow.id!r} leads to a step {step_id!r} that it does not have")
        self.stack[-1] = _move(frame, step_id)
        match step:
            case ActionStep():
                return self._plan_action(step, flow)
            case CollectStep():
                self._collect(step, flow)
            case SetSlotsStep():
                self._set_slots(step)
            case LinkStep():
                self._link(step, flow)
            case CallStep():
                self.push_flow(self.require_flow(step.flow_id), FrameType.CALL)
            case NoopStep():
                pass
            case _:
                assert_never(step)
        return None

    def _find_successor(self, flow: Flow, frame: Frame) -> str:
        if frame.step_id == END:
            return END
        if isinstance(frame, FlowFrame) and frame.repeats_step:
            return frame.step_id
        if frame.step_id == START:
            return flow.steps[0].id if flow.steps else END
        place = flow.positions.get(frame.step_id)
        if place is None:
            raise FlowError(f"flow {flow.id!r} has no step {frame.step_id!r} any more")
        return find_next(flow, flow.steps[place], self.slots, build_context(self.stack))

    def _plan_action(self, step: ActionStep, flow: Flow) -> PerformAction | Listen | None:
        context = build_context(self.stack)
        name = step.action
        if "{" in name:
            name = render_name(name, self.slots, context)
            if not is_known_action(self.domain, name) or self._has_nothing_to_validate(name, context):
                return None
        if name == ACTION_LISTEN:
            return Listen()
        return PerformAction(name=name, flow_id=flow.id, step_id=step.id, context=context)

    def _has_nothing_to_validate(self, name: str, context: OpenData) -> bool:
        slot = context.get("collect")
        return name == f"validate_{slot}" and self.slots.get(str(slot)) is None

    def _set_slots(self, step: SetSlotsStep) -> None:
        known = len(self.events)
        for name, value in step.slots:
            self.set_slot(name, value)
        changes = self.events[known:]
        self.stack.extend(find_refusals(changes, self.slots, self.stack, self.flows, self.domain))

    def _collect(self, step: CollectStep, flow: Flow) -> None:
        if step.ask_before_filling:
            self.set_slot(step.slot, None)
        if self.slots.get(step.slot) is not None and not self._needs_checking(step):
            return
        self.stack.append(self._make_collect_frame(step, flow))

    def _needs_checking(self, step: CollectStep) -> bool:
        return (
            bool(step.rejections)
            or f"validate_{step.slot}" in self.domain.custom_actions
            # An action may have set it to anything.
            or not self.fits(step.slot, self.slots.get(step.slot))
        )

    def _make_collect_frame(self, step: CollectStep, flow: Flow) -> Frame:
        asks_with_action = step.utter is None and step.asking_action in self.domain.custom_actions
        can_ask = asks_with_action or is_known_action(self.domain, step.asking_response)
        if not can_ask and self.slots.get(step.slot) is None:
            raise FlowError(
                f"flow {flow.id!r} cannot ask for the slot {step.slot!r}:"
                f" there is neither a response {step.asking_response!r} nor an action {step.asking_action!r}"
            )
        context: OpenData = {
            "collect": step.slot,
            "utter": "" if asks_with_action else step.asking_response,
            "collect_action": step.asking_action if asks_with_action else "",
            "rejections": [
                {"if": rejection.condition, "utter": rejection.utter} for rejection in step.rejections
            ],
        }
        return make_frame(self.require_flow("pattern_collect_information"), FrameType.REGULAR, context)

    def _link(self, step: LinkStep, flow: Flow) -> None:
        target = self.require_flow(step.flow_id)
        frame = self.stack.pop()
        if isinstance(frame, FlowFrame):
            self.events.append(FlowCompleted(flow_id=flow.id, step_id=step.id))
        self.reset_slots(flow)
        if any(isinstance(below, FlowFrame) and below.flow_id == target.id for below in self.stack):
            # It was interrupted and goes on where it was: a flow is never under way twice.
            self.raise_flow(target.id)
            return
        self.push_flow(target, FrameType.LINK, {"previous_flow_name": flow.get_name(self.language)})

    def _end(self, frame: Frame, flow: Flow) -> None:
        self.stack.pop()
        if isinstance(frame, PatternFrame):
            self.reset_slots(flow)
            return
        self.events.append(FlowCompleted(flow_id=flow.id, step_id=frame.step_id))
        if frame.frame_type is FrameType.CALL and self.stack:
            return
        self.reset_slots(flow)
        self._offer_what_follows(flow)

    def _offer_what_follows(self, ended: Flow) -> None:
        name = ended.get_name(self.language)
        below = find_active_flow(self.stack)
        if below is None:
            if ended.run_pattern_completed and not self.stack:
                self.push_pattern("pattern_completed", {"previous_flow_name": name})
        elif below.step_id != START:  # one that was only waiting for its turn begins without a question
            context = build_interruption_context(self.stack, self.flows, self.language)
            self.push_pattern("pattern_continue_interrupted", {**context, "previous_flow_name": name})


def _move(frame: Frame, step_id: str) -> Frame:
    if isinstance(frame, FlowFrame):
        return replace(frame, step_id=step_id, repeats_step=False)
    return replace(frame, step_id=step_id)
