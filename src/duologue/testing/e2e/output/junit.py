"""A report as JUnit XML, which GitLab, GitHub, Jenkins and others show beside a change."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from duologue.testing.e2e.report import CaseResult, E2eReport, Outcome

# XML 1.0 has no way to write these, not even escaped.
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(report: E2eReport, path: Path) -> None:
    """Write the report; a test that could not be judged is an `error`, one that failed a `failure`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_junit(report), encoding="utf-8")


def format_junit(report: E2eReport) -> str:
    """A suite for each file, in the order of the files."""
    by_file: dict[str, list[CaseResult]] = {}
    for result in report.results:
        by_file.setdefault(result.case.file, []).append(result)
    root = ET.Element("testsuites", _count(report.results))
    for file, results in by_file.items():
        suite = ET.SubElement(root, "testsuite", {"name": _clean(file), **_count(results)})
        for result in results:
            _add_case(suite, result)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _count(results: Sequence[CaseResult]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(result.outcome is Outcome.FAILED for result in results)),
        "errors": str(sum(result.outcome is Outcome.NOT_JUDGED for result in results)),
        "skipped": "0",
        "time": _seconds(sum(result.milliseconds for result in results)),
    }


def _add_case(suite: ET.Element, result: CaseResult) -> None:
    case = result.case
    element = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _clean(case.file),
            "name": _clean(case.name),
            "file": _clean(case.file),
            "line": str(case.line),
            "time": _seconds(result.milliseconds),
        },
    )
    properties = ET.SubElement(element, "properties")
    ET.SubElement(properties, "property", {"name": "kind", "value": str(result.kind)})
    if result.failures:
        first = result.failures[0]
        told = [
            f"{case.file}:{failure.line or case.line}: expected {failure.expected}, but {failure.happened}"
            for failure in result.failures
        ]
        failure = ET.SubElement(
            element, "failure", {"type": "assertion", "message": _clean(f"expected {first.expected}")}
        )
        failure.text = _clean("\n".join([*told, "", *result.transcript]))
    elif result.unjudged:
        reasons = [f"{case.file}:{one.line}: {one.question}: {one.reason}" for one in result.unjudged]
        error = ET.SubElement(
            element, "error", {"type": "not judged", "message": _clean(result.unjudged[0].reason)}
        )
        error.text = _clean("\n".join([*reasons, "", *result.transcript]))


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
