"""Commands that were understood, compared with those that a test expects: in any order, by what the flows accept."""

from collections.abc import Iterable, Sequence

import msgspec

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.core.values import SlotValue
from duologue.dialogue.clean_up import clean_up
from duologue.flows.offers import Offers


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How the two sides fit together."""

    right: tuple[Command, ...] = ()
    """Expected and understood."""
    missed: tuple[Command, ...] = ()
    """Expected and not understood."""
    unexpected: tuple[Command, ...] = ()
    """Understood and not expected."""

    @property
    def is_right(self) -> bool:
        return not self.missed and not self.unexpected

    @property
    def expected(self) -> tuple[Command, ...]:
        return self.right + self.missed

    @property
    def understood(self) -> tuple[Command, ...]:
        return self.right + self.unexpected


def compare(expected: Sequence[Command], understood: Sequence[Command]) -> Comparison:
    """Match each expected command with one that was understood; both sides as `accept` or `settle` gave them."""
    remaining = list(understood)
    right: list[Command] = []
    missed: list[Command] = []
    for wanted in expected:
        fitting = next((command for command in remaining if _is_same(wanted, command)), None)
        if fitting is None:
            missed.append(wanted)
        else:
            remaining.remove(fitting)
            right.append(wanted)
    return Comparison(right=tuple(right), missed=tuple(missed), unexpected=tuple(remaining))


def accept(commands: Sequence[Command], offers: Offers) -> tuple[Command, ...]:
    """What the flows accept of commands in this state; a correction counts as the slots that it sets."""
    return tuple(_flatten(clean_up(commands, offers)))


def settle(expected: Sequence[Command], offers: Offers) -> tuple[tuple[Command, ...], tuple[Command, ...]]:
    """Expected commands as the flows accept them, and those among them that are not on offer in this state.

    What is already so, such as a slot with this very value, is not expected to be understood again.
    """
    accepted = list(accept(expected, offers))
    if not any(isinstance(command, cmd.CannotHandle) for command in expected):
        accepted = [command for command in accepted if not isinstance(command, cmd.CannotHandle)]
    refused = [
        command
        for command in _flatten(expected)
        if isinstance(command, cmd.StartFlow | cmd.SetSlot | cmd.CancelFlow | cmd.SkipQuestion)
        and not any(_names_the_same(command, other) for other in accepted)
        and clean_up((command,), offers) != (cmd.Noop(),)
    ]
    return (*accepted, *refused), tuple(refused)


def _flatten(commands: Iterable[Command]) -> Iterable[Command]:
    for command in commands:
        match command:
            case cmd.CorrectSlots():
                yield from command.corrected_slots
            case cmd.Noop():
                pass
            case _:
                yield command


def _names_the_same(one: Command, other: Command) -> bool:
    match one, other:
        case cmd.SetSlot(), cmd.SetSlot():
            return one.name == other.name
        case cmd.StartFlow(), cmd.StartFlow():
            return one.flow == other.flow
        case _:
            return type(one) is type(other)


def _is_same(wanted: Command, command: Command) -> bool:
    match wanted, command:
        case cmd.SetSlot(), cmd.SetSlot():
            return wanted.name == command.name and _is_same_value(wanted.value, command.value)
        case cmd.StartFlow(), cmd.StartFlow():
            return wanted.flow == command.flow
        case cmd.Clarify(), cmd.Clarify():
            return not wanted.options or set(wanted.options) == set(command.options)
        case _:
            return type(wanted) is type(command)


def _is_same_value(wanted: SlotValue, value: SlotValue) -> bool:
    # Values are fitted to their slot's type by now; a slot of any type gets text from one rung and numbers from another.
    if isinstance(wanted, str) and isinstance(value, str):
        return wanted.strip() == value.strip()
    if isinstance(wanted, str) != isinstance(value, str) and None not in (wanted, value):
        return _spell(wanted) == _spell(value)
    return wanted == value and isinstance(wanted, bool) is isinstance(value, bool)


def _spell(value: SlotValue) -> str:
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().casefold()


def format_command_line(command: Command) -> str:
    """The command as a test writes it."""
    match command:
        case cmd.StartFlow():
            return f"start flow {command.flow}"
        case cmd.SetSlot():
            return f"set slot {command.name} {_format_value(command.value)}"
        case cmd.Clarify():
            return " ".join(("disambiguate flows", *command.options))
        case cmd.CancelFlow():
            return "cancel flow"
        case cmd.KnowledgeAnswer():
            return "provide info"
        case cmd.ChitChat():
            return "offtopic reply"
        case cmd.HumanHandoff():
            return "hand over"
        case cmd.RepeatBotMessages():
            return "repeat message"
        case _:
            return name_kind(command)


def _format_value(value: SlotValue) -> str:
    if isinstance(value, str):
        return value
    return _spell(value) if isinstance(value, float) else msgspec.json.encode(value).decode()


def name_kind(command: Command) -> str:
    """The kind of a command, such as `set slot`."""
    return str(command.__struct_config__.tag)
