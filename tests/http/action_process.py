"""`duologue actions` as a process, with actions that a test can follow from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

SECONDS = 30
"""How long anything may take before the test fails."""
ACTIONS = '''
"""Actions that say who ran them, and wait for files."""

import os
import time
from pathlib import Path

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

HERE = Path(__file__).parent


class Who(Action):
    def name(self):
        return "action_who"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("process", os.getpid())]


class Wait(Action):
    def name(self):
        return "action_wait"

    def run(self, dispatcher, tracker, domain):
        with (HERE / "begun").open("a") as begun:
            begun.write("x")
        while not (HERE / "go").exists():
            time.sleep(0.01)
        return [SlotSet("process", os.getpid())]


class Count(Action):
    def name(self):
        return "action_count"

    def run(self, dispatcher, tracker, domain):
        with (HERE / "effects").open("a") as effects:
            effects.write("x")
        return [SlotSet("effects", (HERE / "effects").stat().st_size)]
'''


class ActionProcess:
    """The process that was started, and ways to talk to its workers."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path, log: Path) -> None:
        self.process = process
        self.folder = folder
        self.addresses: list[str] = []
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        return self.addresses[0]

    @property
    def grpc_address(self) -> str:
        return self.addresses[-1].partition("://")[2].replace("localhost", "127.0.0.1")

    def wait_for_addresses(self) -> None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Actions are ready at "), line + self.log
        words = line.removeprefix("Actions are ready at ").partition(" (")[0]
        self.addresses = words.split(" and ")

    def call(self, name: str, **more: Any) -> Any:
        """The value of the slot that the action sets."""
        body = {"next_action": f"action_{name}", "sender_id": "ada", "tracker": {}, **more}
        answer = httpx2.post(f"{self.url}/webhook", json=body, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()["events"][0]["value"]

    def find_workers(self, count: int) -> set[int]:
        """Processes that answer, asked until so many have."""
        found: set[int] = set()
        until = time.monotonic() + SECONDS
        while len(found) < count and time.monotonic() < until:
            found.add(self.call("who"))
        return found

    def wait_for_log(self, words: str) -> None:
        until = time.monotonic() + SECONDS
        while words not in self.log:
            assert time.monotonic() < until, self.log
            time.sleep(0.02)

    def wait_until_begun(self, calls: int) -> None:
        begun = self.folder / "begun"
        until = time.monotonic() + SECONDS
        while not begun.exists() or begun.stat().st_size < calls:
            assert time.monotonic() < until, self.log
            time.sleep(0.02)

    def let_go(self) -> None:
        """Let the actions that wait end."""
        (self.folder / "go").touch()

    def end(self) -> int:
        """Tell it to stop; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


@contextmanager
def start_actions(folder: Path, *words: str, verb: tuple[str, ...] = ("actions",)) -> Iterator[ActionProcess]:
    """Serve the actions in the folder on free ports of this machine, until the block ends."""
    (folder / "actions.py").write_text(ACTIONS, encoding="utf-8")
    python = [sys.executable, "-P", "-m", "duologue"]
    command = [*python, *verb, "-p", "0", "-i", "127.0.0.1", "-v", *words]
    log = folder / "log"
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        ) as process,
    ):
        try:
            yield ActionProcess(process, folder, log)
        finally:
            process.kill()


@contextmanager
def serve_actions(folder: Path, *words: str, verb: tuple[str, ...] = ("actions",)) -> Iterator[ActionProcess]:
    """The same, once it answers."""
    with start_actions(folder, *words, verb=verb) as server:
        server.wait_for_addresses()
        yield server


@contextmanager
def call_in_background(server: ActionProcess, name: str, times: int) -> Iterator[list[Any]]:
    """Calls that run while the block does; their results are in the list at its end."""
    results: list[Any] = []
    with ThreadPoolExecutor(times) as pool:
        calls = [pool.submit(server.call, name) for _ in range(times)]
        yield results
        results += [call.result(SECONDS) for call in calls]
