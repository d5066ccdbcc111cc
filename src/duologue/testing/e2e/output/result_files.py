"""Results written as test files, which can be run again: those that passed, and those that failed."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import assert_never

import msgspec

from duologue.core.values import OpenData
from duologue.project.e2e_reader import FAILED_FILE, PASSED_FILE
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


def write_result_files(report: E2eReport, target: Path) -> tuple[Path, Path]:
    """Write both files, into a folder or beside a file that is named: `run.yml` makes `run_passed.yml`.

    Tests that could not be judged stand with those that failed, so that they are run again with them.
    """
    if target.suffix in (".yml", ".yaml"):
        folder = target.parent
        passed, failed = (folder / f"{target.stem}_{end}{target.suffix}" for end in ("passed", "failed"))
    else:
        folder, passed, failed = target, target / PASSED_FILE, target / FAILED_FILE
    folder.mkdir(parents=True, exist_ok=True)
    passed.write_text(format_results(report.passed), encoding="utf-8")
    rest = [result for result in report.results if not result.is_passed]
    failed.write_text(format_results(rest), encoding="utf-8")
    return passed, failed


def format_results(results: Iterable[CaseResult]) -> str:
    """The test cases as a test file; above each, as comments, where it stands and what failed."""
    # Values are written as JSON, which is YAML as well, so that no text needs a quoting rule of its own.
    results = list(results)
    fixtures = _name_fixtures([result.case for result in results])
    named = [f"  - {_quote(name)}: {slots}" for slots, name in fixtures.items()]
    cases = [line for result in results for line in _format_case(result, fixtures)]
    return "\n".join(
        [
            *(["fixtures:", *named] if named else []),
            *(["test_cases:", *cases] if cases else ["test_cases: []"]),
            "",
        ]
    )


def _name_fixtures(cases: Iterable[TestCase]) -> dict[str, str]:
    """The slots of each case, as they are written, to a name: cases of one name may have different ones."""
    fixtures: dict[str, str] = {}
    taken: set[str] = set()
    for case in cases:
        slots = _format_slots(case)
        if not case.slots or slots in fixtures:
            continue
        name = case.name
        while name in taken:
            name = f"{case.name} ({len(taken)})"
        taken.add(name)
        fixtures[slots] = name
    return fixtures


def _format_slots(case: TestCase) -> str:
    return _quote([{name: value} for name, value in case.slots.items()])


def _format_case(result: CaseResult, fixtures: Mapping[str, str]) -> Iterator[str]:
    case = result.case
    yield f"  # {mark_origin(case)}"
    for told in _tell_troubles(result):
        yield from (f"  # {line}" for line in told.splitlines())
    yield f"  - test_case: {_quote(case.name)}"
    if case.kind is not None:
        yield f"    kind: {case.kind}"
    if case.slots:
        yield f"    fixtures: {_quote([fixtures[_format_slots(case)]])}"
    if case.metadata:
        yield f"    metadata: {_quote(case.metadata)}"
    if case.stubs:
        yield f"    stub_custom_actions: {_quote(msgspec.to_builtins(case.stubs))}"
    yield "    steps:"
    for step in case.steps:
        yield f"      - {_quote(_format_step(step))}"


def mark_origin(case: TestCase) -> str:
    """Where a case stands, as the result files say it above the case."""
    return f"from {case.file}:{case.line}"


def _tell_troubles(result: CaseResult) -> Iterator[str]:
    file = result.case.file
    for failure in result.failures:
        yield f"{file}:{failure.line}: expected {failure.expected}, but {failure.happened}"
    for judgement in result.unjudged:
        yield f"{file}:{judgement.line}: not judged whether {judgement.question}: {judgement.reason}"


def _quote(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _format_step(step: ConversationStep) -> OpenData:
    match step:
        case UserSays():
            said: OpenData = {"user": step.text}
            if step.metadata:
                said["metadata"] = step.metadata
            if step.assertions is not None:
                if step.is_ordered:
                    said["assertion_order_enabled"] = True
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
