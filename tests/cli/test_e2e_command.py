"""`duologue test e2e`: what is run, what is told, and what is written."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.conftest import Run

MIXED = """
test_cases:
  - test_case: it greets
    steps: [{user: /SetSlots(nothing=1)}]
  - test_case: "never: said # so"
    kind: small talk
    steps: [{user: hello}, {bot: Never said.}]
"""


@pytest.fixture
def mixed(project: Path) -> Path:
    """One test that passes, and one that fails."""
    path = project / "e2e_tests" / "mixed.yml"
    path.write_text(MIXED, encoding="utf-8")
    return path


def test_only_failures_are_told_and_then_the_tables(run: Run, project: Path, mixed: Path) -> None:
    outcome = run("test", "e2e", mixed, "--project", project)
    assert outcome.code == 1
    first, *_, last = outcome.out.splitlines()
    assert first == "FAILED  e2e_tests/mixed.yml::never: said # so"
    assert "it greets" not in outcome.out
    assert "expected the reply" in outcome.out
    assert "small talk      1       0    0 %" in outcome.out
    assert "without a call of a language model" in outcome.out
    assert last.startswith("1 failed, 1 passed in ")
    # A pipe gets no bar and no colour.
    assert "\x1b" not in outcome.out + outcome.err


def test_verbosely_every_test_is_told(run: Run, project: Path, mixed: Path) -> None:
    assert (
        "passed  e2e_tests/mixed.yml::it greets" in run("test", "e2e", mixed, "--project", project, "-v").out
    )


def test_reports_are_written_where_they_are_asked_for(
    run: Run, project: Path, mixed: Path, tmp_path: Path
) -> None:
    reports = tmp_path / "reports"
    outcome = run(
        *("test", "e2e", mixed, "--project", project, "--coverage-report", "--coverage-output-path"),
        *(reports / "coverage", "--junit", reports / "junit.xml", "--json", reports / "run.json"),
    )
    assert outcome.code == 1
    assert ET.parse(reports / "junit.xml").getroot().attrib["failures"] == "1"
    assert json.loads((reports / "run.json").read_text())["summary"]["failed"] == 1
    assert {path.name for path in (reports / "coverage").iterdir()} == {
        "coverage.yml",
        "coverage.csv",
        "flows.svg",
        "commands.svg",
        "passed.yml",
        "failed.yml",
    }
    assert "all flows" in outcome.out
    assert f"Written: {reports / 'run.json'}" in outcome.err


def test_what_failed_is_run_again_until_nothing_does(
    run: Run, project: Path, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("test", "e2e", "--project", project, "-o").code == 1
    again = run("test", "e2e", "--project", project, "-f")
    assert again.out.splitlines()[-1].startswith("1 failed, 0 passed in ")
    mixed.write_text(MIXED.replace("{bot: Never said.}", "{slot_was_not_set: [x]}"), encoding="utf-8")
    mended = run("test", "e2e", "--project", project, "-o", "-f", "e2e_results")
    assert (mended.code, mended.out.splitlines()[-1][:18]) == (0, "0 failed, 1 passed")
    nothing = run("test", "e2e", "--project", project, "-f")
    assert (nothing.code, nothing.out) == (0, "No test failed before, so there is none to run again.\n")


def test_a_failed_test_that_is_gone_is_named(run: Run, project: Path, mixed: Path, tmp_path: Path) -> None:
    run("test", "e2e", "--project", project, "-o", tmp_path / "r")
    mixed.unlink()
    outcome = run("test", "e2e", "--project", project, "-f", tmp_path / "r")
    assert outcome.code == 1
    assert "Note: the test 'never: said # so' of" in outcome.err
    assert "None of the tests that" in outcome.err


def test_without_results_of_a_run_there_is_one_sentence(run: Run, project: Path) -> None:
    outcome = run("test", "e2e", "--project", project, "-f", "gone.yml")
    assert (outcome.code, outcome.err) == (
        1,
        "Error: There is no file gone.yml of failed tests; a run with `-o` writes it.\n",
    )


@pytest.mark.parametrize("jobs", ["3", "auto"])
def test_conversations_can_be_held_at_once(run: Run, project: Path, jobs: str) -> None:
    outcome = run("test", "e2e", "--project", project, "-n", jobs)
    assert outcome.code == 0, outcome.out


@pytest.mark.parametrize("jobs", ["0", "many", "-1", "100000"])
def test_a_number_of_conversations_that_is_none_is_refused(run: Run, project: Path, jobs: str) -> None:
    outcome = run("test", "e2e", "--project", project, f"--jobs={jobs}")
    assert outcome.code == 2
    assert "is neither a number from 1 to 1000 nor `auto`" in outcome.err


def test_without_models_the_project_is_opened_without_them(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A model that would be asked stands in the configuration; its server does not exist.
    (project / "endpoints.yml").write_text(
        "action_endpoint: {actions_module: actions}\n"
        "model_groups: [{id: m, models: [{provider: self-hosted, model: x, api_base: 'http://127.0.0.1:9/v1'}]}]\n"
    )
    (project / "config.yml").write_text(
        "recipe: default.v1\nlanguage: en\n"
        "pipeline: [{name: CompactLLMCommandGenerator, llm: {model_group: m}}]\npolicies: [{name: FlowPolicy}]\n"
    )
    outcome = run("test", "e2e", "--project", project, "--no-model")
    assert outcome.code == 0, outcome.out
    assert "(100 %) understood without a call of a language model" in outcome.out


JUDGED = """
test_cases:
  - test_case: judged
    steps:
      - user: I'd like to reserve a table
        assertions:
          - generative_response_is_relevant: {utter_name: utter_ask_guests, threshold: 0}
