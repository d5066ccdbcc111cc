"""The commands that a test expects: its lines are parsed and checked against the project before anything is run."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from duologue.core import commands as cmd
from duologue.core.commands import Command
from duologue.project.definition import AssistantDefinition
from duologue.project.du_tests import CommandLine, DuTestCase, DuTurn
from duologue.project.problems import Problem, Severity, find_nearest, suggest_name
from duologue.understanding.generators.dsl import parse_answer

VERBS = (
    "start flow",
    "set slot",
    "cancel flow",
    "disambiguate flows",
    "provide info",
    "search and reply",
    "offtopic reply",
    "hand over",
    "skip question",
    "repeat message",
    "cannot handle",
    "StartFlow",
    "SetSlot",
    "CancelFlow",
    "Clarify",
    "SearchAndReply",
    "ChitChat",
    "HumanHandoff",
    "SkipQuestion",
    "RepeatLastBotMessages",
)


class ExpectedTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the user and the commands that it must be understood as."""

    turn: DuTurn
    commands: tuple[Command, ...] | None = None
    """None if the message is not judged."""

    @property
    def text(self) -> str:
        return self.turn.said.text

    @property
    def line(self) -> int:
        return self.turn.said.line


class ExpectedCase(msgspec.Struct, frozen=True, kw_only=True):
    """One test case, ready to be run."""

    case: DuTestCase
    turns: tuple[ExpectedTurn, ...]


class ExpectationReading(msgspec.Struct, frozen=True, kw_only=True):
    """The test cases with their commands, and the lines that cannot be meant."""

    cases: tuple[ExpectedCase, ...]
    problems: tuple[Problem, ...] = ()


def parse_expectations(cases: Sequence[DuTestCase], definition: AssistantDefinition) -> ExpectationReading:
    """Parse the commands of all test cases, and check that the project has the flows and slots they name."""
    parser = _Parser(definition)
    parsed = [
        ExpectedCase(
            case=case,
            turns=tuple(ExpectedTurn(turn=turn, commands=parser.parse(turn.commands)) for turn in case.turns),
        )
        for case in cases
    ]
    return ExpectationReading(cases=tuple(parsed), problems=tuple(dict.fromkeys(parser.problems)))


class _Parser:
    def __init__(self, definition: AssistantDefinition) -> None:
        self.problems: list[Problem] = []
        self._slots = definition.domain.slots.keys()
        self._flows = [flow.id for flow in definition.flows if not flow.is_pattern]

    def parse(self, lines: Sequence[CommandLine] | None) -> tuple[Command, ...] | None:
        if lines is None:
            return None
        return tuple(command for line in lines for command in self._parse_line(line))

    def _parse_line(self, line: CommandLine) -> Iterator[Command]:
        answer = parse_answer(line.text)
        if answer.unread_lines or not answer.commands:
            self._refuse(line, f"`{line.text}` is no command.", _suggest_verb(line.text))
            return
        for command in answer.commands:
            self._check(command, line)
            yield command

    def _check(self, command: Command, line: CommandLine) -> None:
        match command:
            case cmd.StartFlow(flow=flow):
                self._check_name("flow", flow, self._flows, line)
            case cmd.Clarify(options=options):
                for flow in options:
                    self._check_name("flow", flow, self._flows, line)
            case cmd.SetSlot(name=name):
                self._check_name("slot", name, self._slots, line)
            case _:
                pass

    def _check_name(self, what: str, name: str, known: Iterable[str], line: CommandLine) -> None:
        if name not in known:
            self._refuse(line, f"There is no {what} `{name}`.", suggest_name(name, known))

    def _refuse(self, line: CommandLine, message: str, hint: str) -> None:
        self.problems.append(
            Problem(severity=Severity.ERROR, file=line.file, line=line.line, message=message, hint=hint)
        )


def _suggest_verb(text: str) -> str:
    """The command whose first words were probably meant."""
    words = text.split("(", maxsplit=1)[0].split()
    for count in (2, 1):
        nearest = find_nearest(" ".join(words[:count]), VERBS)
        if nearest is not None:
            return f"Did you mean `{nearest}`?"
    return f"Commands begin with {', '.join(VERBS[:5])} and so on."
