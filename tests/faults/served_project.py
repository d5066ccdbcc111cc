"""A small project in a server process of its own, and clients that keep a journal."""

import asyncio
import os
import random
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx2

from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.testing.journal import Journal

WEBHOOK = "/webhooks/rest/webhook"
PAUSE = 0.02
"""Seconds that a client waits before it sends a message again."""
START_SECONDS = 60
FILES = {
    "config.yml": """
recipe: default.v1
language: en
assistant_id: fault_tests
pipeline: []
policies:
  - name: FlowPolicy
""",
    "domain.yml": """
version: "3.1"
slots:
  number:
    type: float
  noted:
    type: list
    mappings:
      - type: controlled
  total:
    type: any
    mappings:
      - type: controlled
responses:
  utter_ask_number:
    - text: Which number?
  utter_noted:
    - text: "Noted {number}, in all {total}."
actions:
  - action_note
""",
    "data/flows.yml": """
flows:
  note:
    description: Note a number.
    steps:
      - collect: number
      - action: action_note
      - action: utter_noted
  pattern_completed:
    description: Say nothing more.
    steps:
      - noop: true
        next: END
""",
    "actions.py": """
from duologue.sdk import Action
from duologue.sdk.events import SlotSet


class Note(Action):
    def name(self):
        return "action_note"

    async def run(self, dispatcher, tracker, domain):
        noted = tracker.get_slot("noted") or []
        noted.append(tracker.get_slot("number"))
        return [SlotSet("noted", noted), SlotSet("total", sum(noted))]
""",
    "endpoints.yml": """
tracker_store:
  type: SQL
  dialect: sqlite
  db: conversations.db
""",
}


def write_project(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return folder


class ServedProject:
    """One server on a free port; it can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / f"server-{id(self)}.log"

    @property
    def database(self) -> Path:
        return self.folder / "conversations.db"

    @property
    def process_id(self) -> int:
        assert self._process is not None, "the server runs"
        return self._process.pid

    async def start(self) -> None:
        """Return as soon as it answers."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "duologue", "run", str(self.folder)),
                *("--port", "0", "--interface", "127.0.0.1"),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            ready = (await self._process.stdout.readline()).decode()
        found = re.search(r"http://localhost:(\d+)", ready)
        assert found, f"the server did not start: {self._log.read_text(encoding='utf-8')}"
        self.url = f"http://127.0.0.1:{found[1]}"

    async def kill(self) -> None:
        """End it as a power cut would end it."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End it politely."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()


def make_text(number: int) -> str:
    return f'/note{{"number": {number}}}'


async def send(
    client: httpx2.AsyncClient, server: ServedProject, conversation_id: str, message_id: str, text: str
) -> httpx2.Response:
    body = {"sender": conversation_id, "message": text, "message_id": message_id}
    return await client.post(server.url + WEBHOOK, json=body)


def assert_turned_away(response: httpx2.Response) -> None:
    """The server says that it did nothing, and when to try again."""
    assert response.status_code == 503, f"{response.status_code}: {response.text}"
    assert int(response.headers["Retry-After"]) > 0
    assert response.json()["status"] == "failure"


async def send_until_answered(
    client: httpx2.AsyncClient, server: ServedProject, conversation_id: str, message_id: str, text: str
) -> object:
    """Send a message with the same id until it is answered; the replies."""
    while True:
        try:
            response = await send(client, server, conversation_id, message_id, text)
        except httpx2.TransportError:
            await asyncio.sleep(PAUSE)
            continue
        if response.status_code == 200:
            return response.json()
        assert_turned_away(response)
        await asyncio.sleep(PAUSE)


def open_client() -> httpx2.AsyncClient:
    """A client for any number of conversations; without HTTPS, whose set-up would take most of the time."""
    limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=1000)
    return httpx2.AsyncClient(timeout=30, trust_env=False, verify=False, limits=limits)


async def talk(
    client: httpx2.AsyncClient,
    journal: Journal,
    servers: Sequence[ServedProject],
    name: str,
    *,
    chance: random.Random,
    until: asyncio.Event,
) -> None:
    """Numbered messages, each to all servers at once and until it is answered; now and then an old one once more."""
    conversation_id = ConversationId(name)

    async def say(number: int) -> None:
        message_id, text = f"{name}-{number}", make_text(number)
        sending = [send_until_answered(client, server, name, message_id, text) for server in servers]
        for replies in await asyncio.gather(*sending):
            journal.note_acknowledged(conversation_id, message_id, replies)

    number = 0
    while not until.is_set():
        number += 1
        journal.note_sent(conversation_id, f"{name}-{number}", make_text(number))
        await say(number)
        if chance.random() < 0.1:
            await say(chance.randint(1, number))


async def find_faults(journal: Journal, database: Path) -> list[str]:
    """Everything that is wrong with what the file holds."""
    store = await SqliteTrackerStore.open(database)
    try:
        faults: list[str] = []
        for conversation_id in journal.conversations:
            events = await store.load_events(conversation_id)
            stored = await store.load(conversation_id)
            faults += journal.find_faults(conversation_id, events)
            faults += _check_state(journal, conversation_id, events, stored.snapshot if stored else None)
        return faults
    finally:
        await store.close()


def _check_state(
    journal: Journal, conversation_id: ConversationId, events: list[Event], snapshot: State | None
) -> list[str]:
    acknowledged = journal.list_acknowledged(conversation_id)
    if snapshot is None:
        return [f"{conversation_id}: no snapshot"] if acknowledged else []
    faults: list[str] = []
    if snapshot != fold(State(conversation_id=conversation_id), events):
        faults.append(f"{conversation_id}: the snapshot is not what the events come to")
    expected = [float(number) for number in range(1, len(acknowledged) + 1)]
    if snapshot.slots.get("noted") != expected:
        faults.append(f"{conversation_id}: {snapshot.slots.get('noted')} was noted, not {expected}")
    return faults
