"""Several processes that serve one port: their starts, deaths, replacements and ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.http.worker_server import Folder

WEBHOOK = "/webhooks/rest/webhook"
SECONDS = 30
"""How long anything may take before the test fails."""
WORKERS = 2


class Served:
    """The parent process, and ways to talk to its workers."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Folder, log: Path) -> None:
        self.process = process
        self.folder = folder
        self._log = log
        self.url = ""

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def wait_for_url(self) -> None:
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def say(self, text: str) -> int:
        """On a connection of its own; the process that answered."""
        response = httpx2.post(self.url + WEBHOOK, json={"message": text}, timeout=SECONDS)
        assert response.status_code == 200, response.text
        return int(response.json()[0]["text"])

    def find_workers(self) -> set[int]:
        """Processes that answer, asked until both have."""
        found: set[int] = set()
        until = time.monotonic() + SECONDS
        while len(found) < WORKERS and time.monotonic() < until:
            found.add(self.say("who?"))
        return found

    def wait_for_log(self, words: str, *, times: int = 1) -> None:
        until = time.monotonic() + SECONDS
        while self.log.count(words) < times:
            assert time.monotonic() < until, self.log
            time.sleep(0.02)

    def read_rest(self) -> str:
        """What else is written; returns once the parent and every worker have ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()


@pytest.fixture
def starting(repository: Path, tmp_path: Path) -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.http.worker_server", str(tmp_path)]
    log = tmp_path / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, cwd=repository, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        try:
            yield Served(process, Folder(tmp_path), log)
        finally:
            process.kill()


@pytest.fixture
def served(starting: Served) -> Served:
    starting.wait_for_url()
    return starting


def test_every_worker_answers_and_readiness_is_said_once(served: Served) -> None:
    assert len(served.find_workers()) == WORKERS
    served.process.terminate()
    assert (served.read_rest(), served.process.wait(SECONDS)) == ("", 0)


def test_a_worker_that_dies_is_started_again_and_whoever_waits_is_answered(served: Served) -> None:
    before = served.find_workers()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    # New connections, of which some reach the socket of the dead.
    answered = {served.say("who?") for _ in range(20)}
    after = served.find_workers()
    assert victim not in answered | after
    assert len(after) == WORKERS
    assert "worker.died" in served.log


def test_a_turn_that_kills_its_worker_is_not_answered_and_costs_no_other(served: Served) -> None:
    with pytest.raises(httpx2.TransportError):
        served.say("die")
    assert len(served.find_workers()) == WORKERS


def test_a_first_start_that_fails_is_told_once_and_ends_all(starting: Served) -> None:
    starting.folder.broken.write_text("The project is broken.")
    starting.wait_for_url()
    assert starting.process.wait(SECONDS) == 1
    assert starting.log == "Error: The project is broken.\n"


@pytest.mark.slow
def test_a_worker_that_cannot_come_back_leaves_its_clients_to_the_others_until_it_can(served: Served) -> None:
    victim = min(served.find_workers())
    served.folder.broken.write_text("Broken meanwhile.")
    os.kill(victim, signal.SIGKILL)
    served.wait_for_log("worker.not_started", times=2)
    assert len({served.say("who?") for _ in range(10)}) == 1
    served.folder.broken.unlink()
    served.wait_for_log("worker.ready", times=WORKERS + 1)
    assert len(served.find_workers()) == WORKERS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_workers_finish_their_turns_when_the_parent_is_told_to_stop(
    served: Served, number: signal.Signals
) -> None:
    with ThreadPoolExecutor(4) as pool:
        turns = [pool.submit(served.say, "wait") for _ in range(4)]
        wait_until_begun(served, 4)
        served.process.send_signal(number)
        served.folder.go.touch()
        assert all(turn.result(SECONDS) for turn in turns)
    assert served.process.wait(SECONDS) == 0


def test_workers_that_lose_their_parent_finish_their_turns_and_end(served: Served) -> None:
    with ThreadPoolExecutor() as pool:
        turn = pool.submit(served.say, "wait")
        wait_until_begun(served, 1)
        served.process.kill()
        served.wait_for_log("worker.parent_died", times=WORKERS)
        served.folder.go.touch()
        assert turn.result(SECONDS)
    assert served.read_rest() == ""


def test_the_second_ctrl_c_ends_everything_at_once(served: Served) -> None:
    with ThreadPoolExecutor() as pool:
        turn = pool.submit(served.say, "wait")
        wait_until_begun(served, 1)
        served.process.send_signal(signal.SIGINT)
        while httpx2.get(served.url + "/ready", timeout=SECONDS).status_code == 200:
            pass
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(SECONDS) == 130
        assert isinstance(turn.exception(SECONDS), httpx2.TransportError)
    assert served.read_rest() == ""


@pytest.mark.slow
def test_workers_are_replaced_one_by_one_and_no_request_fails(served: Served) -> None:
    before = served.find_workers()
    is_over = threading.Event()

    def talk() -> list[int]:
        """Messages on connections that are kept, and on new ones."""
        codes: list[int] = []
        while not is_over.is_set():
            with httpx2.Client(base_url=served.url, timeout=SECONDS) as client:
                for path in (WEBHOOK, "/ready", WEBHOOK, WEBHOOK):
                    json = {"message": "who?"} if path == WEBHOOK else None
                    codes.append(client.request("POST" if json else "GET", path, json=json).status_code)
        return codes

    with ThreadPoolExecutor(4) as pool:
        talks = [pool.submit(talk) for _ in range(4)]
        served.process.send_signal(signal.SIGHUP)
        served.wait_for_log("workers.renewed")
        after = served.find_workers()
        is_over.set()
        codes = [code for done in talks for code in done.result(SECONDS)]
    assert set(codes) == {200}
    assert len(after) == WORKERS
    assert not before & after


def test_a_successor_that_fails_leaves_the_workers_as_they_are(served: Served) -> None:
    before = served.find_workers()
    served.folder.broken.write_text("The new version is broken.")
    served.process.send_signal(signal.SIGHUP)
    served.wait_for_log("workers.renewal_given_up")
    assert served.find_workers() == before
    assert served.log.count("Error: The new version is broken.") == 1


def wait_until_begun(served: Served, turns: int) -> None:
    served.wait_for_log("begun", times=turns)
