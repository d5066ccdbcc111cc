"""The classic example trains, and holds its own test stories."""

from pathlib import Path

from duologue.project.checks import validate_project, validate_surroundings
from duologue.project.project_reader import read_project
from duologue.testing.classic_model import open_dialogue_model
from duologue.testing.stories.project_stories import find_test_stories, list_test_paths, run_stories
from duologue.testing.stories.report_text import format_failure

WORKSHOP = Path(__file__).resolve().parents[2] / "examples" / "workshop"


def test_the_workshop_is_without_a_fault() -> None:
    reading = read_project(WORKSHOP, environment={})
    assert [
        problem.format() for problem in (*validate_project(reading), *validate_surroundings(reading))
    ] == []


def test_every_test_story_of_the_workshop_holds() -> None:
    reading = read_project(WORKSHOP, environment={})
    definition = reading.require_definition()
    paths, findings = list_test_paths(find_test_stories(reading).stories, definition.domain)
    model = open_dialogue_model(definition, WORKSHOP, keeps=False)
    report = run_stories(definition.domain, model, paths)
    assert [format_failure(result) for result in report.failed] == []
    assert (len(report.passed), findings) == (8, ())
