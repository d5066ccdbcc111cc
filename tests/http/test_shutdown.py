"""A server that is told to stop, as a process with real signals."""

import asyncio
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

from duologue.core.messages import BotMessage, UserMessage
from duologue.server.options import ServerOptions
from duologue.server.reception import Reception
from duologue.serving.errors import AddressUnusableError
from duologue.serving.listening import bind_port
from tests.http.conftest import open_client
from tests.http.scripted_assistant import ScriptedAssistant

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
def running(repository: Path, drain_seconds: float) -> Iterator[Running]:
    """A server with one turn under way."""
    command = [sys.executable, "-m", "tests.http.waiting_server", str(drain_seconds)]
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


@pytest.fixture
def drain_seconds() -> float:
    return 0


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


@pytest.mark.parametrize("drain_seconds", [1.0])
def test_a_load_balancer_hears_of_the_end_before_any_message_is_refused(running: Running) -> None:
    assert "connection" not in running.client.get("/ready").headers
    running.process.send_signal(signal.SIGTERM)
    running.wait_until_not_ready()
    alive = running.client.get("/health")
    taken = running.client.post(WEBHOOK, json={"message": "in time"})
    assert (alive.status_code, taken.status_code, taken.headers["connection"]) == (200, 200, "close")
    while (late := running.client.post(WEBHOOK, json={"message": "late"})).status_code == 200:
        pass
    assert (late.status_code, late.json()["reason"]) == (503, "ShuttingDown")
    assert (late.headers["retry-after"], late.headers["connection"]) == ("2", "close")
    running.process.send_signal(signal.SIGUSR1)
    assert running.turn.result(20).status_code == 200
    assert running.process.wait(20) == 0


@pytest.mark.parametrize("drain_seconds", [60.0])
def test_whoever_presses_ctrl_c_waits_for_no_load_balancer(running: Running) -> None:
    running.process.send_signal(signal.SIGINT)
    running.process.send_signal(signal.SIGUSR1)
    assert running.process.wait(20) == 0


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


async def test_a_turn_that_outlasts_the_shutdown_is_told_so() -> None:
    begun = asyncio.Event()

    async def never_answer(_: UserMessage) -> tuple[BotMessage, ...]:
        begun.set()
        await asyncio.Event().wait()
        return ()

    reception = Reception(ScriptedAssistant(never_answer), seconds=60)
    async with open_client(reception) as client:
        turn = asyncio.create_task(client.post(WEBHOOK, json={"message": "wait"}))
        await begun.wait()
        reception.begin_closing()
        assert not await reception.wait_until_idle(0)
        reception.cut_off()
        response = await turn
    assert (response.status_code, response.json()["reason"]) == (503, "ShuttingDown")
    assert await reception.wait_until_idle(1)


def test_a_port_is_taken_as_soon_as_it_is_bound() -> None:
    with bind_port(ServerOptions(interface="127.0.0.1", port=0)) as first:
        port = first.getsockname()[1]
        with bind_port(ServerOptions(interface="127.0.0.1", port=port, is_any_port_fine=True)) as second:
            assert second.getsockname()[1] != port


def test_a_taken_port_is_one_sentence_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = ServerOptions(interface="127.0.0.1", port=port)
        with (
            pytest.raises(AddressUnusableError, match=rf"Port {port} is taken .* --port"),
            bind_port(options),
        ):
            pass
