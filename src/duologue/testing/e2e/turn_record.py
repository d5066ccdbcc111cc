"""What happened in one turn of a test's conversation, as the checks and the transcript see it."""

from collections.abc import Mapping

import msgspec

from duologue.core import events as ev
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.messages import BotMessage
from duologue.core.slots import DoesNotFitError, fit_value
from duologue.core.stack import PatternFrame, Stack
from duologue.core.understanding import Evidence
from duologue.core.values import SlotValue
from duologue.flows.flow import Flows


class TurnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The events from one message of the user to the next."""

    text: str | None
    """What the user said; None for what comes before the first message."""
    events: tuple[Event, ...]
    domain: Domain
    flows: Flows
    stack: Stack = ()
    """The dialogue stack before the turn."""
    line: int = 0
    """Of the user's message in the test's file."""
    slots: Mapping[str, SlotValue] = {}
    """After the turn."""
    milliseconds: float = 0.0

    @property
    def flows_started(self) -> tuple[str, ...]:
        """Ids of the flows that began, in order; patterns, which have no event of their own, by the stack."""
        started: list[str] = []
        seen = {frame.frame_id for frame in self.stack}
        for event in self.events:
            if isinstance(event, ev.FlowStarted):
                started.append(event.flow_id)
            elif isinstance(event, ev.StackChanged):
                fresh = [frame for frame in event.stack if frame.frame_id not in seen]
                started += [frame.flow_id for frame in fresh if isinstance(frame, PatternFrame)]
                seen.update(frame.frame_id for frame in fresh)
        return tuple(dict.fromkeys(started))

    @property
    def flows_completed(self) -> tuple[ev.FlowCompleted, ...]:
        """The flows that ended, patterns among them, each with the step at which it ended."""
        completed: list[ev.FlowCompleted] = []
        before = self.stack
        for event in self.events:
            if isinstance(event, ev.FlowCompleted):
                completed.append(event)
            elif isinstance(event, ev.StackChanged):
                left = {frame.frame_id for frame in event.stack}
                completed += [
                    ev.FlowCompleted(flow_id=frame.flow_id, step_id=frame.step_id)
                    for frame in before
                    if isinstance(frame, PatternFrame) and frame.frame_id not in left
                ]
                before = event.stack
        return tuple(completed)

    @property
    def replies(self) -> tuple[BotMessage, ...]:
        return tuple(event.message for event in self.events if isinstance(event, ev.BotSpoke))

    @property
    def slots_set(self) -> tuple[ev.SlotWasSet, ...]:
        return tuple(event for event in self.events if isinstance(event, ev.SlotWasSet))

    @property
    def failure(self) -> str | None:
        """Why the turn was given up, if it was."""
        return next((event.reason for event in self.events if isinstance(event, ev.TurnFailed)), None)

    def has_slot(self, name: str, expected: SlotValue, *, is_any_value: bool) -> bool:
        """Whether the slot was given this value, or any value but none."""
        values = [event.value for event in self.slots_set if event.name == name]
        if is_any_value:
            return any(value is not None for value in values)
        # An action may leave in a slot what does not have its type, and the test expects just that.
        wanted = (expected, self._fit(name, expected))
        return any(is_same(value, one) for value in values for one in wanted)

    def _fit(self, name: str, value: SlotValue) -> SlotValue:
        slot = self.domain.slots.get(name)
        if slot is None:
            return value
        try:
            return fit_value(slot, value)
        except DoesNotFitError:
            return value


def is_same(one: SlotValue, other: SlotValue) -> bool:
    """Equality that keeps true apart from 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def describe_turn(turn: TurnRecord) -> tuple[str, ...]:
    """The turn as lines for a person: what was said, and below it what was done."""
    lines = [] if turn.text is None else [f"user: {turn.text}".replace("\n", "\n      ")]
    for event in turn.events:
        line = _describe_event(event)
        if line:
            lines.append(f"  {line}")
    return tuple(lines)


_UNTOLD_ACTIONS = frozenset({ev.ACTION_LISTEN, ev.ACTION_SESSION_START, "action_run_slot_rejections"})


def _describe_event(event: Event) -> str | None:
    match event:
        case ev.UserSpoke():
            return _describe_understanding(event)
        case ev.BotSpoke():
            return _describe_reply(event.message)
        case ev.SlotWasSet():
            return f"slot: {event.name} = {format_value(event.value)}"
        case ev.ActionExecuted():
            is_told = event.name not in _UNTOLD_ACTIONS and not event.name.startswith("utter_")
            return f"action: {event.name}" if is_told else None
        case ev.ActionRejected():
            return f"action: {event.name} declined to run"
        case ev.FlowStarted():
            return f"flow started: {event.flow_id}"
        case ev.FlowCompleted():
            return f"flow completed: {event.flow_id} at {event.step_id}"
        case ev.FlowCancelled():
            return f"flow cancelled: {event.flow_id} at {event.step_id}"
        case ev.FlowInterrupted():
            return f"flow interrupted: {event.flow_id} at {event.step_id}"
        case ev.FlowResumed():
            return f"flow resumed: {event.flow_id} at {event.step_id}"
        case ev.TurnFailed():
            return f"the turn failed: {event.reason}"
        case _:
            return None


def _describe_understanding(event: ev.UserSpoke) -> str:
    commands = ", ".join(describe_command(command) for command in event.understanding.commands)
    by = "; ".join(_describe_evidence(one) for one in event.understanding.evidence)
    return f"understood: {commands or 'nothing'}" + (f"  [{by}]" if by else "")


def _describe_evidence(evidence: Evidence) -> str:
    parts = [evidence.rung]
    if evidence.confidence < 1:
        parts.append(f"{evidence.confidence:.2f}")
    parts += [f"{call.model} failed: {call.failure}" for call in evidence.calls if call.failure]
    if evidence.dropped:
        parts.append(f"{evidence.dropped} dropped")
    if evidence.reason:
        parts.append(evidence.reason)
    return ", ".join(parts)


def describe_command(command: Command) -> str:
    """A command in words: its public name, and what it is about."""
    data: dict[str, SlotValue] = msgspec.to_builtins(command)
    name = str(data.pop("command"))
    match data:
        case {"name": slot, **rest} if name == "set slot":
            return f"set slot {slot} = {format_value(rest.get('value'))}"
        case {"flow": flow}:
            return f"{name} {flow}"
        case {"options": options}:
            return f"{name} {', '.join(map(str, options))}".rstrip()
        case {"corrected_slots": slots}:
            told = ", ".join(f"{slot['name']} = {format_value(slot.get('value'))}" for slot in slots)
            return f"{name} {told}"
        case _:
            return name


def _describe_reply(reply: BotMessage) -> str:
    made_of = f" ({reply.response})" if reply.response else ""
    text = "(no text)" if reply.text is None else reply.text.strip().replace("\n", "\n       ")
    buttons = "".join(f"\n       [{button.title}]({button.payload})" for button in reply.buttons)
    return f"bot{made_of}: {text}{buttons}"


def format_value(value: SlotValue) -> str:
    """A value as a test file would write it."""
    return msgspec.json.encode(value).decode() if value is not None else "null"
