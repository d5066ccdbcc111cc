"""Commands become events: slots are filled, flows and patterns are put on the stack."""

from collections.abc import Sequence

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.events import Event, FlowInterrupted, SessionEnded, SlotWasSet
from duologue.core.slots import Rejection, Slot
from duologue.core.stack import (
    FlowFrame,
    Frame,
    FrameType,
    PatternFrame,
    Stack,
    find_active_chain,
    find_active_flow,
)
from duologue.core.state import State
from duologue.core.values import OpenData, SlotValue
from duologue.flows.conditions import parse_condition
from duologue.flows.editing import StackEditor, join_options, make_frame
from duologue.flows.flow import Flow, Flows
from duologue.flows.steps import CallStep, CollectStep

# Patterns that only bridge to the next flow; a flow that starts takes their place.
_BRIDGES = frozenset({"pattern_completed", "pattern_continue_interrupted", "pattern_customer_satisfaction"})

_SIMPLE_PATTERNS: dict[type[Command], str] = {
    cmd.ChitChat: "pattern_chitchat",
    cmd.KnowledgeAnswer: "pattern_search",
    cmd.HumanHandoff: "pattern_human_handoff",
    cmd.SkipQuestion: "pattern_skip_question",
    cmd.RepeatBotMessages: "pattern_repeat_bot_messages",
    cmd.SessionStart: "pattern_session_start",
    cmd.UserSilence: "pattern_user_silence",
    cmd.Restart: "pattern_restart",
    cmd.HandleCodeChange: "pattern_code_change",
}


def interpret(commands: Sequence[Command], state: State, flows: Flows, domain: Domain) -> tuple[Event, ...]:
    """The events that execute the commands, which `clean_up` has checked.

    What is on top of the stack runs first. So flows go on the stack in reverse, and patterns above them: a
    correction or cancellation is done before a flow that the same message starts.
    """
    interpretation = _Interpretation(flows, domain, state)
    for command in commands:
        interpretation.fill(command)
    interpretation.start_flows([c.flow for c in commands if isinstance(c, cmd.StartFlow)])
    for command in reversed(commands):
        interpretation.react(command)
    interpretation.check_slots()
    return interpretation.finish()


