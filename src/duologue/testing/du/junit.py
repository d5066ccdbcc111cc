"""A report as JUnit XML, which GitLab, GitHub, Jenkins and others show beside a change."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from duologue.testing.du.report import DuCaseResult, DuReport
from duologue.testing.du.report_text import format_result

# XML 1.0 has no way to write these, not even escaped.
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(report: DuReport, path: Path) -> None:
    """Write the report: a test case for each conversation, and an `error` if the run itself went wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_junit(report), encoding="utf-8")


def format_junit(report: DuReport) -> str:
    """One suite with every test case."""
    suite = ET.Element(
        "testsuite",
        {
            "name": "dialogue understanding",
            "tests": str(len(report.results) + len(report.problems)),
            "failures": str(len(report.failed)),
            "errors": str(len(report.problems)),
            "time": _seconds(report.milliseconds),
        },
    )
    for result in report.results:
        _add_case(suite, result)
    for problem in report.problems:
        element = ET.SubElement(suite, "testcase", {"classname": "run", "name": "the run"})
        ET.SubElement(element, "error", {"message": _clean(problem)})
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _add_case(suite: ET.Element, result: DuCaseResult) -> None:
    case = result.expected.case
    place = {"classname": _clean(case.file), "name": _clean(case.name), "file": _clean(case.file)}
    element = ET.SubElement(
        suite, "testcase", {**place, "line": str(case.line), "time": _seconds(result.milliseconds)}
    )
    if result.is_passed:
        return
    wrong = sum(not turn.is_right for turn in result.turns)
    message = f"{wrong} of {len(result.turns)} messages not understood"
    if result.failures:
        message = f"{message}; expected {result.failures[0].expected}"
    failure = ET.SubElement(element, "failure", {"type": "assertion", "message": _clean(message)})
    failure.text = _clean(format_result(result))


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
