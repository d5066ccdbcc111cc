"""What a person meets who calls the program for the first time, or wrongly."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import duologue
from tests.cli.conftest import Run


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").out == f"Duologue {duologue.__version__}\n"


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "duologue", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout == f"Duologue {duologue.__version__}\n"


@pytest.mark.parametrize(
    "command", ["init", "run", "actions", "shell", "inspect", "train", "demo", "data validate", "test e2e"]
)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    outcome = run(*command.split(), "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: duologue {command}")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rn"], "`duologue` has no command `rn`. Did you mean `run`?"),
        (["actions", "--prot", "1"], "--port"),
        (["run", "--port", "abc"], "'abc' is not a valid integer"),
        (["run", "--port", "99999"], "99999 is not in the range 0<=x<=65535"),
        (["demo", "--port", "-1"], "-1 is not in the range 0<=x<=65535"),
        (["studio"], "`duologue studio` is not supported yet."),
        (["data", "convrt"], "Did you mean `convert`?"),
        (["run", "--auth-token", "x"], "--auth-token is not supported yet."),
        (["run", "--prot", "1"], "--port"),
        (["train", "--remote-storage", "x"], "--remote-storage is not supported yet."),
    ],
)
def test_a_wrong_word_gets_a_sentence_and_exit_code_2(run: Run, words: list[str], sentence: str) -> None:
    outcome = run(*words)
    assert outcome.code == 2
    assert sentence in outcome.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "nowhere"], "There is no folder nowhere."),
        (["run", "a-file"], "a-file is a file; name the assistant's folder."),
        (["run"], "The current folder holds no assistant"),
        (
            ["shell", "--model", "gone.tar.gz"],
            "There is no model at gone.tar.gz; make one with `duologue train`.",
        ),
        (["shell", "--model", "."], "There is no model in .; make one with `duologue train`."),
        (["run", ".", "--project", "other"], "Two folders are named, . and other; name one."),
        (["run", "--endpoints", "gone.yml"], "There is no file gone.yml, which --endpoints names."),
        (["run", "--ssl-keyfile", "k"], "HTTPS needs --ssl-certificate as well."),
        (["run", "-p", "1", "actions"], "The actions of a project are served by `duologue actions`"),
        (["train", "core"], "The current folder holds no assistant"),
        (["data", "validate", "flows"], "The current folder holds no assistant"),
    ],
)
def test_what_is_not_there_gets_one_sentence_and_exit_code_1(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a-file").touch()
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"Error: {sentence}")
    assert outcome.err.count("\n") == 1


def test_a_flag_that_does_nothing_here_is_taken_with_a_note(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("run", "--enable-api")
    assert outcome.err.startswith("Note: --enable-api is not supported yet and has no effect.")


def test_a_failure_of_our_own_is_one_sentence_and_a_traceback_only_on_demand(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_module("duologue.cli.init")  # a command is loaded on use; what breaks must break after that
    monkeypatch.setattr("duologue.cli.templates.TEMPLATES", None)
    short = run("init", "--no-prompt")
    assert short.code == 1
    assert short.err.startswith("Error: Duologue itself failed (TypeError: ")
    assert "Traceback" not in short.err


def test_the_folder_above_an_assistant_is_told_where_it_is(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "bots" / "one")
    outcome = run("data", "validate", tmp_path / "bots")
    assert outcome.err.endswith(f"there is one in {tmp_path / 'bots' / 'one'}.\n")
    run("init", tmp_path / "bots" / "two")
    outcome = run("data", "validate", tmp_path / "bots")
    assert outcome.err.endswith(f"there are 2 below it, such as {tmp_path / 'bots' / 'one'}.\n")
