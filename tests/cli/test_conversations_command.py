"""`duologue conversations` and `duologue export`: what is stored is listed, shown, handed out and deleted."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, Run
from tests.rasa_conversations import tell_conversation, write_json_lines


@pytest.fixture
def filled(run: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two conversations of one user and one of nobody, in the current folder."""
    told = {name: tell_conversation(name) for name in ("ada-1", "ada-2", "bob")}
    lines = write_json_lines(tmp_path / "old.jsonl", told, users={"ada-1": "ada", "ada-2": "ada"})
    assert run("import-conversations", project, "--from", lines).code == 0
    monkeypatch.chdir(project)
    return project


def list_ids(run: Run, *options: str) -> set[str]:
    lines = run("conversations", "list", "--json", *options).out.splitlines()
    return {json.loads(line)["conversation_id"] for line in lines}


def test_a_list_is_a_table_or_json_lines(run: Run, filled: Path) -> None:
    table = run("conversations", "list", "--user", "ada").out.splitlines()
    assert table[0].split() == ["conversation", "user", "began", "last", "event", "events"]
    assert sorted(line.split()[:2] for line in table[1:]) == [["ada-1", "ada"], ["ada-2", "ada"]]
    assert list_ids(run) == {"ada-1", "ada-2", "bob"}
    assert len(list_ids(run, "--limit", "2")) == 2


def test_a_conversation_is_shown_as_it_was_held(run: Run, filled: Path) -> None:
    shown = run("conversations", "show", "ada-1").out
    assert "User: ada\n" in shown
    assert "  amount: 0\n" in shown
    assert "2023-11-14 22:13:30  user: send 0 euros\n" in shown
    assert "2023-11-14 22:13:30  assistant: 0 euros are on their way.\n" in shown
    whole = json.loads(run("conversations", "show", "ada-1", "--json").out)
    assert len(whole["events"]) == 11


def test_what_people_wrote_cannot_move_the_cursor_of_a_terminal(
    run: Run, filled: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.jsonl"
    odd.write_text(
        json.dumps({"event": "user", "text": "a\x1b[2Jb", "sender_id": "odd\x1b", "timestamp": 1.0})
    )
    run("import-conversations", "--from", odd)
    assert "\x1b" not in run("conversations", "show", "odd\x1b").out
    assert "\x1b" not in run("conversations", "list").out


def test_a_person_gets_one_file_with_everything(run: Run, filled: Path, tmp_path: Path) -> None:
    outcome = run("conversations", "export", "--user", "ada", "--out", tmp_path / "ada.json")
    assert outcome.out == f"2 conversations with 22 events written to {tmp_path / 'ada.json'}.\n"
    content = json.loads((tmp_path / "ada.json").read_text())
    assert content["user_id"] == "ada"
    first = content["conversations"][0]
    assert (first["slots"], first["model_ids"]) == ({"amount": 0}, ["model-1"])
    assert [event["event"] for event in first["events"]][:2] == ["action", "session_started"]


def test_an_export_of_somebody_unknown_writes_no_file(run: Run, filled: Path, tmp_path: Path) -> None:
    outcome = run("conversations", "export", "--user", "nobody", "--out", tmp_path / "x.json")
    assert (outcome.code, outcome.err) == (1, "Error: There are no conversations of nobody.\n")
    assert not (tmp_path / "x.json").exists()


def test_a_user_is_deleted_after_a_question(run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "n" if len(asked) == 1 else "y"

    monkeypatch.setattr("click.termui.visible_prompt_func", answer)
    assert run("conversations", "delete", "--user", "ada").code == 130
    assert asked == ["Delete 2 conversations of ada for good? [y/N]: "]
    assert len(list_ids(run)) == 3

    deleted = run("conversations", "delete", "--user", "ada")
    assert (deleted.code, deleted.out) == (0, "2 conversations with 22 events deleted.\n")
    assert list_ids(run) == {"bob"}


def test_conversations_are_deleted_by_their_ids(run: Run, filled: Path) -> None:
    outcome = run("conversations", "delete", "ada-1", "gone", "--yes")
    assert outcome == Outcome(
        1, "1 conversation with 11 events deleted.\n", "There is no conversation gone.\n"
    )
    assert list_ids(run) == {"ada-2", "bob"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "gone"], "There is no conversation gone."),
        (["delete", "--yes"], "Name conversations, or one person with --user."),
        (["delete", "a", "--user", "b"], "Name conversations, or one person with --user."),
        (["export", "--out", "x"], "Name one person with --user, or conversations with --conversation."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    run: Run, filled: Path, words: list[str], sentence: str
) -> None:
    outcome = run("conversations", *words)
    assert (outcome.code, outcome.err.splitlines()[-1]) == (1, f"Error: {sentence}")


def test_a_store_in_memory_cannot_be_looked_into(run: Run, filled: Path) -> None:
    (filled / "endpoints.yml").write_text("tracker_store:\n  type: in_memory\n")
    assert "only the server itself can see" in run("conversations", "list").err


def read_lines(text: str) -> list[tuple[str, str, float]]:
    messages = [json.loads(line) for line in text.splitlines()]
    return [(message["sender_id"], message["event"], message["timestamp"]) for message in messages]


def test_an_export_without_a_broker_goes_to_the_terminal(run: Run, filled: Path) -> None:
    outcome = run(
        *("export", "--conversation-ids", "bob,ada-1", "--offset-timestamps-by-seconds", 1000),
        *("--minimum-timestamp", 1_700_000_010.25, "--maximum-timestamp", 1_700_000_010.252),
    )
    assert read_lines(outcome.out) == [
        (name, kind, at + 1000)
        for name in ("bob", "ada-1")
        for kind, at in (("user", 1_700_000_010.25), ("stack", 1_700_000_010.251))
    ]
    assert outcome.err == "4 events of 2 conversations written.\n"


def test_events_are_added_to_the_file_of_an_event_broker(run: Run, filled: Path) -> None:
    (filled / "endpoints.yml").write_text("event_broker:\n  type: file\n  path: events.log\n")
    (filled / "events.log").write_text("{}\n")
    assert run("export").code == 0
    assert len((filled / "events.log").read_text().splitlines()) == 34


def test_an_export_to_another_broker_says_what_to_do(run: Run, filled: Path) -> None:
    (filled / "endpoints.yml").write_text("event_broker:\n  type: kafka\n  url: localhost\n")
    outcome = run("export")
    assert (outcome.code, outcome.err) == (
        1,
        "Error: Exporting to an event broker of the type `kafka` is not supported yet; write the events to a file with"
        " --out.\n",
    )
    assert run("export", "--out", "events.jsonl").code == 0
    assert len((filled / "events.jsonl").read_text().splitlines()) == 33
