"""Reports for programs: JUnit XML and JSON."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from duologue.project.e2e_tests import TestCase
from duologue.testing.e2e.checks import Failure
from duologue.testing.e2e.figures import Percentiles, find_percentiles
from duologue.testing.e2e.generated_replies import Judgement
from duologue.testing.e2e.output.json_report import write_json
from duologue.testing.e2e.output.junit import format_junit, write_junit
from duologue.testing.e2e.report import CaseResult, E2eReport
from tests.unit.testing.conftest import RunTests

TESTS = """
test_cases:
  - {test_case: good, steps: [{user: /order_cake}, {utter: utter_no_cake}]}
  - {test_case: bad, steps: [{user: /order_cake}, {utter: utter_ask_size}]}
"""
UNJUDGED = Judgement(line=3, question="relevant", threshold=0.5, judge="m", reason="It sleeps.")


async def test_junit_tells_what_failed_and_what_could_not_be_judged(
    run_tests: RunTests, tmp_path: Path
) -> None:
    report = await run_tests(TESTS)
    unjudged = CaseResult(case=TestCase(name="open", file="other.yml", line=2), judgements=(UNJUDGED,))
    write_junit(E2eReport(results=(*report.results, unjudged)), tmp_path / "reports" / "junit.xml")
    root = ET.parse(tmp_path / "reports" / "junit.xml").getroot()
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("3", "1", "1")
    assert [suite.attrib["name"] for suite in root] == ["e2e_tests.yml", "other.yml"]
    good, bad, open_case = root.iter("testcase")
    assert (good.attrib["name"], good.attrib["line"], good.find("failure")) == ("good", "3", None)
    failure = bad.find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "expected the response utter_ask_size"
    assert "user: /order_cake" in (failure.text or "")
    error = open_case.find("error")
    assert error is not None
    assert error.attrib == {"type": "not judged", "message": "It sleeps."}


@given(st.text(), st.text())
def test_junit_is_xml_whatever_the_texts_hold(name: str, happened: str) -> None:
    failure = Failure(line=1, expected="x", happened=happened)
    report = E2eReport(results=(CaseResult(case=TestCase(name=name, file="f.yml"), failures=(failure,)),))
    assert ET.fromstring(format_junit(report).encode()).tag == "testsuites"


async def test_json_holds_the_summary_the_kinds_the_rungs_and_every_turn(
    run_tests: RunTests, tmp_path: Path
) -> None:
    report = await run_tests(TESTS, has_coverage=True)
    write_json(report, tmp_path / "report.json")
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    summary = told["summary"]
    assert (summary["tests"], summary["passed"], summary["failed"], summary["exit_code"]) == (2, 1, 1, 1)
    assert [(kind["kind"], kind["cases"], kind["passed"], kind["percent"]) for kind in told["kinds"]] == [
        ("start", 2, 1, 50.0)
    ]
    assert told["understanding"]["rungs"] == [
        {"rung": "payload", "turns": 2, "in_passed": 1, "in_failed": 1, "failed_there": 1}
    ]
    assert told["understanding"]["turns_without_model"] == 2
    assert told["coverage"]["flows"][0]["flow_id"] == "order_cake"
    bad = told["tests"][1]
    assert (bad["name"], bad["outcome"], bad["failures"][0]["line"]) == ("bad", "failed", 4)
    assert bad["turns"][0]["rung"] == "payload"


def test_percentiles_are_values_that_were_measured() -> None:
    assert find_percentiles([]) == Percentiles()
    assert find_percentiles([float(n) for n in range(100, 0, -1)]) == Percentiles(
        p50=50, p90=90, p99=99, most=100
    )
    assert find_percentiles([7.0]) == Percentiles(p50=7, p90=7, p99=7, most=7)
