"""A report as JSON for programs; keys are only ever added."""

from pathlib import Path

import msgspec

from duologue.core.values import OpenData
from duologue.testing.e2e.report import CaseResult, E2eReport

FORMAT_VERSION = 1


def write_json(report: E2eReport, path: Path) -> None:
    """Write the report as one JSON object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = msgspec.json.format(msgspec.json.encode(describe_report(report)), indent=2)
    path.write_bytes(written + b"\n")


def describe_report(report: E2eReport) -> OpenData:
    """The report as plain data."""
    return {
        "version": FORMAT_VERSION,
        "summary": {
            "tests": len(report.results),
            "passed": len(report.passed),
            "failed": len(report.failed),
            "not_judged": len(report.not_judged),
            "not_run": report.cases_left,
            "is_interrupted": report.is_interrupted,
            "exit_code": report.exit_code,
            "milliseconds": round(report.milliseconds, 3),
            "action_troubles": msgspec.to_builtins(report.action_troubles),
        },
        "kinds": [{**msgspec.to_builtins(kind), "percent": round(kind.percent, 1)} for kind in report.kinds],
        "understanding": msgspec.to_builtins(report.figures),
        "coverage": msgspec.to_builtins(report.coverage) if report.coverage else None,
        "tests": [_describe_result(result) for result in report.results],
    }


def _describe_result(result: CaseResult) -> OpenData:
    case = result.case
    return {
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "outcome": result.outcome,
        "kind": result.kind,
        "milliseconds": round(result.milliseconds, 3),
        "failures": msgspec.to_builtins(result.failures),
        "judgements": msgspec.to_builtins(result.judgements),
        "action_troubles": msgspec.to_builtins(result.action_troubles),
        "messages_not_sent": result.steps_left,
        "turns": msgspec.to_builtins(result.turns),
        "transcript": result.transcript,
    }
