"""Commands on a real project: check, train, talk, serve."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Run

FLOW_WITH_A_TYPO = """
flows:
  greet:
    description: Say hello.
    steps:
      - action: utter_helo
"""
DOUBTFUL_SLOT = """
slots:
  never_used:
    type: text
"""


@contextmanager
def started(*words: str, folder: Path, first_words: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The command as a process, and the URL that its first line names."""
    command = [sys.executable, "-m", "duologue", *words]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(first_words), line
            yield process, next(word for word in line.split() if word.startswith("http"))
        finally:
            process.kill()


def test_a_template_is_valid(run: Run, project: Path) -> None:
    outcome = run("data", "validate", project)
    assert (outcome.code, outcome.out) == (0, "The project is valid.\n")


def test_an_error_is_shown_with_its_place_and_exit_code_1(run: Run, project: Path) -> None:
    (project / "data" / "typo.yml").write_text(FLOW_WITH_A_TYPO)
    outcome = run("data", "validate", "--project", project)
    assert outcome.code == 1
    assert "data/typo.yml:6: error: " in outcome.out
    assert outcome.err == "1 error, 0 warnings.\n"


def test_warnings_fail_only_where_they_are_told_to(run: Run, project: Path) -> None:
    (project / "data" / "slots.yml").write_text(DOUBTFUL_SLOT)
    assert run("data", "validate", project).code == 0
    assert run("data", "validate", project, "--fail-on-warnings").code == 1


