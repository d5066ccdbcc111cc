"""What the demo page shows of a conversation: its flows and steps, slots, last turn and understanding."""

from collections.abc import Iterable, Sequence
from typing import assert_never

import msgspec

from duologue.core import commands as cmd
from duologue.core import events as ev
from duologue.core.commands import Command
from duologue.core.domain import Domain
from duologue.core.events import Event
from duologue.core.messages import BotMessage
from duologue.core.slots import Slot
from duologue.core.state import State
from duologue.core.understanding import Evidence, Understanding
from duologue.core.values import OpenData, SlotValue
from duologue.flows.flow import Flows
from duologue.server.flow_journey import FlowCard, trace_journey
from duologue.wire.encoding import encode_json
from duologue.wire.events import format_event, get_type_name


class ChatLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One bubble of the chat."""

    is_user: bool
    text: str = ""
    reply: BotMessage | None = None


class SlotRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the slot table."""

    name: str
    type: str
    value: SlotValue
    is_set: bool


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the last turn."""

    type: str
    summary: str
    data: OpenData


class UnderstandingView(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood, and which rungs of the ladder were asked."""

    commands: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class ConversationView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page."""

    conversation_id: str
    turns: int = 0
    chat: tuple[ChatLine, ...] = ()
    flows: tuple[FlowCard, ...] = ()
    slots: tuple[SlotRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    understanding: UnderstandingView | None = None
    milliseconds: float | None = None
    """How long the last turn took; only known while it is news."""


def build_view(
    state: State, events: Sequence[Event], *, flows: Flows, domain: Domain, milliseconds: float | None = None
) -> ConversationView:
    """The view of a state and the events of its session."""
    last = state.last_message
    return ConversationView(
        conversation_id=state.conversation_id,
        turns=state.turns,
        chat=tuple(_chat_lines(events)),
        flows=trace_journey(state.stack, events, flows),
        slots=tuple(_slot_rows(state, domain)),
        events=tuple(_event_row(event) for event in _last_turn(events)),
        understanding=_view_understanding(last.understanding) if last else None,
        milliseconds=milliseconds,
    )


def _chat_lines(events: Iterable[Event]) -> Iterable[ChatLine]:
    for event in events:
        match event:
            case ev.UserSpoke():
                yield ChatLine(is_user=True, text=event.text)
            case ev.BotSpoke():
                yield ChatLine(is_user=False, reply=event.message)
            case _:
                pass


def _slot_rows(state: State, domain: Domain) -> Iterable[SlotRow]:
    for slot in domain.slots.values():
        value = domain.get_slot_value(state.slots, slot.name)
        if not slot.is_builtin or value != slot.initial_value:
            yield _slot_row(slot, value)
    for name in state.slots.keys() - domain.slots.keys():
        yield SlotRow(name=name, type="", value=state.slots[name], is_set=state.slots[name] is not None)


def _slot_row(slot: Slot, value: SlotValue) -> SlotRow:
    return SlotRow(name=slot.name, type=slot.type.value, value=value, is_set=value is not None)


def _last_turn(events: Sequence[Event]) -> Sequence[Event]:
    for place in range(len(events) - 1, -1, -1):
        if isinstance(events[place], ev.UserSpoke):
            return events[place:]
    return events


def _view_understanding(understanding: Understanding) -> UnderstandingView:
    return UnderstandingView(
        commands=tuple(describe_command(command) for command in understanding.commands),
        evidence=understanding.evidence,
    )


def _event_row(event: Event) -> EventRow:
    return EventRow(type=get_type_name(event), summary=_summarise(event), data=format_event(event))


def _summarise(event: Event) -> str:
    match event:
        case ev.UserSpoke():
            return event.text
        case ev.BotSpoke():
            return event.message.text or event.message.response or ""
        case ev.SlotWasSet():
            return f"{event.name} = {_shorten(event.value)}"
        case ev.ActionExecuted() | ev.ActionRejected():
            return event.name
        case ev.StackChanged():
            return " › ".join(frame.flow_id for frame in event.stack) or "(empty)"
        case (
            ev.FlowStarted()
            | ev.FlowInterrupted()
            | ev.FlowResumed()
            | ev.FlowCompleted()
            | ev.FlowCancelled()
        ):
            return event.flow_id
        case ev.TurnFailed():
            return event.reason or event.error_type
        case ev.OtherEvent():
            return event.type_name
        case _:
            return ""


def _shorten(value: SlotValue) -> str:
    text = value if isinstance(value, str) else encode_json(value).decode()
    return text if len(text) <= 60 else f"{text[:59]}…"


def describe_command(command: Command) -> str:
    """A command as a short line, such as `set amount = 50`."""
    match command:
        case cmd.StartFlow():
            return f"start {command.flow}"
        case cmd.SetSlot():
            return f"set {command.name} = {_shorten(command.value)}"
        case cmd.CorrectSlots():
            return "correct " + ", ".join(
                f"{slot.name} = {_shorten(slot.value)}" for slot in command.corrected_slots
            )
        case cmd.Clarify():
            return f"clarify {', '.join(command.options)}".strip()
        case cmd.CannotHandle():
            return f"cannot handle ({command.reason})"
        case cmd.ReportError():
            return f"error ({command.error_type})"
        case (
            cmd.CancelFlow()
            | cmd.ChitChat()
            | cmd.KnowledgeAnswer()
            | cmd.HumanHandoff()
            | cmd.SkipQuestion()
            | cmd.RepeatBotMessages()
            | cmd.SessionStart()
            | cmd.SessionEnd()
            | cmd.UserSilence()
            | cmd.Restart()
            | cmd.HandleCodeChange()
            | cmd.Noop()
            | cmd.ChangeFlow()
        ):
            return str(type(command).__struct_config__.tag)
        case _:
            assert_never(command)
