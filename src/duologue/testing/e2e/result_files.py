"""Results written as test files, which can be run again: those that passed, and those that failed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import assert_never

import msgspec

from duologue.core.values import OpenData
from duologue.project.e2e_tests import (
    ActionExecutedAssertion,
    Assertion,
    BotDidNotUtterAssertion,
    BotSays,
    BotUtteredAssertion,
    BotUtters,
    ClarificationAssertion,
    ConversationStep,
    FlowCancelledAssertion,
    FlowCompletedAssertion,
    FlowStartedAssertion,
    JudgedAssertion,
    SlotExpectation,
    SlotsAreNotSet,
    SlotsAreSet,
    SlotsNotSetAssertion,
    SlotsSetAssertion,
    TestCase,
    UserSays,
)
from duologue.testing.e2e.report import CaseResult, E2eReport

PASSED_FILE = "e2e_results_passed.yml"
FAILED_FILE = "e2e_results_failed.yml"


def write_result_files(report: E2eReport, folder: Path) -> tuple[Path, Path]:
    """Write both files into a folder; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    passed, failed = folder / PASSED_FILE, folder / FAILED_FILE
    passed.write_text(format_results(report.passed), encoding="utf-8")
    failed.write_text(format_results(report.failed), encoding="utf-8")
    return passed, failed


def format_results(results: Iterable[CaseResult]) -> str:
    """The test cases as a test file, each failure as a comment above its case."""
    # Values are written as JSON, which is YAML as well, so that no text needs a quoting rule of its own.
    results = list(results)
    fixtures = [line for result in results if result.case.slots for line in _format_fixture(result.case)]
    stubs = [line for result in results for line in _format_stubs(result.case)]
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


def _format_case(result: CaseResult) -> Iterator[str]:
    case = result.case
    for failure in result.failures:
        told = f"{case.file}:{failure.line}: expected {failure.expected}, but {failure.happened}"
        yield from (f"  # {line}" for line in told.splitlines())
    yield f"  - test_case: {_quote(case.name)}"
    if case.slots:
        yield f"    fixtures: {_quote([case.name])}"
    if case.metadata:
        yield f"    metadata: {_quote(case.metadata)}"
    yield "    steps:"
    for step in case.steps:
        yield f"      - {_quote(_format_step(step))}"


def _quote(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _format_step(step: ConversationStep) -> OpenData:
    match step:
        case UserSays():
            said: OpenData = {"user": step.text}
            if step.metadata:
                said["metadata"] = step.metadata
            if step.assertions is not None:
                said["assertions"] = [_format_assertion(assertion) for assertion in step.assertions]
            return said
        case BotSays():
            return {"bot": step.text}
        case BotUtters():
            return {"utter": step.response}
        case SlotsAreSet():
            return {"slot_was_set": [_format_slot_step(slot) for slot in step.slots]}
        case SlotsAreNotSet():
            return {"slot_was_not_set": [_format_slot_step(slot) for slot in step.slots]}
        case _:
            assert_never(step)


def _format_slot_step(slot: SlotExpectation) -> object:
    return slot.name if slot.is_any_value else {slot.name: slot.value}


def _format_assertion(assertion: Assertion) -> OpenData:
    match assertion:
        case FlowStartedAssertion():
            return {"flow_started": _format_choice(assertion)}
        case ClarificationAssertion():
            return {"pattern_clarification_contains": _format_choice(assertion)}
        case FlowCompletedAssertion():
            return {"flow_completed": _format_flow_end(assertion)}
        case FlowCancelledAssertion():
            return {"flow_cancelled": _format_flow_end(assertion)}
        case SlotsSetAssertion():
            return {"slot_was_set": [_format_slot_assertion(slot) for slot in assertion.slots]}
        case SlotsNotSetAssertion():
            return {"slot_was_not_set": [_format_slot_assertion(slot) for slot in assertion.slots]}
        case ActionExecutedAssertion():
            return {"action_executed": assertion.action}
        case BotUtteredAssertion():
            return {"bot_uttered": _format_utterance(assertion)}
        case BotDidNotUtterAssertion():
            return {"bot_did_not_utter": _format_utterance(assertion)}
        case JudgedAssertion():
            return {f"generative_response_is_{assertion.question}": _format_judged(assertion)}
        case _:
            assert_never(assertion)


def _format_choice(assertion: FlowStartedAssertion | ClarificationAssertion) -> OpenData:
    return {"operator": assertion.operator, "flow_ids": assertion.flow_ids}


def _format_flow_end(assertion: FlowCompletedAssertion | FlowCancelledAssertion) -> OpenData:
    return _leave_out_none({"flow_id": assertion.flow_id, "flow_step_id": assertion.step_id})


def _format_slot_assertion(slot: SlotExpectation) -> OpenData:
    return {"name": slot.name} if slot.is_any_value else {"name": slot.name, "value": slot.value}


def _format_utterance(assertion: BotUtteredAssertion | BotDidNotUtterAssertion) -> OpenData:
    buttons = [_leave_out_none(msgspec.to_builtins(button)) for button in assertion.buttons]
    return _leave_out_none(
        {
            "utter_name": assertion.utter_name,
            "text_matches": assertion.text_matches,
            "buttons": buttons or None,
        }
    )


def _format_judged(assertion: JudgedAssertion) -> OpenData:
    return _leave_out_none(
        {
            "threshold": assertion.threshold,
            "ground_truth": assertion.ground_truth,
            "utter_name": assertion.utter_name,
            "utter_source": assertion.utter_source,
        }
    )


def _leave_out_none(data: OpenData) -> OpenData:
    return {name: value for name, value in data.items() if value is not None}
