"""The assistants that ship with the package hold the conversations of their own tests."""

from pathlib import Path

import pytest

from duologue.project.checks import validate_project, validate_surroundings
from duologue.project.project_reader import read_project
from duologue.runtime.settings import Settings
from duologue.testing.e2e.output.report_text import format_result
from duologue.testing.e2e.project_tests import find_tests, run_project_tests

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("name", ["bank", "tiny"])
async def test_every_conversation_of_an_example_holds(name: str) -> None:
    found = find_tests(EXAMPLES / name)
    report = await run_project_tests(EXAMPLES / name, found.cases, Settings())
    assert [format_result(result) for result in report.failed] == []
    assert len(report.passed) == len(found.cases)
    assert (report.missing_actions, found.warnings) == ((), ())


@pytest.mark.parametrize("name", ["bank", "tiny"])
def test_an_example_is_without_a_fault(name: str) -> None:
    reading = read_project(EXAMPLES / name, environment={})
    assert [
        problem.format() for problem in (*validate_project(reading), *validate_surroundings(reading))
    ] == []