class _Interpretation(StackEditor):
    def __init__(self, flows: Flows, domain: Domain, state: State) -> None:
        super().__init__(flows, domain, state)
        self._chain = find_active_chain(state.stack)
        """The flow that is active before any command: cancelling and correcting mean this one."""

    def fill(self, command: Command) -> None:
        if isinstance(command, cmd.SetSlot):
            self.set_slot(command.name, command.value, command.extractor)
        if not isinstance(command, cmd.UserSilence) and self.slots.get("consecutive_silence_timeouts"):
            self.set_slot("consecutive_silence_timeouts", 0.0)

    def start_flows(self, flow_ids: list[str]) -> None:
        if not flow_ids:
            return
        self._drop_bridges()
        for flow_id in reversed(flow_ids):
            if any(isinstance(frame, FlowFrame) and frame.flow_id == flow_id for frame in self.stack):
                self._resume(flow_id)
            else:
                self._start(self.require_flow(flow_id))

    def _drop_bridges(self) -> None:
        while (
            self.stack and isinstance(self.stack[-1], PatternFrame) and self._is_bridge(len(self.stack) - 1)
        ):
            self.stack.pop()

    def _is_bridge(self, place: int) -> bool:
        """A bridging pattern, or the question that such a pattern asks."""
        frame = self.stack[place]
        if frame.flow_id in _BRIDGES:
            return True
        below = self.stack[place - 1] if place else None
        return (
            frame.flow_id == "pattern_collect_information"
            and isinstance(below, PatternFrame)
            and below.flow_id in _BRIDGES
        )

    def _start(self, flow: Flow) -> None:
        active = find_active_flow(tuple(self.stack))
        if active is not None:
            self.events.append(FlowInterrupted(flow_id=active.flow_id, step_id=active.step_id))
        self.push_flow(flow, FrameType.INTERRUPT if active else FrameType.REGULAR)

    def _resume(self, flow_id: str) -> None:
        """Bring an interrupted flow back on top, with the frames that belong to it."""
        groups = group_frames(tuple(self.stack))
        wanted = [group for group in groups if _is_group_of(group, flow_id)]
        others = [group for group in groups if not _is_group_of(group, flow_id)]
        active = find_active_flow(tuple(self.stack))
        if active is not None and active.flow_id != flow_id:
            self.events.append(FlowInterrupted(flow_id=active.flow_id, step_id=active.step_id))
        self.stack = [frame for group in (*others, *wanted) for frame in group]

    def react(self, command: Command) -> None:
        match command:
            case cmd.CancelFlow():
                self._cancel()
            case cmd.CorrectSlots():
                self._correct(command)
            case cmd.Clarify():
                self._clarify(command)
            case cmd.CannotHandle():
                self.push_pattern("pattern_cannot_handle", {"reason": command.reason})
            case cmd.ReportError():
                context: OpenData = {"error_type": command.error_type, "info": command.info}
                self.push_pattern("pattern_internal_error", context)
            case cmd.SessionEnd():
                self.events.append(SessionEnded())
            case cmd.StartFlow() | cmd.SetSlot() | cmd.Noop() | cmd.ChangeFlow():
                pass
            case _:
                self.push_pattern(_SIMPLE_PATTERNS[type(command)])

    def _cancel(self) -> None:
        if not self._chain:
            return
        flow = self.require_flow(self._chain[-1].flow_id)
        group = next(g for g in group_frames(tuple(self.stack)) if self._chain[-1] in g)
        context: OpenData = {
            "canceled_name": flow.get_name(self.language),
            "canceled_frames": [frame.frame_id for frame in group],
        }
        self.push_pattern("pattern_cancel_flow", context)

    def _clarify(self, command: cmd.Clarify) -> None:
        found = [flow for flow in map(self.flows.find, command.options) if flow is not None]
        names = [flow.get_name(self.language) for flow in found]
        self.push_pattern(
            "pattern_clarification", {"names": names, "clarification_options": join_options(names)}
        )

    def _correct(self, command: cmd.CorrectSlots) -> None:
        values: dict[str, SlotValue] = {slot.name: slot.value for slot in command.corrected_slots}
        target, step = self._find_earliest(values)
        context: OpenData = {
            "corrected_slots": values,
            "new_slot_values": list(values.values()),
            "is_reset_only": bool(values) and all(self._is_asked_anew(name) for name in values),
            "reset_flow_id": target.flow_id if target else None,
            "reset_frame_id": target.frame_id if target else None,
            "reset_step_id": step.id if step else None,
        }
        self.push_pattern("pattern_correction", context)

    def _find_earliest(
        self, values: dict[str, SlotValue]
    ) -> tuple[FlowFrame | None, CollectStep | CallStep | None]:
        """Where to go back to: the outermost caller's first step behind us that asks for a corrected slot."""
        for frame in reversed(self._chain):
            flow = self.require_flow(frame.flow_id)
            reached = flow.positions.get(frame.step_id, -1)
            for step in flow.steps[:reached]:
                if isinstance(step, CollectStep) and step.slot in values:
                    return frame, step
                if isinstance(step, CallStep) and not values.keys().isdisjoint(
                    self.flows.get_collected_slots(step.flow_id)
                ):
                    return frame, step
        return None, None

    def _is_asked_anew(self, name: str) -> bool:
        steps = [
            step
            for frame in self._chain
            for flow in self.flows.get_family(frame.flow_id)
            for step in flow.steps
            if isinstance(step, CollectStep) and step.slot == name
        ]
        return bool(steps) and all(step.ask_before_filling for step in steps)

    def check_slots(self) -> None:
        """Put the domain's validation on top for each slot that was filled with a refused value."""
        frames = find_refusals(self.events, self.slots, tuple(self.stack), self.flows, self.domain)
        self.stack.extend(frames)


def find_refusals(
    events: Sequence[Event], slots: dict[str, SlotValue], stack: Stack, flows: Flows, domain: Domain
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
    assert flow is not None, "the stock patterns are always among the flows"
    return make_frame(flow, FrameType.REGULAR, context)


def group_frames(stack: Stack) -> list[tuple[Frame, ...]]:
    """The stack cut into what belongs together: a flow, the flows it called and the patterns above them."""
    groups: list[list[Frame]] = []
    for frame in stack:
        begins = isinstance(frame, FlowFrame) and frame.frame_type is not FrameType.CALL
        if begins or not groups:
            groups.append([frame])
        else:
            groups[-1].append(frame)
    return [tuple(group) for group in groups]


def _is_group_of(group: tuple[Frame, ...], flow_id: str) -> bool:
    return any(isinstance(frame, FlowFrame) and frame.flow_id == flow_id for frame in group)
