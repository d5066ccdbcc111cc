"""`duologue test core`, and `duologue test` alone."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONFIG = """\
language: en
assistant_id: small
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
policies:
  - name: RulePolicy
"""
DOMAIN = """\
version: "3.1"
intents: [greet, goodbye]
responses:
  utter_greet:
    - text: Hello!
  utter_goodbye:
    - text: Bye!
"""
NLU = """\
nlu:
  - intent: greet
    examples: |
      - hello
      - hi there
      - good morning
  - intent: goodbye
    examples: |
      - bye
      - see you
      - good night
"""
RULES = """\
rules:
  - rule: greet
    steps:
      - intent: greet
      - action: utter_greet
  - rule: goodbye
    steps:
      - intent: goodbye
      - action: utter_goodbye
"""
STORIES = """\
stories:
  - story: it greets
    steps:
      - user: hi there
        intent: greet
      - action: utter_greet
  - story: it says bye
    steps:
      - user: bye
        intent: goodbye
      - action: utter_greet
"""


@pytest.fixture
def classic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two rules, with a test story that holds and one that does not."""
    folder = tmp_path / "bot"
    for name, text in {
        "config.yml": CONFIG,
        "domain.yml": DOMAIN,
        "data/nlu.yml": NLU,
        "data/rules.yml": RULES,
        "tests/test_stories.yml": STORIES,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_story_that_fails_is_told_and_written(run: Run, classic: Path) -> None:
    outcome = run("test", "core", classic)
    assert outcome.code == 1
    assert "tests/test_stories.yml:7: it says bye" in outcome.out
    assert "after “bye”: expected utter_greet, but utter_goodbye (RulePolicy, 1.00)" in outcome.out
    assert "Stories   1 of 2 right (50.0%)" in outcome.out
    failed = Path("results/failed_test_stories.yml").read_text(encoding="utf-8")
    assert "- action: utter_greet  # predicted: utter_goodbye" in failed
    assert Path("results/story_confusion_matrix.svg").exists()


def test_the_stories_run_against_an_archive_as_it_was_trained(run: Run, classic: Path) -> None:
    run("train", classic, "--fixed-model-name", "old")
    (classic / "data" / "rules.yml").write_text(RULES.replace("utter_goodbye", "utter_greet"))
    archive = classic / "models" / "old.tar.gz"
    assert "Stories   1 of 2 right (50.0%)" in run("test", "core", classic, "--model", archive).out
    assert "Stories   2 of 2 right (100.0%)" in run("test", "core", classic).out
    run("train", classic, "--fixed-model-name", "new")
    compared = run("test", "core", classic, "--evaluate-model-directory")
    assert compared.code == 0
    assert "new.tar.gz   stories 2 of 2 (100.0%)   actions 100.0%   intents 100.0%" in compared.out
    assert "old.tar.gz   stories 1 of 2 (50.0%)" in compared.out
    best, _ = json.loads(Path("results/model_comparison.json").read_text(encoding="utf-8"))
    assert (best["model"], best["correct"]) == ("new.tar.gz", 2)
    assert "There is no model at nowhere" in run("test", "core", classic, "-m", "nowhere").err


def test_files_are_left_out_as_asked(run: Run, classic: Path) -> None:
    outcome = run(
        "test", "core", classic, "--out", "here", "--no-plot", "--no-errors", "--no-warnings", "--successes"
    )
    assert outcome.code == 1
    assert sorted(path.name for path in Path("here").iterdir()) == [
        "story_report.json",
        "successful_test_stories.yml",
    ]


def test_a_run_ends_at_the_first_mistake_or_after_so_many_stories(run: Run, classic: Path) -> None:
    assert "Stories   1 of 1 right" in run("test", "core", classic, "--max-stories", 1).out
    stopped = run("test", "core", classic, "--fail-on-prediction-errors")
    assert (stopped.code, "Actions   2 of 3 right" in stopped.out) == (1, True)


def test_the_stories_of_another_place_are_run_too(run: Run, classic: Path) -> None:
    path = classic / "more.yml"
    path.write_text(STORIES.replace("utter_greet", "utter_goodbye"), encoding="utf-8")
    outcome = run("test", "core", classic, "-s", path)
    assert "more.yml:2: it greets" in outcome.out


@pytest.mark.parametrize("options", [(), ("--no-plot",)])
def test_without_a_kind_every_test_is_run_that_is_there(
    run: Run, classic: Path, options: tuple[str, ...]
) -> None:
    assert "Stories   1 of 2 right (50.0%)" in run("test", classic, *options).out


def test_without_a_kind_conversations_are_run(run: Run, project: Path) -> None:
    outcome = run("test", "--project", project)
    assert (outcome.code, "0 failed, 3 passed" in outcome.out) == (0, True)


def test_a_project_without_stories_is_told_where_to_write_them(run: Run, project: Path) -> None:
    outcome = run("test", "core", project)
    assert outcome.code == 1
    assert "There are no test stories; write them below `tests`" in outcome.err


def test_stories_are_drawn_into_a_file(run: Run, classic: Path, tmp_path: Path) -> None:
    outcome = run("visualize", classic, "--out", tmp_path / "out" / "page.html")
    assert (outcome.code, outcome.err) == (0, "")
    assert "utter_greet" in (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    of_tests = run("visualize", classic, "--stories", classic / "tests", "--out", tmp_path / "tests.html")
    assert (of_tests.code, of_tests.err) == (0, "")
