"""A report as text for the terminal: failures first to be found, then tables, then one line that sums up."""

from collections.abc import Iterator, Sequence

from duologue.testing.e2e.figures import Percentiles, RunFigures
from duologue.testing.e2e.report import CaseResult, E2eReport, Outcome
from duologue.testing.e2e.stub_actions import ActionTrouble

_SIGNS = {Outcome.PASSED: "passed", Outcome.FAILED: "FAILED", Outcome.NOT_JUDGED: "NOT JUDGED"}

_FEW = 3


def format_result(result: CaseResult) -> str:
    """One line for a test that passed; for any other also what was expected and what was said."""
    case = result.case
    head = f"{_SIGNS[result.outcome]}  {_name(result)}"
    if result.is_passed:
        return head
    if result.kind != case.kind:
        head += f"  ({result.kind})"
    return "\n".join([head, *_describe_failures(result)])


def _name(result: CaseResult) -> str:
    # A name is one line here, whatever it holds, so that it can be copied to the command line.
    return f"{result.case.file}::{' '.join(result.case.name.split())}"


def _describe_failures(result: CaseResult) -> Iterator[str]:
    for failure in result.failures:
        yield f"  {result.case.file}:{failure.line or result.case.line}: expected {failure.expected}"
        yield f"    but {failure.happened}"
    for judgement in result.unjudged:
        yield f"  {result.case.file}:{judgement.line}: not judged whether the reply is {judgement.question}"
        yield f"    {judgement.reason}"
    yield from (f"  {_tell_trouble(trouble)}" for trouble in result.action_troubles)
    yield "  the conversation:"
    yield from (f"    {line}" for line in "\n".join(result.transcript).splitlines())
    if result.steps_left:
        yield f"    … ended here; {_count(result.steps_left, 'message')} more not sent"


def _tell_trouble(trouble: ActionTrouble) -> str:
    happened = "is missing" if trouble.is_missing else "failed"
    return f"The action {trouble.action!r} {happened}: {trouble.reason.rstrip('.')}."


def format_failed_names(report: E2eReport) -> str:
    """The tests that did not pass, one a line, to be found after a long run; a few are found without."""
    missed = [result for result in report.results if not result.is_passed]
    if len(missed) <= _FEW:
        return ""
    return "\n".join(f"{_SIGNS[result.outcome]}  {_name(result)}" for result in missed)


def format_summary(report: E2eReport) -> str:
    """How many passed and failed, and what was left out."""
    lines = [_tell_trouble(trouble) for trouble in report.action_troubles]
    if report.not_judged:
        lines.append(
            f"{_count(len(report.not_judged), 'test')} could not be judged, and"
            f" {'does' if len(report.not_judged) == 1 else 'do'} not count as passed."
        )
    calls = report.figures.calls
    if calls and calls == report.figures.failed_calls:
        lines.append(
            f"No language model answered: {_count(calls, 'call')} failed; what is below it understood."
        )
    parts = [f"{len(report.failed)} failed", f"{len(report.passed)} passed"]
    if report.not_judged:
        parts.append(f"{len(report.not_judged)} not judged")
    if report.cases_left:
        parts.append(f"{report.cases_left} not run")
    end = "; interrupted" if report.is_interrupted else ""
    return "\n".join([*lines, f"{', '.join(parts)} in {report.milliseconds / 1000:.2f} s{end}"])


def format_tables(report: E2eReport) -> str:
    """How each kind of case did, and what understanding took."""
    if not report.results:
        return ""
    return "\n".join([*_tell_kinds(report), "", *_tell_rungs(report.figures), *_tell_costs(report.figures)])


def _tell_kinds(report: E2eReport) -> Iterator[str]:
    rows = [
        (
            str(kind.kind),
            str(kind.cases),
            str(kind.passed),
            f"{kind.percent:.0f} %",
            str(kind.action_troubles),
        )
        for kind in report.kinds
    ]
    passed = len(report.passed)
    troubled = sum(kind.action_troubles for kind in report.kinds)
    share = f"{100 * passed / len(report.results):.0f} %"
    rows.append(("all", str(len(report.results)), str(passed), share, str(troubled)))
    head = ("kind", "cases", "passed", "share", "failed with an action missing or failing")
    width = 5 if troubled else 4
    yield from _align([head[:width], *(row[:width] for row in rows)])


def _tell_rungs(figures: RunFigures) -> Iterator[str]:
    rows = [
        (rung.rung, *map(str, (rung.turns, rung.in_passed, rung.in_failed, rung.failed_there)))
        for rung in figures.rungs
    ]
    head = ("understood by", "messages", "in passed tests", "in failed tests", "failed there")
    yield from _align([head, *rows])


def _tell_costs(figures: RunFigures) -> Iterator[str]:
    if figures.turns:
        share = 100 * figures.turns_without_model / figures.turns
        yield (
            f"{figures.turns_without_model:,} of {_count(figures.turns, 'message')} ({share:.0f} %)"
            " understood without a call of a language model"
        )
    if figures.calls:
        failed = f", {figures.failed_calls:,} of them failed" if figures.failed_calls else ""
        yield (
            f"{_count(figures.calls, 'call')}{failed}: {figures.input_tokens:,} tokens in"
            f" ({figures.cached_tokens:,} from the cache), {figures.output_tokens:,} out"
        )
    yield f"understanding took {_tell_percentiles(figures.understanding)}; a turn {_tell_percentiles(figures.turn)}"


def _tell_percentiles(times: Percentiles) -> str:
    return f"{times.p50:.1f} / {times.p90:.1f} / {times.p99:.1f} ms (p50 / p90 / p99)"


def _align(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns: the first to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *others in rows:
        figures = (f"{text:>{width}}" for text, width in zip(others, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *figures]).rstrip()


def format_coverage(report: E2eReport) -> str:
    """A line for each flow: how much of it the tests came through, and which steps they missed."""
    coverage = report.coverage
    if coverage is None or not coverage.flows:
        return "There are no flows to cover."
    width = max(len("all flows"), *(len(flow.flow_id) for flow in coverage.flows))
    lines = [
        f"{flow.flow_id:<{width}}  {flow.percent:5.1f} %  of {_count(flow.steps, 'step')}"
        + (f"; missed: {', '.join(flow.missed)}" if flow.missed else "")
        for flow in coverage.flows
    ]
    total = f"{'all flows':<{width}}  {coverage.percent:5.1f} %  of {_count(coverage.steps, 'step')}"
    return "\n".join([*lines, total])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
