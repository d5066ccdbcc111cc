"""A report as JSON for programs; keys are only ever added."""

from pathlib import Path

import msgspec

from duologue.core.values import OpenData
from duologue.testing.du.comparison import format_command_line
from duologue.testing.du.report import CommandScore, DuCaseResult, DuReport, TurnJudgement

FORMAT_VERSION = 1


def write_json(report: DuReport, path: Path) -> None:
    """Write the report as one JSON object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(describe_report(report)), indent=2) + b"\n")


def describe_report(report: DuReport) -> OpenData:
    """The report as plain data; shares are from 0 to 1, times in milliseconds."""
    return {
        "version": FORMAT_VERSION,
        "passed": len(report.passed),
        "failed": len(report.failed),
        "not_run": report.cases_left,
        "messages": len(report.turns),
        "understood": report.right_turns,
        "accuracy": report.accuracy,
        "commands": [_describe_score(score) for score in report.score_commands()],
        "rungs": msgspec.to_builtins(report.score_rungs()),
        "latency": msgspec.to_builtins(report.latency),
        "tokens": msgspec.to_builtins(report.tokens),
        "messages_read": len(report.read_turns),
        "messages_without_model_call": report.turns_without_model,
        "action_troubles": msgspec.to_builtins(report.action_troubles),
        "problems": report.problems,
        "test_cases": [_describe_case(result) for result in report.results],
        "milliseconds": report.milliseconds,
    }


def _describe_score(score: CommandScore) -> OpenData:
    shares = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    return {**msgspec.to_builtins(score), **shares}


def _describe_case(result: DuCaseResult) -> OpenData:
    case = result.expected.case
    return {
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "passed": result.is_passed,
        "messages": [_describe_turn(turn) for turn in result.turns],
        "failures": msgspec.to_builtins(result.failures),
        "messages_left": result.turns_left,
        "milliseconds": result.milliseconds,
    }


def _describe_turn(turn: TurnJudgement) -> OpenData:
    compared = turn.comparison
    return {
        "user": turn.turn.text,
        "line": turn.turn.line,
        "understood": turn.is_right,
        "right": [format_command_line(command) for command in compared.right],
        "missed": [format_command_line(command) for command in compared.missed],
        "unexpected": [format_command_line(command) for command in compared.unexpected],
        "not_on_offer": [format_command_line(command) for command in turn.refused],
        "answered_by": turn.answered_by,
        "milliseconds": turn.milliseconds,
        "rungs": msgspec.to_builtins(turn.rungs),
        "calls": msgspec.to_builtins(turn.calls),
        "prompts": msgspec.to_builtins(turn.prompts),
    }
