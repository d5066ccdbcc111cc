"""From a folder or an archive to an assistant."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.errors import DefinitionError, StorageUnavailableError
from duologue.project.archive import write_archive
from duologue.runtime.assistant import Assistant
from duologue.runtime.opening import ProjectPlaces, ProjectProblemsError, open_assistant, read_definition
from duologue.runtime.settings import Settings
from duologue.runtime.stores import STATE_FOLDER
from tests.unit.runtime.small_assistant import message, names_of, read_slot

CONFIG = """
recipe: default.v1
language: en
assistant_id: small
pipeline: []
policies:
  - name: FlowPolicy
"""
DOMAIN = """
version: "3.1"
slots:
  counted:
    type: any
    mappings:
      - type: controlled
responses:
  utter_hello:
    - text: Hello!
actions:
  - action_count
"""
FLOWS = """
flows:
  greet:
    description: Greet the user.
    steps:
      - action: utter_hello
  count:
    description: Count.
    steps:
      - action: action_count
"""
ACTIONS = """
from duologue.sdk import Action
from duologue.sdk.events import SlotSet


class Count(Action):
    def name(self):
        return "action_count"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("counted", (tracker.get_slot("counted") or 0) + 1)]
"""
STORIES = """
stories:
  - story: greet
    steps:
      - intent: hello
      - action: utter_hello
"""
RULES = STORIES.replace("stories:", "rules:").replace("story:", "rule:")
TRAINED_AT = datetime(2026, 1, 1, tzinfo=UTC)
INTENTS = "intents:\n  - hello\n"
CLASSIC_CONFIG = """
recipe: default.v1
language: en
pipeline: []
policies:
  - name: RulePolicy
  - name: MemoizationPolicy
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(
        tmp_path / "project",
        {"config.yml": CONFIG, "domain.yml": DOMAIN, "data/flows.yml": FLOWS, "actions.py": ACTIONS},
    )


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


async def assert_counts(assistant: Assistant) -> None:
    await assistant.handle(message("/count"))
    assert await read_slot(assistant, "counted") == 1


# Folders and archives


async def test_a_folder_answers(project: Path) -> None:
    assistant = await open_assistant(project, Settings())
    assert names_of(await assistant.handle(message("/greet")))[0] == "utter_hello"
    await assert_counts(assistant)
    await assistant.close()


async def test_an_archive_answers_like_its_folder_with_the_actions_beside_it(
    project: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "model.tar.gz"
    write_archive(read_definition(project, Settings()), archive, trained_at=TRAINED_AT)
    for name in ("config.yml", "domain.yml", "data/flows.yml"):
        (project / name).unlink()
    assistant = await open_assistant(archive, Settings(), folder=project)
    await assert_counts(assistant)
    assert (project / STATE_FOLDER).is_dir()
    await assistant.close()


async def test_the_same_project_has_the_same_model_id_from_folder_and_archive(
    project: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "model.tar.gz"
    write_archive(read_definition(project, Settings()), archive, trained_at=TRAINED_AT)
    from_folder = await open_assistant(project, Settings(), tracker_store=InMemoryTrackerStore())
    from_archive = await open_assistant(
        archive, Settings(), folder=project, tracker_store=InMemoryTrackerStore()
    )
    assert from_folder.model_id == from_archive.model_id
    await from_folder.close()
    await from_archive.close()


async def test_the_problems_of_a_project_are_listed_with_their_lines(project: Path) -> None:
    write(project, {"data/flows.yml": FLOWS.replace("utter_hello", "utter_helo")})
    with pytest.raises(ProjectProblemsError, match=r"data/flows\.yml:6.*utter_helo"):
        await open_assistant(project, Settings())


# Classic projects


@pytest.mark.parametrize("data", [STORIES, RULES])
async def test_a_classic_project_is_trained_and_answers(project: Path, data: str) -> None:
    files = {"data/flows.yml": data, "domain.yml": DOMAIN + INTENTS, "config.yml": CLASSIC_CONFIG}
    write(project, files)
    assistant = await open_assistant(project, Settings())
    assert names_of(await assistant.handle(message("/hello"))) == ["utter_hello"]
    await assistant.close()


async def test_flows_come_first_and_what_starts_none_is_left_to_the_stories(project: Path) -> None:
    stories = STORIES.replace("utter_hello", "action_count")
    files = {"data/stories.yml": stories, "domain.yml": DOMAIN + INTENTS}
    write(project, files | {"config.yml": CONFIG + "  - name: MemoizationPolicy\n"})
    assistant = await open_assistant(project, Settings())
    assert names_of(await assistant.handle(message("/greet")))[0] == "utter_hello"
    assert await read_slot(assistant, "counted") is None
    await assistant.handle(message("/hello"))
    assert await read_slot(assistant, "counted") == 1
    await assistant.close()


def find_entries(caplog: pytest.LogCaptureFixture, event: str) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.message == event]


# Actions


async def test_actions_without_code_are_named_at_the_start(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (project / "actions.py").unlink()
    assistant = await open_assistant(project, Settings())
    assert [vars(record)["missing"] for record in find_entries(caplog, "actions.missing")] == ["action_count"]
    assert "utter_internal_error_rasa" in names_of(await assistant.handle(message("/count")))
    assert "endpoints.yml names no action_endpoint" in caplog.text
    await assistant.close()


async def test_code_that_cannot_be_imported_is_named_with_its_line(project: Path) -> None:
    write(project, {"actions.py": "\nimport not_there\n"})
    with pytest.raises(DefinitionError, match=r"actions\.py:2"):
        await open_assistant(project, Settings())


async def test_the_module_of_actions_is_found_from_the_projects_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (project / "actions.py").rename(project / "deeds.py")
    write(project, {"endpoints.yml": "action_endpoint:\n  actions_module: deeds\n"})
    assistant = await open_assistant(project, Settings())
    await assert_counts(assistant)
    await assistant.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("localhost:5055/webhook", r"is no web address \(endpoints.yml:1\); write it as"),
        ("grpc://", "is no address"),
        (
            "ftp://localhost:5055",
            "'ftp' as the action server, which this release does not have; it has: grpc, grpcs",
        ),
    ],
)
async def test_an_action_server_that_cannot_be_called_is_refused(
    project: Path, url: str, sentence: str
) -> None:
    write(project, {"endpoints.yml": f"action_endpoint:\n  url: {url}\n"})
    with pytest.raises(DefinitionError, match=sentence):
        await open_assistant(project, Settings())


