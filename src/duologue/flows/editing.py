"""Editing the stack and the slots of a state: every change is kept as the event that says so."""

from collections.abc import Container

from duologue.core.domain import Domain
from duologue.core.errors import FlowError
from duologue.core.events import Event, FlowCancelled, FlowResumed, FlowStarted, SlotWasSet, StackChanged
from duologue.core.slots import DoesNotFitError, fit_value
from duologue.core.stack import START, FlowFrame, Frame, FrameType, PatternFrame, Stack
from duologue.core.state import State
from duologue.core.values import OpenData, SlotValue
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import CollectStep, SetSlotsStep


class StackEditor:
    """The stack and the slots as they change, beginning with those of a state."""

    def __init__(self, flows: Flows, domain: Domain, state: State) -> None:
        self.flows = flows
        self.domain = domain
        self.state = state
        self.stack: list[Frame] = list(state.stack)
        self.slots: dict[str, SlotValue] = domain.get_slot_values(state.slots)
        self.events: list[Event] = []

    def finish(self) -> tuple[Event, ...]:
        """All events, the new stack last if it changed."""
        stack = tuple(self.stack)
        if stack != self.state.stack:
            self.events.append(StackChanged(stack=stack))
        return tuple(self.events)

    def require_flow(self, flow_id: str) -> Flow:
        flow = self.flows.find(flow_id)
        if flow is None:
            raise FlowError(f"there is no flow {flow_id!r}")
        return flow

    def set_slot(self, name: str, value: SlotValue, filled_by: str | None = None) -> None:
        """Set a slot; nothing happens if it holds the value already."""
        current = self.slots.get(name)
        if current != value or type(current) is not type(value):
            self.slots[name] = value
            self.events.append(SlotWasSet(name=name, value=value, filled_by=filled_by))

    def fits(self, name: str, value: SlotValue) -> bool:
        """Whether a value has a reading in the slot's type."""
        slot = self.domain.slots.get(name)
        try:
            if slot is not None:
                fit_value(slot, value)
        except DoesNotFitError:
            return False
        return True

    def push_flow(self, flow: Flow, frame_type: FrameType, context: OpenData | None = None) -> None:
        """Put a flow or pattern on top; `context` is what a pattern is about."""
        self.stack.append(make_frame(flow, frame_type, context))
        if not flow.is_pattern:
            self.events.append(FlowStarted(flow_id=flow.id))

    def raise_flow(self, flow_id: str) -> None:
        """Bring a flow that is on the stack to its top, with the frames that belong to it."""
        groups = group_frames(self.stack)
        wanted = [group for group in groups if _holds_flow(group, flow_id)]
        others = [group for group in groups if not _holds_flow(group, flow_id)]
        self.stack = [frame for group in (*others, *wanted) for frame in group]
        for frame in self.stack:
            if isinstance(frame, FlowFrame) and frame.flow_id == flow_id and frame.step_id != START:
                self.events.append(FlowResumed(flow_id=flow_id, step_id=frame.step_id))

    def push_pattern(self, pattern_id: str, context: OpenData | None = None) -> None:
        self.push_flow(self.require_flow(pattern_id), FrameType.REGULAR, context)

    def reset_slots(self, flow: Flow) -> None:
        """Give the slots of an ended flow their initial values, but for those that the stack still uses."""
        kept = slots_in_use(self.flows, self.stack)
        for name in self.flows.get_scoped_slots(flow.id):
            if name not in kept:
                self.set_slot(name, self.domain.initial_slots.get(name))

    def cancel_frames(self, frame_ids: Container[str]) -> None:
        """Take frames off the stack, whatever is theirs above them included, and reset their slots."""
        cancelled = [frame for frame in self.stack if frame.frame_id in frame_ids]
        self.stack = [frame for frame in self.stack if frame.frame_id not in frame_ids]
        for frame in cancelled:
            flow = self.flows.find(frame.flow_id)
            if isinstance(frame, FlowFrame):
                self.events.append(FlowCancelled(flow_id=frame.flow_id, step_id=frame.step_id))
            if flow is not None:
                self.reset_slots(flow)

    @property
    def language(self) -> str | None:
        """The user's language, where the assistant keeps one."""
        language = self.slots.get("language")
        return language if isinstance(language, str) else None


def build_context(stack: Stack | list[Frame]) -> OpenData:
    """What `context.<name>` means: the pattern on top; a question knows what the pattern that asks it is about."""
    context: OpenData = {}
    for frame in reversed(stack):
        if not isinstance(frame, PatternFrame):
            break
        context = {**frame.context, **context}
        if frame.flow_id != "pattern_collect_information":
            break
    return context


def group_frames(stack: Stack | list[Frame]) -> list[tuple[Frame, ...]]:
    """The stack cut into what belongs together: a flow, the flows it called and the patterns above them."""
    groups: list[list[Frame]] = []
    for frame in stack:
        begins = isinstance(frame, FlowFrame) and frame.frame_type is not FrameType.CALL
        if begins or not groups:
            groups.append([frame])
        else:
            groups[-1].append(frame)
    return [tuple(group) for group in groups]


def _holds_flow(group: tuple[Frame, ...], flow_id: str) -> bool:
    return any(isinstance(frame, FlowFrame) and frame.flow_id == flow_id for frame in group)


def make_frame(flow: Flow, frame_type: FrameType, context: OpenData | None = None) -> Frame:
    """A fresh frame for a flow or a pattern."""
    if flow.is_pattern:
        return PatternFrame(flow_id=flow.id, fingerprint=flow.fingerprint, context=context or {})
    return FlowFrame(flow_id=flow.id, frame_type=frame_type, fingerprint=flow.fingerprint)


def slots_in_use(flows: Flows, stack: Stack | list[Frame]) -> set[str]:
    """Slots that flows still on the stack have filled or are asking for; they outlive a flow that ends above."""
    in_use: set[str] = set()
    for frame in stack:
        flow = flows.find(frame.flow_id)
        if flow is None:
            continue
        reached = flow.positions.get(frame.step_id, -1)
        for step in flow.steps[: reached + 1]:
            if isinstance(step, CollectStep):
                in_use.add(step.slot)
            elif isinstance(step, SetSlotsStep):
                in_use.update(name for name, _ in step.slots)
    return in_use


def build_interruption_context(stack: Stack | list[Frame], flows: Flows, language: str | None) -> OpenData:
    """The context of `pattern_continue_interrupted`: the interrupted flows, the latest one first."""
    ids = list(dict.fromkeys(frame.flow_id for frame in reversed(stack) if _can_be_resumed(frame)))
    names = [flow.get_name(language) for flow in (flows.find(flow_id) for flow_id in ids) if flow]
    return {
        "interrupted_flow_ids": ids,
        "interrupted_flow_names": names,
        "interrupted_flow_options": join_options(names),
        "multiple_flows_interrupted": len(ids) > 1,
    }


def _can_be_resumed(frame: Frame) -> bool:
    # A called flow is resumed with its caller, so it is not a choice of its own.
    return isinstance(frame, FlowFrame) and frame.frame_type is not FrameType.CALL


def join_options(names: list[str]) -> str:
    """Names as a person would list them: “a, b or c”."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"
