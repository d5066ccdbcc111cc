"""A report as text for the terminal: what was misunderstood, then tables of how well each part does."""

from collections.abc import Iterable, Iterator, Sequence

from duologue.core.commands import Command
from duologue.testing.du.comparison import format_command_line
from duologue.testing.du.report import DuCaseResult, DuReport, Prompt, TurnJudgement
from duologue.testing.e2e.figures import Percentiles

_NONE = "-"


def format_result(result: DuCaseResult, *, has_prompts: bool = False) -> str:
    """One line for a test that passed; for one that failed also what was meant and what was understood."""
    case = result.expected.case
    head = f"{'passed' if result.is_passed else 'FAILED'}  {case.file}::{case.name}"
    lines = [head]
    for turn in result.turns:
        if not turn.is_right:
            lines += describe_misunderstanding(turn, case.file)
            lines += [f"    {line}" for line in _format_prompts(turn.prompts)] if has_prompts else []
    for failure in result.failures:
        lines.append(f"  {case.file}:{failure.line or case.line}: expected {failure.expected}")
        lines.append(f"    but {failure.happened}")
    if result.turns_left:
        lines.append(f"  … ended here; {_count(result.turns_left, 'message')} not judged")
    return "\n".join(lines)


def describe_misunderstanding(turn: TurnJudgement, file: str) -> Iterator[str]:
    """The message, and each command with `-` if it was missed and `+` if it was not meant."""
    yield f"  {file}:{turn.turn.line}: user: {turn.turn.text or '(nothing)'}"
    yield from (f"      {line}" for line in _format_commands(turn.comparison.right))
    yield from (f"    - {line}" for line in _format_commands(turn.comparison.missed))
    yield from (f"    + {line}" for line in _format_commands(turn.comparison.unexpected))
    if turn.refused:
        refused = ", ".join(f"`{line}`" for line in _format_commands(turn.refused))
        yield f"    the flows do not offer {refused} here; the test expects what cannot be done"
    yield (
        f"    ({turn.answered_by} answered: {turn.reason})"
        if turn.reason
        else f"    ({turn.answered_by} answered)"
    )


def _format_commands(commands: Iterable[Command]) -> Iterator[str]:
    return (format_command_line(command) for command in commands)


def _format_prompts(prompts: Sequence[Prompt]) -> Iterator[str]:
    for prompt in prompts:
        yield f"{prompt.model} was asked:"
        yield from (f"  | {line}" for line in (prompt.prefix + "\n" + prompt.prompt).splitlines())
        yield f"and failed: {prompt.failure}" if prompt.failure and not prompt.answer else "and said:"
        yield from (f"  | {line}" for line in prompt.answer.splitlines())


def format_summary(report: DuReport) -> str:
    """The tables, and one line that sums up."""
    parts = [
        _tell_troubles(report),
        format_commands_table(report),
        format_rungs_table(report),
        _format_costs(report),
        *report.problems,
        _sum_up(report),
    ]
    return "\n\n".join(part for part in parts if part)


def _tell_troubles(report: DuReport) -> str:
    return "\n".join(f"The action `{one.action}`: {one.reason}." for one in report.action_troubles)


def format_commands_table(report: DuReport) -> str:
    """A line for each kind of command."""
    rows = [
        (
            score.kind,
            str(score.expected),
            str(score.understood),
            str(score.right),
            _format_share(score.precision),
            _format_share(score.recall),
            _format_share(score.f1),
        )
        for score in report.score_commands()
    ]
    return _format_table(("command", "meant", "understood", "right", "precision", "recall", "f1"), rows)


def format_rungs_table(report: DuReport) -> str:
    """A line for each rung of the ladder, every one asked the same messages."""
    scores = report.score_rungs()
    has_failed = any(score.failed for score in scores)
    rows: list[tuple[str, ...]] = [
        (
            score.rung,
            str(score.asked),
            str(score.answered),
            str(score.right),
            _format_share(score.right / score.asked),
            _format_share(score.right / score.answered if score.answered else None),
            f"{score.milliseconds:.1f} ms",
            *([str(score.failed)] if has_failed else []),
        )
        for score in scores
    ]
    if rows:
        read = report.read_turns
        right = sum(turn.is_right for turn in read)
        whole = (
            *[str(len(read))] * 2,
            str(right),
            *[_format_share(right / len(read))] * 2,
            f"{report.latency.p50:.1f} ms",
        )
        rows.append(("the whole ladder", *whole, *([""] if has_failed else [])))
    heads = ("rung, asked alone", "asked", "answered", "right", "of asked", "of answered", "median")
    return _format_table((*heads, *(["failed"] if has_failed else [])), rows)


def _format_costs(report: DuReport) -> str:
    turns, without = len(report.read_turns), report.turns_without_model
    if not turns:
        return ""
    lines = [
        f"Latency of a message: {_format_percentiles(report.latency, ' ms', 1)}",
        f"Messages without a model call: {without} of {turns} ({100 * without / turns:.0f} %)",
    ]
    if without < turns:
        tokens = report.tokens
        lines += [
            f"Prompt tokens of the others: {_format_percentiles(tokens.input)}",
            f"  of them from a cache: {_format_percentiles(tokens.cached)}",
            f"Answer tokens: {_format_percentiles(tokens.output)}",
        ]
    return "\n".join(lines)


def _format_percentiles(values: Percentiles, unit: str = "", digits: int = 0) -> str:
    return ", ".join(
        f"{name} {value:,.{digits}f}{unit}"
        for name, value in (("p50", values.p50), ("p90", values.p90), ("p99", values.p99))
    )


def _sum_up(report: DuReport) -> str:
    turns = len(report.turns)
    share = f" ({100 * report.accuracy:.0f} %)" if report.accuracy is not None else ""
    parts = [f"{len(report.failed)} failed", f"{len(report.passed)} passed"]
    if report.cases_left:
        parts.append(f"{report.cases_left} not run")
    return (
        f"{report.right_turns} of {_count(turns, 'message')} understood{share}; "
        f"{', '.join(parts)} in {report.milliseconds / 1000:.2f} s"
    )


def _format_share(share: float | None) -> str:
    return _NONE if share is None else f"{share:.2f}"


def _format_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column flush left, numbers flush right; nothing without rows."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (heads, *rows)
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
