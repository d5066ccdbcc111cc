"""What stands around the conversations is checked too: endpoints, credentials and action code."""

from pathlib import Path

import pytest

from duologue.project.checks import validate_surroundings
from tests.unit.project.written_project import read_written

OPEN_CODE = "def run():\n    return [1\n"


def list_surroundings(folder: Path, files: dict[str, str]) -> list[str]:
    reading = read_written(folder, {"domain.yml": "version: '3.1'\n", **files})
    return [problem.format() for problem in validate_surroundings(reading)]


def test_nothing_is_missed_that_is_not_there(tmp_path: Path) -> None:
    assert list_surroundings(tmp_path, {}) == []


def test_a_misspelt_service_and_a_misspelt_channel_are_named(tmp_path: Path) -> None:
    files = {"endpoints.yml": "tracker_stor:\n  type: sql\n", "credentials.yml": "rst:\n"}
    assert list_surroundings(tmp_path, files) == [
        "credentials.yml:1: warning: There is no channel `rst`; the entry is ignored. Did you mean `rest`?",
        "endpoints.yml:1: warning: The endpoints file has an unknown key `tracker_stor`; it is ignored. "
        "Did you mean `tracker_store`?",
    ]


def test_variables_of_another_machine_may_be_unset_here(tmp_path: Path) -> None:
    files = {
        "endpoints.yml": "action_endpoint:\n  url: ${ACTIONS}\n",
        "credentials.yml": "slack:\n  t: ${TOKEN}\n",
    }
    assert list_surroundings(tmp_path, files) == []


@pytest.mark.parametrize("endpoints", ["", "action_endpoint:\n  actions_module: actions\n"])
def test_action_code_that_is_not_python_is_an_error(tmp_path: Path, endpoints: str) -> None:
    (problem,) = list_surroundings(tmp_path, {"endpoints.yml": endpoints, "actions/pay.py": OPEN_CODE})
    assert problem.startswith("actions/pay.py:2: error: This is not Python 3.")
    assert problem.endswith("'[' was never closed.")


def test_code_that_runs_elsewhere_may_be_written_for_another_python(tmp_path: Path) -> None:
    files = {
        "endpoints.yml": "action_endpoint:\n  url: http://actions:5055/webhook\n",
        "actions.py": OPEN_CODE,
    }
    assert list_surroundings(tmp_path, files) == []