def test_validate_takes_the_name_of_a_part(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert run("data", "validate", "flows").code == 0
    assert run("data", "validate", "flows", project).code == 0


def test_training_twice_writes_one_archive(run: Run, project: Path) -> None:
    first, second = run("train", project), run("train", project)
    assert first.out.startswith("Model written to ")
    assert second.out.startswith("Nothing has changed since ")
    assert len(list((project / "models").iterdir())) == 1


def test_training_with_force_or_after_a_change_writes_again(run: Run, project: Path) -> None:
    run("train", project, "--fixed-model-name", "first")
    run("train", project, "--force", "--fixed-model-name", "second")
    (project / "data" / "slots.yml").write_text(DOUBTFUL_SLOT)
    run("train", project, "--fixed-model-name", "third")
    names = {path.name for path in (project / "models").iterdir()}
    assert names == {"first.tar.gz", "second.tar.gz", "third.tar.gz"}


def test_a_dry_run_says_whether_there_is_something_to_do(run: Run, project: Path) -> None:
    assert run("train", project, "--dry-run").code == 1
    assert not (project / "models").exists()
    run("train", project)
    assert run("train", project, "--dry-run").code == 0


def test_a_project_with_errors_is_not_trained(run: Run, project: Path) -> None:
    (project / "data" / "typo.yml").write_text(FLOW_WITH_A_TYPO)
    outcome = run("train", project)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.endswith("Error: Nothing is trained: 1 error, 0 warnings.\n")


def test_a_project_with_errors_is_not_served(run: Run, project: Path) -> None:
    (project / "data" / "typo.yml").write_text(FLOW_WITH_A_TYPO)
    outcome = run("run", project, "--port", "0")
    assert outcome.code == 1
    assert outcome.err.startswith("data/typo.yml:6: error: ")
    assert outcome.err.endswith("Error: The project cannot run as it is written: 1 error.\n")


def test_the_shell_presses_the_button_of_a_number(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "I want to book a table\n2\n1\n/quit\nnot read any more\n"
    command = [sys.executable, "-m", "duologue", "shell", str(project)]
    talked = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    assert talked.stdout.splitlines()[:4] == [
        "For how many people?",
        "Shall I book the table?",
        "  1. Yes",
        "  2. No",
    ]
    assert "Your table is booked." in talked.stdout


@pytest.mark.parametrize("is_file", [True, False])
def test_the_shell_takes_lines_from_a_file_or_a_pipe(project: Path, tmp_path: Path, is_file: bool) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("book a table\nzwölf", encoding="utf-8")
    command = [sys.executable, "-m", "duologue", "shell", str(project)]
    with lines.open() as file:
        given = {"stdin": file} if is_file else {"input": lines.read_text(encoding="utf-8")}
        talked = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, **given)  # type: ignore[call-overload]
    assert talked.stdout.startswith("For how many people?\n")
    assert talked.stdout.count("\n") > 1


def test_ctrl_c_ends_a_shell_whose_pipe_stays_open(project: Path) -> None:
    command = [sys.executable, "-m", "duologue", "shell", str(project)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write("book a table\n")
        shell.stdin.flush()
        assert shell.stdout.readline() == "For how many people?\n"
        shell.send_signal(signal.SIGINT)
        assert shell.wait(20) == 130


SLEEPY_ACTION = """
import time

from duologue.sdk import Action


class Sleep(Action):
    def name(self):
        return "action_book_table"

    def run(self, dispatcher, tracker, domain):
        print("asleep", flush=True)
        time.sleep(1000)
"""


def test_ctrl_c_ends_a_shell_whose_action_does_not_return(project: Path) -> None:
    (project / "actions" / "booking.py").write_text(SLEEPY_ACTION)
    command = [sys.executable, "-m", "duologue", "shell", str(project)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write("book a table\n4\n1\n")
        shell.stdin.flush()
        while shell.stdout.readline() != "asleep\n":
            pass
        shell.send_signal(signal.SIGINT)
        assert shell.wait(20) == 130


def test_an_archive_is_served_without_its_project(run: Run, project: Path, tmp_path: Path) -> None:
    run("train", project)
    deployed = tmp_path / "deployed"
    deployed.mkdir()
    shutil.copytree(project / "models", deployed / "models")
    shutil.copytree(project / "actions", deployed / "actions")
    words = ["run", "--port", "0", "--interface", "127.0.0.1"]
    with started(*words, folder=deployed, first_words="Ready at ") as (process, url):
        status = httpx2.get(f"{url}/status").json()
        replies = httpx2.post(f"{url}/webhooks/rest/webhook", json={"message": "book a table"}).json()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert status["model_file"].endswith(".tar.gz")
    assert replies == [{"recipient_id": "default", "text": "For how many people?"}]


def test_the_demo_serves_the_page(tmp_path: Path) -> None:
    words = ["demo", "--port", "0"]
    with started(*words, folder=tmp_path, first_words="The example bank is open: ") as (process, url):
        page = httpx2.get(url, headers={"accept": "text/html"})
        about = httpx2.get(f"{url}/demo/assistant").json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "<title>Duologue</title>" in page.text
    assert "I'd like to send money to Anna" in about["suggestions"]
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_one_sentence(run: Run, project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        outcome = run("run", project, "--interface", "127.0.0.1", "--port", port)
    assert outcome.code == 1
    assert outcome.err == (
        f"Error: Port {port} is taken by another program; stop that one or choose another port with --port.\n"
    )


def test_two_demos_at_once_each_have_a_port_of_their_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "duologue", "demo"]
    demos = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        lines = [demo.stdout.readline() for demo in demos if demo.stdout is not None]
        for demo in demos:
            demo.send_signal(signal.SIGINT)
        codes = [demo.wait(20) for demo in demos]
    finally:
        for demo in demos:
            demo.kill()
            demo.communicate()
    assert codes == [0, 0]
    assert len({line.rpartition(":")[2] for line in lines}) == 2


def test_a_channel_that_nobody_knows_is_named_once(run: Run, project: Path) -> None:
    (project / "credentials.yml").write_text("rst:\n")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        outcome = run("run", project, "--interface", "127.0.0.1", "--port", port)
    assert outcome.err.count("rst") == 1
    assert "Did you mean `rest`?" in outcome.err


def test_validate_looks_at_endpoints_and_credentials_too(run: Run, project: Path) -> None:
    (project / "endpoints.yml").write_text("action_enpoint:\n  actions_module: actions\n")
    assert "Did you mean `action_endpoint`?" in run("data", "validate", project).out


def test_a_certificate_that_is_none_is_one_sentence(run: Run, project: Path) -> None:
    words = ["run", project, "--port", "0", "--ssl-certificate"]
    assert run(*words, "gone.pem").err == "Error: There is no file gone.pem, which --ssl-certificate names.\n"
    outcome = run(*words, project / "domain.yml")
    assert outcome.code == 1
    assert outcome.err.startswith(f"Error: HTTPS cannot be served with {project / 'domain.yml'}: ")
    assert outcome.err.count("\n") == 1


def test_only_the_channels_of_the_credentials_file_are_open(run: Run, project: Path) -> None:
    (project / "credentials.yml").write_text("slack:\n  slack_token: ${TOKEN_OF_A_TEST}\n")
    outcome = run("run", project, "--port", "0")
    assert outcome.code == 1
    assert "TOKEN_OF_A_TEST" in outcome.err


def test_the_conversations_of_a_template_hold(run: Run, project: Path) -> None:
    outcome = run("test", "e2e", "--project", project)
    assert outcome.code == 0, outcome.out
    assert outcome.out.splitlines()[-1].startswith("0 failed, ")


def test_a_conversation_that_does_not_hold_is_exit_code_1(run: Run, project: Path, tmp_path: Path) -> None:
    test = tmp_path / "wrong.yml"
    test.write_text(
        "test_cases:\n  - test_case: wrong\n    steps:\n      - user: hello\n      - bot: Never said.\n"
    )
    outcome = run("test", "e2e", test, "--project", project, "-o", tmp_path / "results")
    assert outcome.code == 1
    assert "FAILED" in outcome.out
    assert (tmp_path / "results" / "e2e_results_failed.yml").exists()
