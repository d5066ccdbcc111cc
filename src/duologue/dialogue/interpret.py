"""Commands become events: slots are filled, flows and patterns are put on the stack."""

from collections.abc import Sequence

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.events import Event, FlowInterrupted, SessionEnded
from duologue.core.stack import (
    START,
    FlowFrame,
    FrameType,
    PatternFrame,
    find_active_chain,
    find_active_flow,
)
from duologue.core.state import State
from duologue.core.values import OpenData, SlotValue
from duologue.flows.editing import StackEditor, group_frames, join_options
from duologue.flows.flow import Flow, Flows
from duologue.flows.path import trace_path
from duologue.flows.refusals import find_refusals
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
    interpretation.keep_misfits()
    return interpretation.finish()


class _Interpretation(StackEditor):
    def __init__(self, flows: Flows, domain: Domain, state: State) -> None:
        super().__init__(flows, domain, state)
        self._chain = find_active_chain(state.stack)
        """The flow that is active before any command: cancelling and correcting mean this one."""
        self._slots_before = dict(self.slots)
        self._misfits: list[cmd.SetSlot] = []

    def fill(self, command: Command) -> None:
        if isinstance(command, cmd.SetSlot):
            if self.fits(command.name, command.value):
                self.set_slot(command.name, command.value, command.extractor)
            else:
                self._misfits.append(command)
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
            flow = self.flows.find(self.stack.pop().flow_id)
            if flow is not None:
                self.reset_slots(flow)

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
        self._note_interruption()
        self.push_flow(flow, FrameType.INTERRUPT if find_active_flow(self.stack) else FrameType.REGULAR)

    def _note_interruption(self) -> None:
        active = find_active_flow(self.stack)
        # A flow that only waits for its turn is not interrupted by the one that goes first.
        if active is not None and active.step_id != START:
            self.events.append(FlowInterrupted(flow_id=active.flow_id, step_id=active.step_id))

    def _resume(self, flow_id: str) -> None:
        """Bring an interrupted flow back on top, with the frames that belong to it."""
        active = find_active_flow(self.stack)
        if active is not None and active.flow_id == flow_id:
            return
        self._note_interruption()
        self.raise_flow(flow_id)

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
        group = next(group for group in group_frames(self.stack) if self._chain[-1] in group)
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
            "new_slot_values": [_as_said(value) for value in values.values()],
            # An answer that is taken back is asked for again, which says it all.
            "is_reset_only": all(
                value is None or self._is_asked_anew(name) for name, value in values.items()
            ),
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
            for step in trace_path(flow, frame.step_id, self._slots_before):
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

    def keep_misfits(self) -> None:
        """Let an answer of the wrong type meet its rejection, if the question is what comes next; else forget it."""
        if tuple(self.stack) != self.state.stack or any(
            isinstance(event, SessionEnded) for event in self.events
        ):
            return
        for command in self._misfits:
            self.set_slot(command.name, command.value, command.extractor)

    def check_slots(self) -> None:
        """Put the domain's validation on top for each slot that was filled with a refused value."""
        self.stack.extend(find_refusals(self.events, self.slots, self.stack, self.flows, self.domain))


def _as_said(value: SlotValue) -> SlotValue:
    """A whole number as people write it, without the `.0` of its type."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
