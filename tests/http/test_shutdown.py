"""A server that is told to stop, as a process with real signals."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from duologue.server.errors import AddressUnusableError
from duologue.server.options import ServerOptions
from duologue.server.serve import bind_port

WEBHOOK = "/webhooks/rest/webhook"


class Running(NamedTuple):
    process: "subprocess.Popen[str]"
    client: httpx2.Client
    turn: "Future[httpx2.Response]"

    def read_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def wait_until_not_ready(self) -> None:
        while self.client.get("/ready").status_code == 200:
            pass


@pytest.fixture
def running(repository: Path) -> Iterator[Running]:
    """A server with one turn under way."""
    command = [sys.executable, "-m", "tests.http.waiting_server"]
    with (
        subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True) as process,
        ThreadPoolExecutor() as pool,
    ):
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            with httpx2.Client(base_url=url, timeout=20) as client:
                turn = pool.submit(httpx2.post, url + WEBHOOK, json={"message": "wait"}, timeout=20)
                server = Running(process, client, turn)
                assert server.read_line() == "begun"
                yield server
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopping_server_finishes_its_turn_refuses_others_and_exits_with_0(
    running: Running, number: signal.Signals
) -> None:
    running.process.send_signal(number)
    running.wait_until_not_ready()
    refused = running.client.post(WEBHOOK, json={"message": "late"})
    running.process.send_signal(signal.SIGUSR1)
    assert running.turn.result(20).json() == [{"recipient_id": "default", "text": "Done."}]
    assert refused.status_code == 503
    assert running.process.wait(20) == 0
    assert running.read_line() == "closed"


def test_an_open_page_does_not_keep_a_stopping_server_alive(running: Running) -> None:
    with running.client.stream("GET", "/demo/conversations/anna/events") as stream:
        assert next(stream.iter_lines()) == "event: turn"
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGUSR1)
        assert running.process.wait(20) == 0


def test_the_second_signal_ends_at_once(running: Running) -> None:
    running.process.send_signal(signal.SIGINT)
    running.wait_until_not_ready()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 130
    assert isinstance(running.turn.exception(20), httpx2.TransportError)


def test_a_taken_port_is_one_sentence_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = ServerOptions(interface="127.0.0.1", port=port)
        with (
            pytest.raises(AddressUnusableError, match=rf"Port {port} is taken .* --port"),
            bind_port(options),
        ):
            pass
