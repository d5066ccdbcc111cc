"""Tests of understanding as values: what the user says, and the commands that it must be understood as."""

from typing import ClassVar

import msgspec

from duologue.project.e2e_tests import ConversationStep, TestCase, UserSays

PLACEHOLDER_RESPONSE = "placeholder_generated_answer"
"""`utter: placeholder_generated_answer` stands for a reply whose words nobody can foresee."""


class CommandLine(msgspec.Struct, frozen=True, kw_only=True):
    """A command as a test writes it, in one of the languages that models answer in."""

    text: str
    file: str = ""
    line: int = 0


class DuTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the user, and what must come of it."""

    said: UserSays
    commands: tuple[CommandLine, ...] | None = None
    """None if the message is not judged: it only leads on to the next one."""
    expected: tuple[ConversationStep, ...] = ()
    """What the assistant says and does then, once it has understood."""


class DuTestCase(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation; what its surroundings give is in `case`."""

    __test__: ClassVar[bool] = False
    """Its name must not make pytest collect it."""

    case: TestCase
    turns: tuple[DuTurn, ...]

    @property
    def name(self) -> str:
        return self.case.name

    @property
    def file(self) -> str:
        return self.case.file

    @property
    def line(self) -> int:
        return self.case.line
