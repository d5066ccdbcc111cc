"""A classic assistant's form on replicas: any of them takes the next answer, and none is lost with its process."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conversation.ferry_talk import copy_ferry
from tests.http.replicas import Replica, describe_servers, serve
from tests.peers.postgresql import PostgresqlPeer
from tests.peers.valkey import ValkeyPeer

pytestmark = pytest.mark.slow

SQLITE = "tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: conversations.db\n"
ANSWERS = [
    ("/book", ["To which harbour?"]),
    ('/tell{"harbour": "Moon"}', ["No ferry goes to Moon.", "To which harbour?"]),
    ('/tell{"harbour": "Elm Island"}', ["How many seats to Elm Island?"]),
    ("weather", ["The sea is calm.", "How many seats to Elm Island?"]),
    ('/tell{"seats": 3}', ["Do you bring a car?"]),
    ("/affirm", ["What is on its plate?"]),
    ("AB 12 cd", ["3 to Elm Island, AB 12 cd."]),
]


def write_ferry(folder: Path, endpoints: str) -> Path:
    copy_ferry(folder)
    (folder / "endpoints.yml").write_text(endpoints, encoding="utf-8")
    return folder


@pytest.fixture(params=["SQLite", "PostgreSQL and Valkey"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Replica, Replica]]:
    with ExitStack() as stack:
        endpoints = SQLITE
        if request.param != "SQLite":
            database = stack.enter_context(PostgresqlPeer())
            endpoints = describe_servers(database, stack.enter_context(ValkeyPeer()))
        folder = write_ferry(tmp_path / "ferry", endpoints)
        yield stack.enter_context(serve(folder)), stack.enter_context(serve(folder))


def test_replicas_take_turns_in_a_form(pair: tuple[Replica, Replica]) -> None:
    said = [(text, pair[place % 2].say(text)) for place, (text, _) in enumerate(ANSWERS)]
    assert said == ANSWERS


def test_a_process_that_is_killed_in_a_form_loses_none_of_it(tmp_path: Path) -> None:
    folder = write_ferry(tmp_path / "ferry", SQLITE)
    said: list[tuple[str, list[str]]] = []
    for number, (text, replies) in enumerate(ANSWERS):
        with serve(folder) as server:
            said.append((text, server.say(text, message_id=f"m{number}")))
            server.process.kill()
        if number in (2, 5):  # sent once more, because the answer may have been lost on its way
            with serve(folder) as server:
                assert server.say(text, message_id=f"m{number}") == replies
    assert said == ANSWERS
