"""Tests of understanding are read: end-to-end tests whose `user` steps carry `commands`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from duologue.project.du_tests import PLACEHOLDER_RESPONSE, CommandLine, DuTestCase, DuTurn
from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.e2e_tests import BotUtters, ConversationStep, TestCase, UserSays
from duologue.project.fields import Fields, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.places import Place
from duologue.project.problems import Problem, Problems, Severity
from duologue.project.yaml_reader import UnreadableFileError, read_yaml

_Written: TypeAlias = tuple[CommandLine, ...] | None
_CaseKey: TypeAlias = tuple[str, str, int]


class DuReading(msgspec.Struct, frozen=True, kw_only=True):
    """The test cases in the order of the files, and what is wrong with them."""

    test_cases: tuple[DuTestCase, ...]
    problems: Problems


def read_du_tests(target: Path, *, root: Path, only: str | None = None) -> DuReading:
    """Read the tests of a file, or of all files below a folder.

    Fixtures, metadata, stubs and `conftest.yml` are those of end-to-end tests; see `read_e2e_tests`.

    Args:
        root: `conftest.yml` files count from here down to the test; messages name files relative to it.
        only: the name of the one test case wanted.
    """
    reading = read_e2e_tests(target, root=root, only=only)
    problems = Problems(reading.problems)
    written: dict[_CaseKey, list[_Written]] = {}
    for file in dict.fromkeys(case.file for case in reading.test_cases):
        written.update(_read_commands(root.absolute() / file, root.absolute(), problems))
    cases = tuple(
        DuTestCase(case=case, turns=tuple(_join(case, written.get(_key(case), []), problems)))
        for case in reading.test_cases
    )
    for case in cases:
        _warn_of_nothing_to_judge(case, problems)
    return DuReading(test_cases=cases, problems=problems)


def _key(case: TestCase) -> _CaseKey:
    return case.file, case.name, case.line


def _read_commands(path: Path, root: Path, problems: Problems) -> dict[_CaseKey, list[_Written]]:
    """The `commands` of every `user` step of a file, in order, by its case."""
    try:
        source = read_yaml(path, root=root)
    except UnreadableFileError:
        return {}  # it was readable a moment ago; that it no longer is was not the author's slip
    if not is_mapping(source.value):
        return {}
    # What is wrong with the rest of the file has been said by the reader of end-to-end tests.
    unheard = Problems()
    fields = Fields(with_text_keys(source.value), Place(source), unheard)
    return {
        (case.place.file, case.text("test_case") or "", case.place.line): [
            _read_lines(Fields(step.data, step.place, problems))
            for step in case.entries("steps")
            if "user" in step.data
        ]
        for case in fields.entries("test_cases")
    }


def _read_lines(step: Fields) -> _Written:
    if "commands" not in step.data:
        return None
    value = step.data["commands"]
    if is_scalar(value):
        return _split(text_of(value), step.place.at("commands"))
    lines: list[CommandLine] = []
    for place, item in step.items("commands"):
        if is_scalar(item):
            lines += _split(text_of(item), place)
        else:
            step.refuse_at(
                place, "A command of a test is a line of text, such as `start flow transfer_money`."
            )
    return tuple(lines)


def _split(text: str, place: Place) -> tuple[CommandLine, ...]:
    """A block of text holds a command a line."""
    return tuple(
        CommandLine(text=line.strip(), file=place.file, line=place.line)
        for line in text.splitlines()
        if line.strip()
    )


def _join(case: TestCase, written: Sequence[_Written], problems: Problems) -> Iterator[DuTurn]:
    remaining = iter(written)
    steps = list(case.steps)
    if steps and not isinstance(steps[0], UserSays):
        place = case.line if not steps[0].line else steps[0].line
        problems.add(
            _make_warning(
                case.file,
                place,
                "A test of understanding begins with a `user` step; what stands before it is ignored.",
            )
        )
    for number, step in enumerate(steps):
        if isinstance(step, UserSays):
            yield DuTurn(
                said=step, commands=next(remaining, None), expected=tuple(_take_expected(steps[number + 1 :]))
            )


def _take_expected(steps: Sequence[ConversationStep]) -> Iterator[ConversationStep]:
    """The steps up to the next message, without replies whose words nobody can foresee."""
    for step in steps:
        if isinstance(step, UserSays):
            return
        if not (isinstance(step, BotUtters) and step.response == PLACEHOLDER_RESPONSE):
            yield step


def _warn_of_nothing_to_judge(case: DuTestCase, problems: Problems) -> None:
    if all(turn.commands is None for turn in case.turns):
        problems.add(
            _make_warning(
                case.file,
                case.line,
                f"No `user` step of the test case `{case.name}` has `commands`, so nothing is judged.",
            )
        )


def _make_warning(file: str, line: int, message: str) -> Problem:
    return Problem(severity=Severity.WARNING, file=file, line=line, message=message)
