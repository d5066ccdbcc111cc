"""Real CALM projects of other people load as they are, and are led through their flows by buttons and typed answers."""

from pathlib import Path

import pytest

from duologue.project.checks import validate_project
from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.problems import Problems
from duologue.project.project_reader import ProjectReading, read_project
from duologue.testing.e2e.output.report_text import format_result
from duologue.testing.e2e.runner import run_e2e

pytestmark = pytest.mark.acceptance

WALKS = Path(__file__).parent / "walks"
PROJECTS = sorted(path.stem for path in WALKS.glob("*.yml"))


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, acceptance_data: Path) -> Path:
    folder = acceptance_data / "projects" / request.param
    if not folder.is_dir():
        pytest.skip(f"The project {request.param} is not among the acceptance data.")
    return folder


@pytest.fixture
def reading(project: Path) -> ProjectReading:
    return read_project(project, environment={})


def test_there_are_walks_through_every_calm_project() -> None:
    assert len(PROJECTS) == 10


def test_a_project_loads_without_an_error(reading: ProjectReading) -> None:
    problems = Problems(reading.problems)
    problems.extend(validate_project(reading))
    assert [problem.format() for problem in problems.errors] == []


async def test_a_project_is_led_through_its_flows(project: Path, reading: ProjectReading) -> None:
    walks = read_e2e_tests(WALKS / f"{project.name}.yml", root=WALKS)
    assert walks.problems.format() == ""
    report = await run_e2e(reading.require_definition(), walks.test_cases)
    failed = "\n\n".join(format_result(result) for result in report.failed)
    assert not failed, failed
    assert report.missing_actions == ()
    assert len(report.passed) >= 2
