"""Results written as test files, which can be run again: those that passed, and those that failed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import assert_never

import msgspec

from duologue.core.values import OpenData
from duologue.project.du_tests import DuTurn
from duologue.project.e2e_tests import (
    BotSays,
    BotUtters,
    ConversationStep,
    SlotExpectation,
    SlotsAreNotSet,
    SlotsAreSet,
    TestCase,
    UserSays,
)
from duologue.testing.du.report import DuCaseResult, DuReport
from duologue.testing.du.report_text import describe_misunderstanding

PASSED_FILE = "dialogue_understanding_tests_passed.yml"
FAILED_FILE = "dialogue_understanding_tests_failed.yml"


def write_result_files(report: DuReport, folder: Path) -> tuple[Path, Path]:
    """Write both files into a folder; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    passed, failed = folder / PASSED_FILE, folder / FAILED_FILE
    passed.write_text(format_results(report.passed), encoding="utf-8")
    failed.write_text(format_results(report.failed), encoding="utf-8")
    return passed, failed


def format_results(results: Iterable[DuCaseResult]) -> str:
    """The test cases as a test file, with what was misunderstood as a comment above each case."""
    # Values are written as JSON, which is YAML as well, so that no text needs a quoting rule of its own.
    results = list(results)
    plain = [result.expected.case.case for result in results]
    fixtures = [line for case in plain if case.slots for line in _format_fixture(case)]
    stubs = [line for case in plain for line in _format_stubs(case)]
    cases = [line for result in results for line in _format_case(result)]
    return "\n".join(
        [
            *(["fixtures:", *fixtures] if fixtures else []),
            *(["stub_custom_actions:", *stubs] if stubs else []),
            *(["test_cases:", *cases] if cases else ["test_cases: []"]),
            "",
        ]
    )


def _format_fixture(case: TestCase) -> Iterator[str]:
    yield f"  - {_quote(case.name)}: {_quote([{name: value} for name, value in case.slots.items()])}"


def _format_stubs(case: TestCase) -> Iterator[str]:
    for name, stub in case.stubs.items():
        yield f"  {_quote(f'{case.name}::{name}')}: {_quote(msgspec.to_builtins(stub))}"


def _format_case(result: DuCaseResult) -> Iterator[str]:
    case = result.expected.case.case
    yield from (f"  # {line.strip()}" for line in _describe(result))
    yield f"  - test_case: {_quote(case.name)}"
    if case.slots:
        yield f"    fixtures: {_quote([case.name])}"
    if case.metadata:
        yield f"    metadata: {_quote(case.metadata)}"
    yield "    steps:"
    for turn in result.expected.case.turns:
        yield f"      - {_quote(_format_said(turn))}"
        for step in turn.expected:
            yield f"      - {_quote(_format_step(step))}"


def _describe(result: DuCaseResult) -> Iterator[str]:
    case = result.expected.case
    for turn in result.turns:
        if not turn.is_right:
            yield from describe_misunderstanding(turn, case.file)
    for failure in result.failures:
        told = f"{case.file}:{failure.line}: expected {failure.expected}, but {failure.happened}"
        yield from told.splitlines()


def _format_said(turn: DuTurn) -> OpenData:
    said: OpenData = {"user": turn.said.text}
    if turn.said.metadata:
        said["metadata"] = turn.said.metadata
    if turn.commands is not None:
        said["commands"] = [line.text for line in turn.commands]
    return said


def _format_step(step: ConversationStep) -> OpenData:
    match step:
        case BotSays():
            return {"bot": step.text}
        case BotUtters():
            return {"utter": step.response}
        case SlotsAreSet():
            return {"slot_was_set": [_format_slot(slot) for slot in step.slots]}
        case SlotsAreNotSet():
            return {"slot_was_not_set": [_format_slot(slot) for slot in step.slots]}
        case UserSays():
            raise ValueError("A message of the user begins a turn of its own.")
        case _:
            assert_never(step)


def _format_slot(slot: SlotExpectation) -> object:
    return slot.name if slot.is_any_value else {slot.name: slot.value}


def _quote(value: object) -> str:
    return msgspec.json.encode(value).decode()
