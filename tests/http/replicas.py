"""A small project, served by processes of its own, any number at a time over one folder."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from tests.peers.postgresql import PostgresqlPeer
from tests.peers.valkey import ValkeyPeer

WEBHOOK = "/webhooks/rest/webhook"
SECONDS = 60
FILES = {
    "config.yml": """
recipe: default.v1
language: en
assistant_id: replicas
pipeline: []
policies:
  - name: FlowPolicy
""",
    "domain.yml": """
version: "3.1"
slots:
  city:
    type: text
  days:
    type: float
responses:
  utter_ask_city:
    - text: Where to?
  utter_ask_days:
    - text: For how many days?
  utter_booked:
    - text: "{city}, {days} days."
actions:
  - action_book
""",
    "data/flows.yml": """
flows:
  travel:
    description: Book a journey.
    steps:
      - collect: city
      - collect: days
      - action: action_book
      - action: utter_booked
  pattern_completed:
    description: Say nothing more.
    steps:
      - noop: true
        next: END
""",
    "actions.py": """
import asyncio
from pathlib import Path

from duologue.sdk import Action

FOLDER = Path(__file__).parent


class Book(Action):
    def name(self):
        return "action_book"

    async def run(self, dispatcher, tracker, domain):
        with (FOLDER / "calls").open("a") as calls:
            calls.write("called\\n")
        while (FOLDER / "slow").exists():
            await asyncio.sleep(0.02)
        return []
""",
}
BEGIN = "/SetSlots(city=Rome)"


def write_project(folder: Path, endpoints: str) -> Path:
    for name, text in {**FILES, "endpoints.yml": endpoints}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return folder


def describe_servers(database: PostgresqlPeer, locks: ValkeyPeer) -> str:
    """The endpoints of a project whose conversations and locks are in servers."""
    tracker_store = f"tracker_store:\n  type: SQL\n  dialect: postgresql\n  url: {database.get_url()}\n"
    return f"{tracker_store}lock_store:\n  type: redis\n  url: {locks.url}\n"


class Replica:
    """A server: one process, or a parent with its workers."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self._log = log
        # A connection for each request, which may land anywhere; without HTTPS, whose set-up would take most of the time.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._client = httpx2.Client(
            base_url=url, timeout=SECONDS, trust_env=False, verify=False, limits=limits
        )

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def send(self, text: str, *, sender: str = "ada", message_id: str | None = None) -> httpx2.Response:
        body = {"sender": sender, "message": text, "message_id": message_id}
        return self._client.post(WEBHOOK, json=body)

    def say(self, text: str, **more: Any) -> list[str]:
        response = self.send(text, **more)
        assert response.status_code == 200, response.text
        return [reply["text"] for reply in response.json()]

    def ask(self, path: str) -> int:
        """The status code at a path."""
        return self._client.get(path).status_code

    def wait_for_log(self, words: str) -> None:
        until = time.monotonic() + SECONDS
        while words not in self.log:
            assert time.monotonic() < until, self.log
            time.sleep(0.02)

    def stream(self, text: str, *, sender: str = "ada") -> list[str]:
        body = {"sender": sender, "message": text}
        response = self._client.post(f"{WEBHOOK}?stream=true", json=body)
        assert response.status_code == 200, response.text
        return re.findall(r'"text": ?"([^"]*)"', response.text)


@contextlib.contextmanager
def serve(folder: Path, *words: str) -> Iterator[Replica]:
    """`duologue run` on a free port of this machine, until the block ends."""
    command = [
        sys.executable,
        "-m",
        "duologue",
        "run",
        str(folder),
        "--port=0",
        "--interface=127.0.0.1",
        *words,
    ]
    log = folder / f"log-{len(list(folder.glob('log-*')))}"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = re.search(r"http://localhost:(\d+)", process.stdout.readline())
            assert ready, log.read_text(encoding="utf-8")
            yield Replica(process, f"http://127.0.0.1:{ready[1]}", log)
        finally:
            process.terminate()
            try:
                process.wait(SECONDS)
            finally:
                process.kill()
