"""The tests of a project are found by folder, file and name."""

from pathlib import Path

import pytest

from duologue.core.errors import DefinitionError
from duologue.runtime.settings import Settings
from duologue.testing.e2e.project_tests import find_tests, run_project_tests

TINY = Path(__file__).resolve().parents[3] / "examples" / "tiny"


def test_the_usual_folder_is_found() -> None:
    assert len(find_tests(TINY).cases) == 3


def test_one_test_is_chosen_by_its_name() -> None:
    found = find_tests(TINY, ["e2e_tests/book_table.yml::a guest asks for help"])
    assert [case.name for case in found.cases] == ["a guest asks for help"]


def test_a_test_that_is_named_twice_is_run_once() -> None:
    assert len(find_tests(TINY, ["e2e_tests", "e2e_tests/book_table.yml"]).cases) == 3


def test_a_slip_in_the_name_gets_the_nearest_name() -> None:
    with pytest.raises(DefinitionError, match="Did you mean `a guest asks for help`"):
        find_tests(TINY, ["e2e_tests/book_table.yml::a guest ask for help"])


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"There is no file or folder .*nowhere\.yml"):
        find_tests(TINY, ["nowhere.yml"])


def test_a_project_without_tests_says_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="has no folder `e2e_tests`"):
        find_tests(tmp_path)


async def test_a_project_is_run_with_its_own_actions() -> None:
    found = find_tests(TINY)
    report = await run_project_tests(TINY, found.cases, Settings())
    assert (len(report.passed), report.missing_actions) == (3, ())
