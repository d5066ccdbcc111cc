"""Real classic projects of other people train, and hold the conversations of their own test stories."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from duologue.core.errors import DefinitionError
from duologue.project.checks import validate_project
from duologue.project.problems import Problems
from duologue.project.project_reader import ProjectReading, read_project
from duologue.testing.classic_model import DialogueModel, open_dialogue_model
from duologue.testing.stories.project_stories import find_test_stories, list_test_paths, run_stories
from duologue.testing.stories.report_text import format_failure
from duologue.testing.stories.story_report import StoryReport

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

STORIES = {
    "conversational-ai-course-3.x/video-08-actions": 7,
    "conversational-ai-course-3.x/video-09-1-basic-forms": 7,
    "conversational-ai-course-3.x/video-09-2-custom-forms": 7,
    "elearning-gcm-ua/rasa-es": 7,
    "elearning-gcm-ua/rasa-es-autores": 7,
    "elearning-gcm-ua/rasa-es-autores-id": 7,
    "elearning-gcm-ua/rasa-es-entities": 7,
    "elearning-gcm-ua/rasa-es-fallback": 7,
    "elearning-gcm-ua/rasa1": 7,
    "envirocar-rasa-bot": 7,
    "financial-demo": 48,
    "financial-demo-calm": 48,
    "helpdesk-assistant": 12,
    "rasa-action-examples/retreival-jina": 7,
    "rasa-action-examples/retreival-lunr": 7,
    "rasa-examples-e2ebot": 4,
    "rasa-examples-formbot": 3,
    "robocorp-example-rasa-chatbot": 7,
}
"""How many test stories each project has."""

STARTERS = frozenset(
    ("happy path 1", "happy path 2", "sad path 1", "sad path 2", "sad path 3", "say goodbye", "bot challenge")
)
"""Test stories in English that came with the project's template, of a bot that it no longer is."""
OF_THE_TEMPLATE = {
    f"elearning-gcm-ua/{name}"
    for name in ("rasa-es", "rasa-es-autores", "rasa-es-autores-id", "rasa-es-entities", "rasa-es-fallback")
}

_OF_FINANCE = {
    # The value of the time is written in the zone in which its author lived.
    "check earnings happy path",
    # Names of people are found by spaCy's model, which is not part of the project.
    "providing a name must be inform intent",
}
WRONG_TESTS = {
    # The rule `affirm` -> `action_followup` of data/rules.yml says otherwise.
    "envirocar-rasa-bot": {"sad path 1"},
    "financial-demo": _OF_FINANCE,
    "financial-demo-calm": _OF_FINANCE,
    # No example of the intent `affirm` resembles the sentence.
    "rasa-examples-e2ebot": {"Happy path accepts suggestion indirectly"},
}
"""Stories that cannot hold as they are written, and why."""

WITHOUT_TESTS = (
    "rasa-action-examples/fallback-button",
    "rasa-examples-concertbot",
    "rasa-examples-moodbot",
    "rasa-examples-responseselectorbot",
    "rasa-examples-rules",
    *(f"rasa-masterclass/episode{number}" for number in (2, 3, 6, 8)),
)
"""Projects that train, and bring no test stories."""


def read_checked(folder: Path) -> ProjectReading:
    reading = read_project(folder, environment={})
    problems = Problems(reading.problems)
    problems.extend(validate_project(reading))
    assert [problem.format() for problem in problems.errors] == []
    return reading


def train(reading: ProjectReading) -> DialogueModel:
    return open_dialogue_model(reading.require_definition(), reading.root, keeps=False)


def run_own_stories(folder: Path) -> StoryReport:
    reading = read_checked(folder)
    domain = reading.require_definition().domain
    paths, findings = list_test_paths(find_test_stories(reading).stories, domain)
    assert findings == ()
    return run_stories(domain, train(reading), paths)


@pytest.mark.parametrize("name", sorted(STORIES))
def test_the_test_stories_of_a_project_hold(acceptance_data: Path, name: str) -> None:
    report = run_own_stories(acceptance_data / "projects" / name)
    assert len(report.results) == STORIES[name]
    excused = STARTERS if name in OF_THE_TEMPLATE else WRONG_TESTS.get(name, frozenset())
    unexpected = [format_failure(result) for result in report.failed if result.name not in excused]
    assert unexpected == []


@pytest.mark.parametrize("name", WITHOUT_TESTS)
def test_a_project_without_test_stories_trains(acceptance_data: Path, name: str) -> None:
    model = train(read_checked(acceptance_data / "projects" / name))
    assert model.parser is not None
    assert model.parser.parse("hello").intents


def test_a_component_whose_code_is_missing_is_named(acceptance_data: Path) -> None:
    reading = read_project(acceptance_data / "projects" / "rasa_ch_faq", environment={})
    with pytest.raises(
        DefinitionError, match=r"`compoments\.nlu\.tokenizers\.bert_tokenizer\.CustomBertTokenizer`"
    ):
        train(reading)


def test_stories_that_contradict_rules_are_refused_by_file_and_line(acceptance_data: Path) -> None:
    folder = acceptance_data / "projects" / "rasa-pro-vscode-test-projects" / "basic-rasa-project"
    definition = read_project(folder, environment={}).definition
    assert definition is not None
    with pytest.raises(DefinitionError, match=r"data/stories\.yml:4: error: .*data/rules\.yml:14"):
        open_dialogue_model(definition, folder, keeps=False)


def train_in_process_of_its_own(folder: Path, *, seed: int, threads: int) -> bytes:
    """The archive that `duologue train` writes; the seed is that of Python's hashes, on which order may hang."""
    words = [
        "train",
        str(folder),
        "--skip-validation",
        "--fixed-model-name",
        "same",
        "--num-threads",
        str(threads),
    ]
    trained = subprocess.run(
        [sys.executable, "-c", "from duologue.cli.main import main; main()", *words],
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 0, trained.stderr
    return (folder / "models" / "same.tar.gz").read_bytes()


@pytest.mark.parametrize("name", sorted((*STORIES, *WITHOUT_TESTS)))
def test_a_project_trained_twice_gives_the_same_archive(
    acceptance_data: Path, tmp_path: Path, name: str
) -> None:
    folders = tmp_path / "one", tmp_path / "another" / "place"
    for folder in folders:
        shutil.copytree(acceptance_data / "projects" / name, folder)
    first = train_in_process_of_its_own(folders[0], seed=1, threads=1)
    assert train_in_process_of_its_own(folders[1], seed=2, threads=2) == first
