"""Real projects written by others load and validate, or say precisely what is not supported yet."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from duologue.core.slots import MappingType, SlotMapping
from duologue.core.stories import Story
from duologue.project.archive import read_archive, write_archive
from duologue.project.checks import validate_project
from duologue.project.credentials_reader import read_credentials
from duologue.project.definition import IntentExample
from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.endpoints_reader import read_endpoints
from duologue.project.migration.project_migration import plan_migration
from duologue.project.project_reader import read_project
from duologue.project.story_tests_reader import read_test_stories
from duologue.project.writing.nlu_text import write_nlu
from duologue.project.writing.story_text import write_stories

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
# An episode that stops half-way: its stories name what its domain gets in the next one.
UNDECLARED = "rasa-masterclass/episode5"

# Intents, examples, stories, rules; of several bots in one folder the sum.
SIZES = {
    "rasa-examples-moodbot": (7, 68, 3, 2),
    "rasa-examples-formbot": (9, 288, 2, 6),
    "rasa-examples-concertbot": (9, 29, 6, 5),
    "rasa-examples-rules": (9, 289, 0, 13),
    "rasa-examples-responseselectorbot": (8, 76, 3, 3),
    "rasa-examples-e2ebot": (4, 33, 4, 0),
    "financial-demo": (17, 578, 19, 20),
    "helpdesk-assistant": (14, 452, 14, 7),
    "conversational-ai-course-3.x": (14, 301, 17, 17),
    "rasa-action-examples": (12, 241, 11, 12),
    "envirocar-rasa-bot": (12, 140, 7, 10),
    "rasa_ch_faq": (17, 345, 7, 10),
    "elearning-gcm-ua": (17, 387, 18, 12),
    "robocorp-example-rasa-chatbot": (8, 81, 4, 5),
    "rasa-masterclass": (10, 467, 25, 0),
    "financial-demo-calm": (17, 578, 19, 20),
}
STORY_TESTS = {
    "rasa-examples-formbot": 3,
    "rasa-examples-e2ebot": 4,
    "financial-demo": 48,
    "helpdesk-assistant": 12,
    "conversational-ai-course-3.x": 21,
    "rasa-action-examples": 14,
    "envirocar-rasa-bot": 7,
    "rasa_ch_faq": 2,
    "elearning-gcm-ua": 42,
    "robocorp-example-rasa-chatbot": 7,
    "financial-demo-calm": 48,
}


def find_projects(acceptance_data: Path) -> dict[str, Path]:
    """Every folder with a configuration, by its name below the folder of projects."""
    projects = acceptance_data / "projects"
    return {
        path.parent.relative_to(projects).as_posix(): path.parent for path in projects.rglob("config.yml")
    }


def without_source(stories: tuple[Story, ...]) -> list[Story]:
    return [msgspec.structs.replace(story, source="") for story in stories]


def sort_examples(examples: tuple[IntentExample, ...]) -> list[IntentExample]:
    return sorted(examples, key=lambda example: (example.intent, example.text, str(example.entities)))


def test_every_project_validates_without_an_unexpected_error(acceptance_data: Path) -> None:
    found = {
        name: [problem.format() for problem in validate_project(read_project(folder, environment={})).errors]
        for name, folder in find_projects(acceptance_data).items()
        if not name.startswith(RASA_1)
    }
    assert len(found) >= 35
    assert {name: errors for name, errors in found.items() if errors} == EXPECTED_ERRORS


def test_projects_of_rasa_1_are_read_as_they_are(acceptance_data: Path) -> None:
    for name, folder in find_projects(acceptance_data).items():
        if not name.startswith(RASA_1):
            continue
        errors = validate_project(read_project(folder, environment={})).errors
        assert bool(errors) == (name == UNDECLARED), name
        assert all("is not declared in the domain" in error.message for error in errors), name


def test_classic_projects_are_read_with_everything_in_them(acceptance_data: Path) -> None:
    intents: dict[str, set[str]] = {}
    counts: dict[str, list[int]] = {}
    tests: dict[str, int] = {}
    for name, folder in find_projects(acceptance_data).items():
        project = name.partition("/")[0]
        definition = read_project(folder, environment={}).definition
        assert definition is not None
        data = definition.training_data
        sums = counts.setdefault(project, [0, 0, 0])
        for position, number in enumerate((len(data.examples), len(data.stories), len(data.rules))):
            sums[position] += number
        found = intents.setdefault(project, set())
        found.update(example.intent.partition("/")[0] for example in data.examples)
        if (folder / "tests").is_dir():
            reading = read_test_stories(folder / "tests", root=folder)
            assert reading.problems.format() == "", name
            tests[project] = tests.get(project, 0) + len(reading.stories)
    sizes = {project: (len(intents[project]), *counts[project]) for project in SIZES}
    assert sizes == SIZES
    assert {project: count for project, count in tests.items() if count} == STORY_TESTS


def test_every_story_knows_its_line(acceptance_data: Path) -> None:
    for name, folder in find_projects(acceptance_data).items():
        definition = read_project(folder, environment={}).definition
        assert definition is not None
        for story in (*definition.training_data.stories, *definition.training_data.rules):
            file, _, line = story.source.rpartition(":")
            text = (folder / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
            assert story.name in text, (name, story.source)


def test_stories_and_examples_are_read_back_as_they_were_written(
    acceptance_data: Path, tmp_path: Path
) -> None:
    for name, folder in find_projects(acceptance_data).items():
        definition = read_project(folder, environment={}).definition
        assert definition is not None
        data = definition.training_data
        copy = tmp_path / name
        (copy / "data").mkdir(parents=True)
        (copy / "config.yml").write_text("assistant_id: copy\n", encoding="utf-8")
        (copy / "data" / "stories.yml").write_text(
            write_stories((*data.stories, *data.rules)), encoding="utf-8"
        )
        nlu = write_nlu(data.examples, synonyms=data.synonyms, lookups=data.lookups, regexes=data.regexes)
        (copy / "data" / "nlu.yml").write_text(nlu, encoding="utf-8")
        written = read_project(copy, environment={}).definition
        assert written is not None
        again = written.training_data
        assert without_source(again.stories) == without_source(data.stories), name
        assert without_source(again.rules) == without_source(data.rules), name
        assert sort_examples(again.examples) == sort_examples(data.examples), name
        assert (again.synonyms, again.lookups) == (data.synonyms, data.lookups), name


def test_every_older_project_is_migrated_and_says_the_same(acceptance_data: Path, tmp_path: Path) -> None:
    migrated: set[str] = set()
    for name, folder in find_projects(acceptance_data).items():
        copy = tmp_path / name
        shutil.copytree(folder, copy)
        migration = plan_migration(copy)
        for change in migration.changes:
            if change.text is None:
                change.path.unlink()
            else:
                change.path.write_text(change.text, encoding="utf-8")
        if not migration.changes:
            continue
        migrated.add(name)
        before, after = read_project(folder, environment={}), read_project(copy, environment={})
        assert bool(validate_project(after).errors) == (name == UNDECLARED), name
        assert before.definition is not None
        assert after.definition is not None
        assert after.definition.domain.forms == before.definition.domain.forms, name
        for slot in before.definition.domain.slots.values():
            moved = after.definition.domain.slots[slot.name]
            assert moved == slot or moved.mappings == (SlotMapping(type=MappingType.CUSTOM),), (
                name,
                slot.name,
            )
        stories = without_source(after.definition.training_data.stories)
        assert stories == without_source(before.definition.training_data.stories), name
        assert plan_migration(copy).changes == (), name
    assert len(migrated) == 17


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
