"""The tests of understanding of a project are found by folder, file and name, and run with its own actions."""

from pathlib import Path

import pytest

from duologue.core.errors import DefinitionError
from duologue.runtime.settings import Settings
from duologue.testing.du.project_tests import find_du_tests, run_project_du
from duologue.testing.du.report_text import format_result

BANK = Path(__file__).resolve().parents[3] / "examples" / "bank"
FOLDER = "dialogue_understanding_tests"


def test_the_usual_folder_is_found() -> None:
    assert sum(len(case.turns) for case in find_du_tests(BANK).cases) >= 25


def test_one_test_is_chosen_by_its_name() -> None:
    found = find_du_tests(BANK, [f"{FOLDER}/transfers.yml::a question in between"])
    assert [case.name for case in found.cases] == ["a question in between"]


def test_a_slip_in_the_name_gets_the_nearest_name() -> None:
    with pytest.raises(DefinitionError, match="Did you mean `a question in between`"):
        find_du_tests(BANK, [f"{FOLDER}/transfers.yml::a qestion in between"])


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"There is no file or folder .*nowhere\.yml"):
        find_du_tests(BANK, ["nowhere.yml"])


def test_a_project_without_tests_says_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=f"has no folder `{FOLDER}`"):
        find_du_tests(tmp_path)


async def test_the_bank_understands_its_customers_without_a_model() -> None:
    found = find_du_tests(BANK)
    report = await run_project_du(BANK, found.cases, Settings())
    assert [format_result(result) for result in report.failed] == []
    assert (report.accuracy, report.missing_actions, found.warnings) == (1.0, (), ())
    assert report.turns_without_model == len(report.turns)


async def test_a_line_that_the_project_cannot_mean_is_named_before_anything_runs(tmp_path: Path) -> None:
    test = tmp_path / "test.yml"
    test.write_text(
        "test_cases:\n  - test_case: t\n    steps:\n      - user: hi\n        commands: [start flow transfer_mony]\n",
        encoding="utf-8",
    )
    found = find_du_tests(BANK, [str(test)])
    with pytest.raises(DefinitionError, match=r"test\.yml:5: error: There is no flow .* `transfer_money`\?"):
        await run_project_du(BANK, found.cases, Settings())
