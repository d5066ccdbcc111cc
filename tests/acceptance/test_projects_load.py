"""Real projects written by others load and validate, or say precisely what is not supported yet."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from duologue.project.archive import read_archive, write_archive
from duologue.project.checks import validate_project
from duologue.project.credentials_reader import read_credentials
from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.endpoints_reader import read_endpoints
from duologue.project.project_reader import read_project

pytestmark = pytest.mark.acceptance

# Projects that are broken on purpose, or written for Rasa 1: what they must be told.
EXPECTED_ERRORS = {
    "rasa-pro-vscode-test-projects/basic-rasa-project": [
        "domain.yml:24: error: The key `unused_slot_test` is already on line 19. Keep one of the two.",
        "domain.yml:48: error: The key `utter_unused_test` is already on line 46. Keep one of the two.",
    ],
    "rasa-pro-vscode-test-projects/invalid-project-empty-domain": [
        "config.yml:1: error: The project defines nothing to talk about: no flows, stories, rules or intents. "
        "Add flows under `data/` and a `domain.yml`."
    ],
    "rasa-pro-vscode-test-projects/invalid-project-no-domain": [
        "config.yml:1: error: The project defines nothing to talk about: no flows, stories, rules or intents. "
        "Add flows under `data/` and a `domain.yml`."
    ],
}
RASA_1 = "rasa-masterclass"
NOT_SUPPORTED = ("is not supported yet", "of Rasa 1 is not supported")


def find_projects(acceptance_data: Path) -> dict[str, Path]:
    """Every folder with a configuration, by its name below the folder of projects."""
    projects = acceptance_data / "projects"
    return {
        path.parent.relative_to(projects).as_posix(): path.parent for path in projects.rglob("config.yml")
    }


def test_every_project_validates_without_an_unexpected_error(acceptance_data: Path) -> None:
    found = {
        name: [problem.format() for problem in validate_project(read_project(folder, environment={})).errors]
        for name, folder in find_projects(acceptance_data).items()
        if not name.startswith(RASA_1)
    }
    assert len(found) >= 35
    assert {name: errors for name, errors in found.items() if errors} == EXPECTED_ERRORS


def test_projects_of_rasa_1_are_told_what_is_not_supported(acceptance_data: Path) -> None:
    for name, folder in find_projects(acceptance_data).items():
        if name.startswith(RASA_1):
            errors = validate_project(read_project(folder, environment={})).errors
            assert errors, name
            assert all(any(text in error.message for text in NOT_SUPPORTED) for error in errors), name


def test_names_that_only_a_test_uses_are_reported(acceptance_data: Path) -> None:
    folder = acceptance_data / "projects" / "rasa-pro-vscode-test-projects" / "basic-rasa-project"
    warnings = [
        problem.message for problem in validate_project(read_project(folder, environment={})).warnings
    ]
    for name in (
        "undefined_intent",
        "action_undefined",
        "undefined_form",
        "utter_undefined_response",
        "undefined_slot",
    ):
        assert any(f"`{name}` is not declared in the domain." in warning for warning in warnings), name


def test_every_settings_file_is_read(acceptance_data: Path) -> None:
    for name, folder in find_projects(acceptance_data).items():
        if (path := folder / "endpoints.yml").exists():
            assert not read_endpoints(path, root=folder, environment={}).problems.has_errors, name
        if (path := folder / "credentials.yml").exists():
            assert not read_credentials(path, root=folder, environment={}).problems.has_errors, name


def test_every_end_to_end_test_is_read(acceptance_data: Path) -> None:
    counts: dict[str, int] = {}
    for name, folder in find_projects(acceptance_data).items():
        for tests in ("tests", "e2e_tests"):
            if (folder / tests).is_dir():
                reading = read_e2e_tests(folder / tests, root=folder)
                assert reading.problems.format() == "", name
                counts[name] = len(reading.test_cases)
    assert {name: count for name, count in counts.items() if count} == {
        "financial-demo-calm": 3,
        "rasa-calm-hybrid-demo": 39,
        "rasa-quickstart": 8,
        "starterpack-insurance-en": 8,
        "starterpack-retail-banking-en": 30,
    }


def test_every_project_goes_through_an_archive_unchanged(acceptance_data: Path, tmp_path: Path) -> None:
    for name, folder in find_projects(acceptance_data).items():
        definition = read_project(folder, environment={}).definition
        assert definition is not None, name
        path = write_archive(definition, tmp_path, trained_at=datetime(2024, 1, 1, tzinfo=UTC))
        assert read_archive(path)[0] == definition, name