"""


def test_a_judge_that_cannot_be_used_is_told_and_nothing_passes_by_it(run: Run, project: Path) -> None:
    (project / "e2e_tests" / "conftest.yml").write_text("llm_judge: {llm: {model_group: judges}}\n")
    (project / "e2e_tests" / "judged.yml").write_text(JUDGED)
    words = ("test", "e2e", project / "e2e_tests" / "judged.yml", "--project", project)
    outcome = run(*words)
    assert outcome.code == 1
    assert "The judge that e2e_tests/conftest.yml:1 names cannot be used" in outcome.out
    assert "no model group `judges`" in outcome.out
    assert outcome.out.splitlines()[-1].startswith("0 failed, 0 passed, 1 not judged in ")
    # Without models the local judge judges instead.
    assert run(*words, "--no-model").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_the_run_with_what_was_run(project: Path) -> None:
    cases = [f"{{test_case: c{n}, steps: [{{user: hello}}]}}" for n in range(3000)]
    (project / "e2e_tests" / "many.yml").write_text(f"test_cases: [{', '.join(cases)}]\n")
    command = [sys.executable, "-m", "duologue", "test", "e2e", "e2e_tests/many.yml", "-v"]
    with subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("passed ")
        process.send_signal(signal.SIGINT)
        out = process.stdout.read()
    assert process.returncode == 130
    assert out.splitlines()[-1].endswith("s; interrupted")
    assert " not run in " in out.splitlines()[-1]


def test_an_action_that_fails_is_told_with_the_place_in_its_code(run: Run, project: Path) -> None:
    code = project / "actions" / "booking.py"
    code.write_text(code.read_text().replace("guests = int(", "guests = {}['gone'] or int("))
    outcome = run("test", "e2e", "--project", project)
    assert outcome.code == 1
    assert "The action 'action_book_table' failed: KeyError: 'gone' (" in outcome.out
    assert "actions/booking.py:" in outcome.out.replace("\\", "/")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_bar_moves_on_the_terminal_while_the_results_go_to_a_pipe(project: Path, mixed: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "duologue", "test", "e2e", str(mixed)]
    result = subprocess.run(
        command, cwd=project, stdout=subprocess.PIPE, stderr=theirs, text=True, check=False
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError), os.fdopen(ours, "rb") as terminal:
        while piece := terminal.read1():
            seen += piece
    assert b"2/2" in seen
    assert result.stdout.startswith("FAILED  e2e_tests/mixed.yml::never: said # so\n")
    assert "\x1b" not in result.stdout
