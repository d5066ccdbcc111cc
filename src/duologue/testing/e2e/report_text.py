"""A report as text for the terminal: failures first to be found, then one line that sums up."""

from collections.abc import Iterator

from duologue.testing.e2e.report import CaseResult, E2eReport


def format_result(result: CaseResult) -> str:
    """One line for a test that passed; for one that failed also what was expected and what was said."""
    case = result.case
    sign = "passed" if result.is_passed else "FAILED"
    head = f"{sign}  {case.file}::{case.name}"
    return head if result.is_passed else "\n".join([head, *_describe_failures(result)])


def _describe_failures(result: CaseResult) -> Iterator[str]:
    for failure in result.failures:
        yield f"  {result.case.file}:{failure.line or result.case.line}: expected {failure.expected}"
        yield f"    but {failure.happened}"
    yield "  the conversation:"
    yield from (f"    {line}" for line in "\n".join(result.transcript).splitlines())
    if result.steps_left:
        yield f"    … ended here; {_count(result.steps_left, 'message')} more not sent"


def format_summary(report: E2eReport) -> str:
    """How many passed and failed, and what was left out."""
    lines = [
        f"The action {name!r} is missing: its code is not here, and no test stubs it."
        for name in report.missing_actions
    ]
    parts = [f"{len(report.failed)} failed", f"{len(report.passed)} passed"]
    if report.cases_left:
        parts.append(f"{report.cases_left} not run")
    if report.judgements_left:
        lines.append(
            f"{_count(report.judgements_left, 'assertion')} not run: a generated reply needs a language model as its judge."
        )
    return "\n".join([*lines, f"{', '.join(parts)} in {report.milliseconds / 1000:.2f} s"])


def format_coverage(report: E2eReport) -> str:
    """A line for each flow: how much of it the tests came through, and which steps they missed."""
    if not report.coverage:
        return "There are no flows to cover."
    width = max(len(flow.flow_id) for flow in report.coverage)
    lines = [
        f"{flow.flow_id:<{width}}  {flow.percent:5.1f} %  of {_count(flow.steps, 'step')}"
        + (f"; missed: {', '.join(flow.missed)}" if flow.missed else "")
        for flow in report.coverage
    ]
    steps = sum(flow.steps for flow in report.coverage)
    missed = sum(len(flow.missed) for flow in report.coverage)
    percent = 100 * (steps - missed) / steps if steps else 100.0
    return "\n".join([*lines, f"{'all flows':<{width}}  {percent:5.1f} %  of {_count(steps, 'step')}"])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
