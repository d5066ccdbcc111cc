"""Any replica takes any conversation: two servers over one store, and one server with two workers."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.ids import ConversationId
from duologue.testing.journal import Journal
from tests.http.replicas import FILES, SECONDS, Replica, describe_servers, serve, write_project
from tests.peers.postgresql import PostgresqlPeer
from tests.peers.valkey import ValkeyPeer

SQLITE = "tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: conversations.db\n"
BRIEFLY = "--drain-seconds=0.2"
CLIENTS = 4
PAUSE = 0.02
"""Seconds between the messages of a client."""
START = '/travel{"city": "Rome"}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", SQLITE)


class Pair(NamedTuple):
    """Two places to send a message to; behind the same address it lands anywhere."""

    here: Replica
    there: Replica
    project: Path


@pytest.fixture(scope="module", params=["two servers", "two workers", "two servers over servers"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    project = write_project(tmp_path_factory.mktemp("project"), SQLITE)
    with ExitStack() as stack:
        if request.param == "two workers":
            both = stack.enter_context(serve(project, "--workers=2", BRIEFLY))
            yield Pair(both, both, project)
            return
        if request.param == "two servers over servers":
            database = stack.enter_context(PostgresqlPeer())
            locks = stack.enter_context(ValkeyPeer())
            write_project(project, describe_servers(database, locks))
        first, second = (stack.enter_context(serve(project, BRIEFLY)) for _ in range(2))
        yield Pair(first, second, project)


def count_calls(project: Path) -> int:
    calls = project / "calls"
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def wait_for_more_calls(project: Path, calls: int) -> None:
    until = time.monotonic() + SECONDS
    while count_calls(project) == calls:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_conversation_goes_on_wherever_its_messages_arrive(pair: Pair) -> None:
    for number in range(4):
        sender = f"user-{number}"
        assert pair.here.say(START, sender=sender) == ["For how many days?"]
        assert pair.there.stream("3", sender=sender) == ["Rome, 3.0 days."]
        assert pair.here.say(START, sender=sender) == ["For how many days?"]


def test_a_message_repeated_elsewhere_while_it_is_answered_gets_the_same_replies(pair: Pair) -> None:
    pair.here.say(START)
    (pair.project / "slow").touch()
    with ThreadPoolExecutor(4) as pool:
        calls = count_calls(pair.project)
        sent = [pool.submit(pair.here.say, "3", message_id="m-1")]
        wait_for_more_calls(pair.project, calls)
        sent += [pool.submit(pair.there.say, "3", message_id="m-1") for _ in range(3)]
        (pair.project / "slow").unlink()
        assert [one.result(SECONDS) for one in sent] == [["Rome, 3.0 days."]] * 4
    assert pair.there.say("3", message_id="m-1") == ["Rome, 3.0 days."]


class Clients:
    """People who talk without a pause, each message until it is answered; a journal of what they know."""

    def __init__(self, replicas: list[Replica]) -> None:
        self.journal = Journal()
        self.refusals: list[str] = []
        self.replicas = replicas
        self._is_over = threading.Event()

    @contextmanager
    def talking(self, number: int) -> Iterator[None]:
        with ThreadPoolExecutor(number) as pool:
            talks = [pool.submit(self._talk, f"user-{place}") for place in range(number)]
            try:
                yield
            finally:
                self._is_over.set()
            for talk in talks:
                talk.result(SECONDS)

    def _talk(self, name: str) -> None:
        for number in count(1):
            message_id, text = f"{name}-{number}", "3" if number % 2 == 0 else START
            self.journal.note_sent(ConversationId(name), message_id, text)
            replies = self._say(text, name, message_id)
            self.journal.note_acknowledged(ConversationId(name), message_id, replies)
            if self._is_over.wait(PAUSE):
                return

    def _say(self, text: str, name: str, message_id: str) -> object:
        for attempt in count():
            replica = self.replicas[attempt % len(self.replicas)]
            try:
                response = replica.send(text, sender=name, message_id=message_id)
            except httpx2.TransportError as error:
                self.refusals.append(repr(error))
                time.sleep(PAUSE)
                continue
            if response.status_code == 200:
                return response.json()
            assert response.status_code == 503, response.text
            assert int(response.headers["Retry-After"]) > 0
            self.refusals.append(response.text)
            time.sleep(PAUSE)
        raise AssertionError("there are replicas")

    async def find_faults(self, project: Path) -> list[str]:
        store = await SqliteTrackerStore.open(project / "conversations.db")
        try:
            return [
                fault
                for conversation_id in self.journal.conversations
                for fault in self.journal.find_faults(
                    conversation_id, await store.load_events(conversation_id)
                )
            ]
        finally:
            await store.close()


@pytest.mark.slow
async def test_replicas_that_are_replaced_in_turn_lose_nothing(project: Path) -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(serve(project, BRIEFLY)) for _ in range(2))
        clients = Clients([first, second])
        with clients.talking(CLIENTS):
            for old in (first, second):
                clients.replicas.append(stack.enter_context(serve(project, BRIEFLY)))
                old.process.terminate()
                assert old.process.wait(SECONDS) == 0
    assert await clients.find_faults(project) == []


@pytest.mark.slow
async def test_workers_are_replaced_under_load_and_nobody_notices(project: Path) -> None:
    with serve(project, "--workers=2", "-v", BRIEFLY) as server:
        clients = Clients([server])
        with clients.talking(CLIENTS):
            (project / "domain.yml").write_text(FILES["domain.yml"].replace("Where to?", "Which city?"))
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("workers.renewed")
        assert server.say("/travel", sender="new") == ["Which city?"]
        assert server.log.count("workers.locks_not_shared") == 1
    assert clients.refusals == []
    assert await clients.find_faults(project) == []


def test_conversations_in_memory_are_refused_in_one_sentence(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "project", "tracker_store:\n  type: memory\n")
    assert refuse(folder, "--workers=2").splitlines()[-1] == (
        "Error: Several workers need a tracker store that they share, not one in memory: name another in endpoints.yml,"
        " such as `tracker_store: {type: sql}`, or leave --workers out."
    )


def test_a_taken_port_is_known_before_any_worker_starts(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = refuse(project, "--workers=2", f"--port={port}")
    assert told.startswith(f"Error: Port {port} is taken by another program")
    assert told.count("\n") == 1


def refuse(folder: Path, *words: str) -> str:
    """What `duologue run` says that does not start."""
    command = [sys.executable, "-m", "duologue", "run", str(folder), "--interface=127.0.0.1", *words]
    result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr
