"""`duologue data split|convert|migrate`, and what `validate` says of stories."""

import json
from pathlib import Path

import pytest

from duologue.project.nlu_files import read_nlu_data
from tests.cli.conftest import Run

NLU = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hi
    - hello
    - hey
    - good day
    - morning
- intent: faq/hours
  examples: |
    - when do you open
    - until when
- synonym: New York
  examples: |
    - NYC
responses:
  utter_faq/hours:
  - text: At nine.
"""
MARKDOWN = "## intent:greet\n- hi\n- in [NY](city:New York)\n"
STORIES = """\
stories:
- story: one
  steps: [{intent: greet}, {action: utter_greet}]
- story: two
  steps: [{intent: greet}, {action: utter_bye}]
"""
DOMAIN = """\
version: "3.1"
intents: [greet]
responses:
  utter_greet: [{text: Hi.}]
  utter_bye: [{text: Bye.}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    return tmp_path


def write_classic(folder: Path, *, rules: str = "") -> None:
    (folder / "config.yml").write_text("assistant_id: test\npolicies: [{name: RulePolicy}]\n")
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data" / "stories.yml").write_text(STORIES + rules)


def test_sentences_are_parted_and_tables_are_in_both(run: Run, folder: Path) -> None:
    (folder / "data" / "nlu.yml").write_text(NLU)
    outcome = run("data", "split", "nlu", "--training-fraction", "0.7", "--random-seed", "3")
    assert outcome.code == 0
    learned = read_nlu_data([folder / "train_test_split" / "training_data.yml"], root=folder)
    judged = read_nlu_data([folder / "train_test_split" / "test_data.yml"], root=folder)
    assert (len(learned.examples), len(judged.examples)) == (5, 2)
    assert learned.synonyms == judged.synonyms == {"NYC": "New York"}
    assert list(judged.responses) == ["utter_faq/hours"]
    assert outcome.out.startswith("5 sentences written to train_test_split")


def test_stories_are_parted_file_by_file(run: Run, folder: Path) -> None:
    (folder / "data" / "stories.yml").write_text(STORIES + "rules:\n- rule: r\n  steps: [{action: a}]\n")
    outcome = run("data", "split", "stories", "--training-fraction", "0.5", "--out", "parts")
    assert outcome.code == 0
    assert "rule: r" in (folder / "parts" / "train_stories.yml").read_text()
    assert "rule: r" not in (folder / "parts" / "test_stories.yml").read_text()
    assert "1 of 2 stories to" in outcome.out


def test_there_must_be_something_to_split(run: Run, folder: Path) -> None:
    assert "There are no sentences to split" in run("data", "split", "nlu").err
    assert "There are no stories to split" in run("data", "split", "stories").err
    assert "There is no gone" in run("data", "split", "nlu", "--nlu", "gone").err


def test_markdown_is_converted_to_yaml_and_on_to_json(run: Run, folder: Path) -> None:
    (folder / "data" / "nlu.md").write_text(MARKDOWN)
    (folder / "data" / "README.md").write_text("# About\n")
    assert run("data", "convert", "nlu", "--out", "new").code == 0
    converted = read_nlu_data([folder / "new"], root=folder)
    assert [example.text for example in converted.examples] == ["hi", "in NY"]
    assert converted.synonyms == {"NY": "New York"}
    assert run("data", "convert", "nlu", "new", "-f", "json", "--out", "nlu.json").code == 0
    data = json.loads((folder / "nlu.json").read_text())["rasa_nlu_data"]
    assert data["common_examples"][1]["entities"][0]["value"] == "New York"
    assert read_nlu_data([folder / "nlu.json"], root=folder).examples == converted.examples


def test_stories_are_converted_and_domains_belong_to_migrate(run: Run, folder: Path) -> None:
    (folder / "data" / "stories.md").write_text("## s\n* greet\n  - respond_faq\n")
    assert run("data", "convert", "core", "--out", "new").code == 0
    assert "utter_faq" in (folder / "new" / "stories.yml").read_text()
    assert "duologue data migrate" in run("data", "convert", "domain").err
    assert "no Markdown or JSON with responses" in run("data", "convert", "nlg").err


def test_a_project_is_migrated_in_place_with_a_backup_or_to_a_copy(run: Run, folder: Path) -> None:
    old = 'version: "2.0"\nintents: [greet]\n'
    (folder / "config.yml").write_text("language: en\n")
    (folder / "domain.yml").write_text(old)
    (folder / "data" / "nlu.md").write_text(MARKDOWN)

    outcome = run("data", "migrate", "--dry-run")
    assert (outcome.code, "domain.yml: would change." in outcome.out) == (1, True)
    assert run("data", "migrate", "--out", "copy").code == 0
    assert (folder / "domain.yml").read_text() == old
    assert (folder / "copy" / "data" / "nlu.yml").exists()
    assert "is not empty" in run("data", "migrate", "--out", "copy").err

    outcome = run("data", "migrate", "-d", "domain.yml", "--out", "domain-only")
    assert outcome.out.startswith("domain.yml: changed.\n")
    assert [path.name for path in (folder / "domain-only").iterdir()] == ["domain.yml"]
    assert "There is no" in run("data", "migrate", "-d", "gone").err

    outcome = run("data", "migrate")
    assert outcome.code == 0
    assert "data/nlu.md: replaced." in outcome.out
    assert (folder / ".duologue" / "before-migration" / "domain.yml").read_text() == old
    assert '"3.1"' in (folder / "domain.yml").read_text()
    assert run("data", "migrate").out.startswith("Nothing to migrate")


def test_stories_that_go_on_differently_are_warned_of(run: Run, folder: Path) -> None:
    write_classic(folder)
    outcome = run("data", "validate", "stories", "--max-history", "3")
    assert outcome.code == 0
    assert "data/stories.yml:3: warning: Stories go on differently after the user's `greet`" in outcome.out
    assert run("data", "validate", "stories", "--fail-on-warnings").code == 1


def test_rules_that_contradict_stories_are_an_error_with_file_and_line(run: Run, folder: Path) -> None:
    write_classic(folder, rules="rules:\n- rule: always\n  steps: [{intent: greet}, {action: utter_bye}]\n")
    outcome = run("data", "validate")
    assert outcome.code == 1
    assert "data/stories.yml:" in outcome.out
    assert "error" in outcome.out
