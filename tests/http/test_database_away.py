"""A database that goes away and comes back: clients are told so, and nobody has to restart a server."""

import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.http.replicas import SECONDS, Replica, describe_servers, serve, write_project
from tests.peers.postgresql import PostgresqlPeer
from tests.peers.valkey import ValkeyPeer

START = '/travel{"city": "Rome"}'
PROMPT = 15.0
"""Seconds after which a client knows, even of a database that is frozen."""


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresqlPeer]:
    with PostgresqlPeer(durable=True) as peer:
        yield peer


@pytest.fixture(scope="module")
def locks() -> Iterator[ValkeyPeer]:
    with ValkeyPeer() as peer:
        yield peer


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, database: PostgresqlPeer, locks: ValkeyPeer
) -> Iterator[Replica]:
    folder = write_project(tmp_path_factory.mktemp("project"), describe_servers(database, locks))
    with serve(folder, "--drain-seconds=0") as running:
        yield running


def assert_turned_away(response: httpx2.Response) -> None:
    assert (response.status_code, response.json()["reason"]) == (503, "StorageUnavailable")
    assert int(response.headers["retry-after"]) > 0


def say_until_answered(server: Replica, text: str, message_id: str) -> str:
    until = time.monotonic() + SECONDS
    while (response := server.send(text, message_id=message_id)).status_code != 200:
        assert_turned_away(response)
        assert time.monotonic() < until
        time.sleep(0.1)
    return response.text


def wait_until_ready(server: Replica) -> None:
    until = time.monotonic() + SECONDS
    while server.ask("/ready") != 200:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_stopped_database_is_a_503_and_the_conversation_goes_on_when_it_is_back(
    server: Replica, database: PostgresqlPeer
) -> None:
    assert server.say(START) == ["For how many days?"]
    database.stop()
    began = time.monotonic()
    assert_turned_away(server.send("3", message_id="m-1"))
    assert time.monotonic() - began < PROMPT
    assert [server.ask("/ready"), server.ask("/health")] == [503, 200]
    database.start()
    assert "Rome, 3.0 days." in say_until_answered(server, "3", "m-1")
    wait_until_ready(server)


@pytest.mark.slow
def test_a_frozen_database_is_a_503_too(server: Replica, database: PostgresqlPeer) -> None:
    server.say(START, sender="ida")
    with database.paused():
        began = time.monotonic()
        assert_turned_away(server.send("3", sender="ida", message_id="m-1"))
        assert time.monotonic() - began < PROMPT
        assert server.ask("/ready") == 503
    wait_until_ready(server)
    assert server.say("3", sender="ida", message_id="m-1") == ["Rome, 3.0 days."]


def test_a_lock_store_that_is_away_costs_no_answer(server: Replica, locks: ValkeyPeer) -> None:
    server.say(START, sender="eva")
    locks.kill()
    assert server.say("3", sender="eva") == ["Rome, 3.0 days."]
    assert server.ask("/ready") == 200
    locks.start()
    assert server.say(START, sender="eva") == ["For how many days?"]
