"""`duologue test du` tells what was misunderstood, writes its results, and ends with an exit code for CI."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.conftest import Run

FOLDER = "dialogue_understanding_tests"
RIGHT = """
test_cases:
  - test_case: a guest books a table
    steps:
      - user: I want to book a table
        commands:
          - start flow book_table
"""
WRONG = RIGHT.replace("a guest books", "a guest cancels").replace("start flow book_table", "cancel flow")


@pytest.fixture
def tested(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny template with a test that passes; the current folder."""
    (project / FOLDER).mkdir()
    (project / FOLDER / "booking.yml").write_text(RIGHT, encoding="utf-8")
    monkeypatch.chdir(project)
    return project


def test_tables_are_shown_and_the_exit_code_is_0_if_all_was_understood(run: Run, tested: Path) -> None:
    outcome = run("test", "du")
    assert outcome.code == 0, outcome.err
    assert "start flow" in outcome.out
    assert "rung, asked alone" in outcome.out
    assert "Messages without a model call: 1 of 1 (100 %)" in outcome.out
    assert "1 of 1 message understood (100 %); 0 failed, 1 passed" in outcome.out
    assert (tested / f"{FOLDER}_passed.yml").exists()


def test_a_misunderstanding_is_shown_as_a_difference(run: Run, tested: Path, tmp_path: Path) -> None:
    (tested / FOLDER / "wrong.yml").write_text(WRONG, encoding="utf-8")
    results = tmp_path / "results"
    outcome = run("test", "du", "-o", results, "--junit", results / "j.xml", "--json", results / "r.json")
    assert outcome.code == 1
    assert f"FAILED  {FOLDER}/wrong.yml::a guest cancels a table" in outcome.out
    assert "    - cancel flow\n    + start flow book_table\n" in outcome.out
    assert "1 of 2 messages understood (50 %); 1 failed, 1 passed" in outcome.out

    failed = results / f"{FOLDER}_failed.yml"
    assert "# + start flow book_table" in failed.read_text(encoding="utf-8")
    assert run("test", "du", failed, "--no-output").code == 1, "a file of results can be run again"
    assert run("test", "du", results / f"{FOLDER}_passed.yml", "--no-output").code == 0

    suite = ET.parse(results / "j.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    report = json.loads((results / "r.json").read_text(encoding="utf-8"))
    assert (report["passed"], report["failed"], report["accuracy"]) == (1, 1, 0.5)
    assert [command["kind"] for command in report["commands"]] == ["start flow", "cancel flow"]
    assert report["test_cases"][1]["messages"][0]["unexpected"] == ["start flow book_table"]


def test_a_mistyped_command_is_named_at_its_line(run: Run, tested: Path) -> None:
    text = RIGHT.replace("start flow book_table", "strat flow book_table")
    (tested / FOLDER / "slip.yml").write_text(text, encoding="utf-8")
    outcome = run("test", "du", "--no-output")
    assert outcome.code == 1
    sentence = "`strat flow book_table` is no command. Did you mean `start flow`?"
    assert f"{FOLDER}/slip.yml:7: error: {sentence}" in outcome.err


def test_options_of_rasa_that_are_not_needed_are_taken_with_a_sentence(run: Run, tested: Path) -> None:
    outcome = run("test", "du", "--no-output", "--additional-commands", "my.Command")
    assert outcome.code == 0
    assert "--additional-commands is not supported yet and has no effect. Every command" in outcome.err


def test_recording_and_replaying_at_once_is_refused(run: Run, tested: Path) -> None:
    (tested / "answers.json").write_text('{"cassette": 1, "recordings": [], "shared": {}}', encoding="utf-8")
    outcome = run("test", "du", "--record", "answers.json", "--replay", "answers.json")
    assert outcome.code == 1
    assert "name one of them" in outcome.err


def test_a_mask_that_is_no_regular_expression_gets_a_sentence(run: Run, tested: Path) -> None:
    outcome = run("test", "du", "--record", "answers.json", "--mask", "TR-[")
    assert outcome.code == 1
    assert "--mask is no regular expression" in outcome.err


def test_a_cassette_that_is_not_there_is_named(run: Run, tested: Path) -> None:
    outcome = run("test", "du", "--replay", "nowhere.json")
    assert outcome.code == 1
    assert "There is no file nowhere.json, which --replay names." in outcome.err


def test_only_what_comes_to_a_rung_is_asked_of_it_on_demand(run: Run, tested: Path) -> None:
    outcome = run("test", "du", "--no-output", "--no-rungs", "-v")
    assert outcome.code == 0
    assert "rung, asked alone" not in outcome.out
    assert f"passed  {FOLDER}/booking.yml::a guest books a table" in outcome.out