async def test_an_action_server_that_is_not_there_yet_does_not_keep_the_assistant_from_starting(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(project, {"endpoints.yml": "action_endpoint:\n  url: http://127.0.0.1:1/webhook\n"})
    assistant = await open_assistant(project, Settings())
    assert find_entries(caplog, "actions.unknown")
    assert "utter_internal_error_rasa" in names_of(await assistant.handle(message("/count")))
    await assistant.close()


# Endpoints


async def test_endpoints_that_were_named_and_are_not_there_are_missed(project: Path) -> None:
    with pytest.raises(DefinitionError, match=r"other\.yml"):
        await open_assistant(project, Settings(), places=ProjectPlaces(endpoints=Path("other.yml")))


async def test_named_endpoints_count_from_the_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(project, {"deploy/live.yml": "tracker_store:\n  type: memory\n"})
    places = ProjectPlaces(endpoints=Path("deploy/live.yml"))
    assistant = await open_assistant(project, Settings(), places=places)
    assert isinstance(assistant.tracker_store, InMemoryTrackerStore)
    assert not (project / STATE_FOLDER).exists()
    await assistant.close()


async def test_the_longer_ending_of_the_file_is_as_good(project: Path) -> None:
    write(project, {"endpoints.yaml": "tracker_store:\n  type: memory\n"})
    assistant = await open_assistant(project, Settings())
    assert isinstance(assistant.tracker_store, InMemoryTrackerStore)
    await assistant.close()


async def test_variables_of_the_environment_are_filled_in(project: Path) -> None:
    write(project, {"endpoints.yml": "tracker_store:\n  type: ${STORE}\n"})
    assistant = await open_assistant(project, Settings(variables={"STORE": "memory"}))
    assert isinstance(assistant.tracker_store, InMemoryTrackerStore)
    await assistant.close()


async def test_services_that_are_passed_over_are_named(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(
        project, {"endpoints.yml": "event_broker:\n  type: kafka\n  url: localhost\nnlg:\n  url: http://x\n"}
    )
    assistant = await open_assistant(project, Settings())
    assert [vars(record)["not_used"] for record in find_entries(caplog, "endpoints.not_used")] == [
        "event_broker, nlg"
    ]
    await assistant.close()


# Where conversations are


async def test_conversations_are_kept_in_the_projects_own_hidden_folder(project: Path) -> None:
    assistant = await open_assistant(project, Settings())
    await assert_counts(assistant)
    await assistant.close()
    assert (project / ".duologue" / "conversations.db").is_file()
    assert (project / ".duologue" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    reopened = await open_assistant(project, Settings())
    assert await read_slot(reopened, "counted") == 1
    await reopened.close()


async def test_a_gitignore_of_the_authors_own_stays(project: Path) -> None:
    write(project, {".duologue/.gitignore": "*.db\n"})
    await (await open_assistant(project, Settings())).close()
    assert (project / ".duologue" / ".gitignore").read_text(encoding="utf-8") == "*.db\n"


@pytest.mark.parametrize(
    "kind", ["type: SQL\n  dialect: sqlite", "type: sql", "type: sqlite", "dialect: sqlite"]
)
async def test_the_file_of_a_database_counts_from_the_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(project, {"endpoints.yml": f"tracker_store:\n  {kind}\n  db: mine.db\n"})
    assistant = await open_assistant(project, Settings())
    assert isinstance(assistant.tracker_store, SqliteTrackerStore)
    assert (project / "mine.db").is_file()
    await assistant.close()


async def test_a_database_in_memory_is_the_store_in_memory(project: Path) -> None:
    write(project, {"endpoints.yml": 'tracker_store:\n  type: SQL\n  db: ":memory:"\n'})
    assistant = await open_assistant(project, Settings())
    assert isinstance(assistant.tracker_store, InMemoryTrackerStore)
    assert not (project / ":memory:").exists()
    await assistant.close()


async def test_a_folder_of_a_database_that_is_not_there_is_named(project: Path) -> None:
    write(project, {"endpoints.yml": "tracker_store:\n  type: SQL\n  db: nowhere/mine.db\n"})
    with pytest.raises(StorageUnavailableError, match=r"The folder .*nowhere .* does not exist"):
        await open_assistant(project, Settings())


async def test_a_file_in_the_way_of_the_state_folder_is_one_sentence(project: Path) -> None:
    write(project, {STATE_FOLDER: "in the way"})
    with pytest.raises(
        DefinitionError, match=r"\.duologue for the conversations cannot be made \(.*\); make"
    ):
        await open_assistant(project, Settings())


@pytest.fixture
def read_only_project(project: Path) -> Iterator[Path]:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    project.chmod(0o555)
    yield project
    project.chmod(0o755)


async def test_a_folder_that_may_only_be_read_is_one_sentence(read_only_project: Path) -> None:
    with pytest.raises(DefinitionError, match=r"cannot be made \(Permission denied\); make .* writable"):
        await open_assistant(read_only_project, Settings())
