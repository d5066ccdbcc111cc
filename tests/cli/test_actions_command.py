"""What `duologue actions` says before anything is served."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from duologue.action_server.options import ActionServingOptions
from duologue.cli import actions
from tests.cli.conftest import Run

# A stand-in for what would serve for ever; `object` since it is never looked into.
Served = tuple[ActionServingOptions, object, int, str | None]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Served]:
    """What the command would serve, and with how many processes."""
    asked: list[Served] = []

    def note(options: ActionServingOptions, settings: object, workers: int, post: str | None) -> int:
        asked.append((options, settings, workers, post))
        return 0

    monkeypatch.setattr(actions, "_serve", note)
    return asked


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("verb", [("actions",), ("run", "actions"), ("run", "--debug", "actions")])
def test_the_words_of_rasa_start_the_same_server(
    run: Run, served: list[Served], in_folder: Path, verb: tuple[str, ...]
) -> None:
    (in_folder / "actions").mkdir()
    words = ("-p", "5056", "--actions", "actions.bank", "--auto-reload", "--cors", "*", "--workers", "3")
    assert run(*verb, *words).code == 0
    ((options, _, workers, post),) = served
    assert (options.port, options.module, options.folder) == (5056, "actions.bank", in_folder)
    assert (options.is_reloaded, options.cors_origins, workers, post) == (True, ("*",), 3, None)


def test_what_is_not_said_comes_from_the_environment_of_rasa(
    run: Run, served: list[Served], in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTION_SERVER_SANIC_WORKERS", "4")
    monkeypatch.setenv("SANIC_HOST", "127.0.0.1")
    monkeypatch.setenv("ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS", "2.5")
    (in_folder / "endpoints.yml").touch()
    assert run("actions").code == 0
    ((options, _, workers, _),) = served
    assert (options.port, options.interface, options.module) == (5055, "127.0.0.1", "actions")
    assert (workers, options.barge_in_seconds) == (4, 2.5)
    assert options.endpoints == in_folder / "endpoints.yml"


def test_the_module_named_last_wins(run: Run, served: list[Served], in_folder: Path) -> None:
    assert run("actions", "--actions", "one", "--actions-module", "two").code == 0
    assert served[0][0].module == "two"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--actions", "actions/bank"], 2, "actions/bank is a path; name a module"),
        (["--actions", "bank.py"], 2, "bank.py is a path; name a module"),
        (["nowhere"], 1, "There is no folder nowhere."),
        (["--ssl-keyfile", "key"], 1, "TLS needs --ssl-certificate as well."),
        (["--grpc", "--grpc-port", "1"], 1, "Give one of them."),
        (["--endpoints", "gone.yml"], 1, "There is no file gone.yml, which --endpoints names."),
        (["--logging-config-file", "gone.yml"], 1, "There is no file gone.yml, which --logging-config-file"),
        (["--actions", "bank"], 1, "There is no module or package 'bank' in"),
        (["--workers", "2", "--remember", "memory"], 1, "Several workers need a store of results"),
        (["--remember", "sqlit:///x.db"], 1, "Results cannot be remembered in 'sqlit'"),
    ],
)
def test_what_cannot_be_served_gets_one_sentence(
    run: Run, in_folder: Path, words: list[str], code: int, sentence: str
) -> None:
    (in_folder / "actions.py").touch()
    outcome = run("actions", "-p", "0", "-i", "127.0.0.1", *words)
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err


@pytest.mark.parametrize(
    ("words", "flag"), [(("-p",), "--port"), (("-p", "0", "--grpc-port"), "--grpc-port")]
)
def test_a_taken_port_is_named_with_its_option(
    run: Run, in_folder: Path, words: tuple[str, ...], flag: str
) -> None:
    (in_folder / "actions.py").touch()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        outcome = run("actions", "-i", "127.0.0.1", *words, port)
    assert outcome.code == 1
    assert outcome.err.startswith(f"Error: Port {port} is taken by another program")
    assert outcome.err.rstrip().endswith(f"{flag}.")


def test_broken_code_is_named_with_its_line(run: Run, in_folder: Path) -> None:
    (in_folder / "actions.py").write_text("x = 1\ny = (\n", encoding="utf-8")
    outcome = run("actions", "-p", "0", "-i", "127.0.0.1")
    assert (outcome.code, "actions.py:2" in outcome.err) == (1, True)


@pytest.fixture
def restored_log() -> Iterator[None]:
    """The log is of the whole process."""
    logger = logging.getLogger("duologue.action_server")
    yield
    logger.setLevel(logging.NOTSET)
    logger.handlers.clear()


@pytest.mark.usefixtures("restored_log", "served")
def test_a_file_of_the_author_sets_the_log_up(run: Run, in_folder: Path) -> None:
    config = (
        "version: 1\ndisable_existing_loggers: false\nloggers: {duologue.action_server: {level: ERROR}}\n"
    )
    (in_folder / "log.yml").write_text(config, encoding="utf-8")
    assert run("actions", "--logging-config-file", "log.yml").code == 0
    assert logging.getLogger("duologue.action_server").level == logging.ERROR


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("- a\n", "must be a mapping"), ("version: 2\n", "does not set a log up"), ("a: [\n", "log.yml:")],
)
def test_a_file_that_sets_no_log_up_is_refused(run: Run, in_folder: Path, text: str, sentence: str) -> None:
    (in_folder / "log.yml").write_text(text, encoding="utf-8")
    outcome = run("actions", "--logging-config-file", "log.yml")
    assert (outcome.code, sentence in outcome.err) == (1, True), outcome.err
