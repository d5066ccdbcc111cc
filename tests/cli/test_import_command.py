"""`duologue import-conversations` carries a Rasa project's conversations over, and can be broken off anywhere."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.ids import ConversationId
from duologue.ports.tracker_store import ConversationSummary
from tests.cli.conftest import Run
from tests.rasa_conversations import tell_conversation, write_json_lines, write_sqlite

DUOLOGUE = str(Path(sys.executable).with_name("duologue"))
MANY = 800


def read_summaries(project: Path) -> list[ConversationSummary]:
    async def read() -> list[ConversationSummary]:
        store = await SqliteTrackerStore.open(project / ".duologue" / "conversations.db")
        try:
            return await store.list_conversations(limit=10_000)
        finally:
            await store.close()

    return asyncio.run(read())


def count_types(project: Path, conversation_id: str) -> list[str]:
    async def read() -> list[str]:
        store = await SqliteTrackerStore.open(project / ".duologue" / "conversations.db")
        try:
            events = await store.load_events(ConversationId(conversation_id))
            return [str(event.__struct_config__.tag) for event in events]
        finally:
            await store.close()

    return asyncio.run(read())


@pytest.fixture
def old_project(tmp_path: Path) -> Path:
    """The endpoints file of a Rasa project whose conversations are in the SQLite file beside it."""
    folder = tmp_path / "old"
    folder.mkdir()
    told = {name: tell_conversation(name, turns=2) for name in ("ada", "bob", "eve")}
    write_sqlite(folder / "rasa.db", told, users={"ada": "user-1"})
    (folder / "endpoints.yml").write_text("tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: rasa.db\n")
    return folder / "endpoints.yml"


def test_the_old_endpoints_file_is_all_that_has_to_be_named(
    run: Run, project: Path, old_project: Path
) -> None:
    outcome = run("import-conversations", project, "--from", old_project)
    assert outcome.out == (
        "Conversations: 3 read, 3 carried over, 0 already there, 0 left alone.\n"
        "Events: 57 read, 57 carried over, 0 already there.\n"
    )
    assert outcome.code == 0
    found = {
        summary.conversation_id: (summary.length, summary.user_id) for summary in read_summaries(project)
    }
    assert found == {"ada": (19, "user-1"), "bob": (19, None), "eve": (19, None)}

    again = run("import-conversations", project, "--from", old_project)
    assert again.out.startswith("Conversations: 3 read, 0 carried over, 3 already there, 0 left alone.\n")
    assert again.code == 0


def test_a_dry_run_changes_nothing(run: Run, project: Path, old_project: Path) -> None:
    outcome = run("import-conversations", project, "--from", old_project, "--dry-run")
    assert "3 would be carried over" in outcome.out
    assert read_summaries(project) == []


def test_a_report_names_every_conversation_that_was_left_alone(
    run: Run, project: Path, tmp_path: Path
) -> None:
    first = {f"c{number}": tell_conversation(f"c{number}") for number in range(8)}
    other = {name: tell_conversation(name, started_at=5.0) for name in first}
    run("import-conversations", project, "--from", write_json_lines(tmp_path / "a.jsonl", first))
    outcome = run(
        *("import-conversations", project, "--from", write_json_lines(tmp_path / "b.jsonl", other)),
        *("--report", tmp_path / "report.json"),
    )
    assert outcome.code == 1
    assert "8 left alone" in outcome.out
    assert "and 3 more; --report FILE names them all" in outcome.out
    report = json.loads((tmp_path / "report.json").read_text())
    assert [left["conversation_id"] for left in report["left_alone"]] == sorted(first)


def test_a_source_that_is_not_there_is_a_sentence(run: Run, project: Path, tmp_path: Path) -> None:
    outcome = run("import-conversations", project, "--from", tmp_path / "gone.db")
    assert outcome.code == 1
    assert outcome.err.startswith("Error: There is no file ")
    unreachable = run("import-conversations", project, "--from", "postgresql://rasa@127.0.0.1:1/rasa")
    assert unreachable.code == 1
    assert "127.0.0.1:1/rasa cannot be read" in unreachable.err


def start_import(project: Path, source: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [DUOLOGUE, "import-conversations", str(project), "--from", str(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_events(project: Path, process: "subprocess.Popen[str]") -> None:
    """Return when something is stored."""
    database = project / ".duologue" / "conversations.db-wal"
    while not (database.exists() and database.stat().st_size > 200_000):
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_and_loses_and_doubles_nothing(
    run: Run, project: Path, tmp_path: Path
) -> None:
    told = {f"c{number}": tell_conversation(f"c{number}", turns=3) for number in range(MANY)}
    told["long"] = tell_conversation("long", turns=300)
    source = write_sqlite(tmp_path / "rasa.db", told)

    for _ in range(2):
        with start_import(project, source) as process:
            wait_for_events(project, process)
            os.kill(process.pid, signal.SIGKILL)
    summaries = read_summaries(project)
    assert 0 < len(summaries) < len(told)

    outcome = run("import-conversations", project, "--from", source)
    assert outcome.code == 0, outcome
    assert f"{len(told):,} read" in outcome.out
    assert {summary.conversation_id: summary.length for summary in read_summaries(project)} == {
        name: len(events) for name, events in told.items()
    }
    assert count_types(project, "long") == [event["event"] for event in told["long"]]


def test_ctrl_c_ends_it_with_the_count_so_far(project: Path, tmp_path: Path) -> None:
    told = {f"c{number}": tell_conversation(f"c{number}", turns=3) for number in range(MANY)}
    source = write_sqlite(tmp_path / "rasa.db", told)
    with start_import(project, source) as process:
        wait_for_events(project, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "carried over" in out
    assert "The source was not read to its end." in out
    assert err == "Interrupted; run it again to go on.\n"
