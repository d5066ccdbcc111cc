"""Custom actions behind HTTP, against a real server on this machine."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from duologue.adapters.action_runner.http import HttpActionRunner
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError
from duologue.core.events import SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot
from duologue.core.state import State
from duologue.ports.action_runner import ActionCall

Answer = Callable[[Request], Awaitable[Response]]
RASA_SDK_PYTHON = os.environ.get("DUOLOGUE_RASA_SDK_PYTHON", "")
"""A Python in which the package `rasa_sdk` is installed, to try its own server."""


class ActionServer:
    """Answers as the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = answer_ok
        self.requests: list[Request] = []
        self.bodies: list[dict[str, object]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    async def run_action(self, request: Request) -> Response:
        self.requests.append(request)
        self.bodies.append(await request.json())
        return await self.answer(request)

    async def list_actions(self, request: Request) -> Response:
        self.requests.append(request)
        return JSONResponse([{"name": "action_one"}, {"name": "action_two"}])

    def build_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/webhook", self.run_action, methods=["POST"]),
                Route("/actions", self.list_actions),
            ]
        )


async def answer_ok(_: Request) -> Response:
    event = {"event": "slot", "name": "amount", "value": 50}
    return JSONResponse({"events": [event], "responses": [{"text": "Done."}]})


def answer_with(status: int, content: object = None) -> Answer:
    async def answer(_: Request) -> Response:
        return JSONResponse(content, status_code=status)

    return answer


@asynccontextmanager
async def serve(app: Starlette) -> AsyncIterator[int]:
    """The application on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@pytest.fixture
async def server() -> AsyncIterator[ActionServer]:
    server = ActionServer()
    async with serve(server.build_app()) as server.port:
        yield server


@asynccontextmanager
async def connect(url: str, *, seconds: float = 5, **options: object) -> AsyncIterator[HttpActionRunner]:
    runner = HttpActionRunner(url, timeout=seconds, **options)  # type: ignore[arg-type]
    try:
        yield runner
    finally:
        await runner.close()


def make_call(name: str = "action_one", *, conversation_id: str = "anna") -> ActionCall:
    async def load_events() -> list[UserSpoke]:
        return [UserSpoke(text="Hello", timestamp=1.0)]

    return ActionCall(
        action_name=name,
        state=State(conversation_id=ConversationId(conversation_id), slots={"amount": 20}),
        domain=Domain(slots={"amount": Slot(name="amount")}, actions=("action_one",)),
        idempotency_key=f"{conversation_id}/m1/1",
        load_events=load_events,
    )


async def test_events_and_messages_come_back(server: ActionServer) -> None:
    async with connect(server.url) as runner:
        result = await runner.run(make_call())
    assert result.events == (SlotWasSet(name="amount", value=50),)
    assert [response["text"] for response in result.responses] == ["Done."]


async def test_the_call_is_that_of_the_protocol(server: ActionServer) -> None:
    async with connect(server.url) as runner:
        await runner.run(make_call())
    (body,) = server.bodies
    assert body["next_action"] == "action_one"
    assert body["sender_id"] == "anna"
    assert {"tracker", "domain", "version"} <= body.keys()
    assert body["tracker"]["slots"] == {"amount": 20}  # type: ignore[index]
    assert [event["text"] for event in body["tracker"]["events"]] == ["Hello"]  # type: ignore[index]


async def test_the_key_of_the_call_travels_as_a_header(server: ActionServer) -> None:
    async with connect(server.url) as runner:
        await runner.run(make_call())
    assert server.requests[0].headers["Idempotency-Key"] == "anna/m1/1"
    assert server.bodies[0]["idempotency_key"] == "anna/m1/1"


@pytest.mark.parametrize(
    ("conversation_id", "header"),
    [
        ("jürgen", "j%C3%BCrgen/m1/1"),
        ("two\r\nlines", "two%0D%0Alines/m1/1"),
        ("名前", "%E5%90%8D%E5%89%8D/m1/1"),
    ],
)
async def test_a_conversation_may_have_any_name(
    server: ActionServer, conversation_id: str, header: str
) -> None:
    async with connect(server.url) as runner:
        await runner.run(make_call(conversation_id=conversation_id))
    assert server.requests[0].headers["Idempotency-Key"] == header
    assert server.bodies[0]["idempotency_key"] == f"{conversation_id}/m1/1"


async def test_parameters_headers_and_the_password_go_with_every_call(server: ActionServer) -> None:
    options = {"params": {"token": "t0"}, "headers": {"X-Team": "bank"}, "auth": ("ann", "pä55")}
    async with connect(f"{server.url}?stage=live", **options) as runner:
        await runner.run(make_call())
        assert await runner.list_actions() == {"action_one", "action_two"}
    for request in server.requests:
        assert dict(request.query_params) == {"token": "t0", "stage": "live"}
        assert request.headers["X-Team"] == "bank"
        assert (
            base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == "ann:pä55".encode()
        )


async def test_a_rejection_is_a_rejection(server: ActionServer) -> None:
    server.answer = answer_with(400, {"error": "no", "action_name": "action_one"})
    async with connect(server.url) as runner:
        with pytest.raises(ActionRejectedError, match="'action_one' declined"):
            await runner.run(make_call())


@pytest.mark.parametrize(
    ("status", "content", "sentence"),
    [
        (400, "bad request", "answered 'action_one' with status 400"),
        (404, {"error": "no", "action_name": "action_one"}, "has no action 'action_one'"),
        (500, {"error": "action_name"}, "answered 'action_one' with status 500"),
        (302, None, "answered 'action_one' with status 302"),
        (200, ["events"], "something that is no JSON object"),
        (200, {"events": [{"event": "slot"}]}, "'action_one' answered with something that is of no use"),
        (200, {"events": "none"}, "'action_one' answered with something that is of no use"),
        (200, {"responses": ["hi"]}, "'action_one' answered with something that is of no use"),
    ],
)
async def test_anything_else_fails_the_action(
    server: ActionServer, status: int, content: object, sentence: str
) -> None:
    server.answer = answer_with(status, content)
    async with connect(server.url) as runner:
        with pytest.raises(ActionError, match=sentence) as raised:
            await runner.run(make_call())
    assert not isinstance(raised.value, ActionRejectedError)
    assert raised.value.action_name == "action_one"


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[" * 5000, b'{"events": [1e999]}'])
async def test_garbage_fails_the_action(server: ActionServer, content: bytes) -> None:
    async def answer(_: Request) -> Response:
        return Response(content, media_type="application/json")

    server.answer = answer
    async with connect(server.url) as runner:
        with pytest.raises(ActionError, match="no JSON object"):
            await runner.run(make_call())


async def test_nothing_at_all_is_an_answer_without_events(server: ActionServer) -> None:
    server.answer = answer_with(200, {})
    async with connect(server.url) as runner:
        result = await runner.run(make_call())
    assert (result.events, result.responses) == ((), ())


async def test_a_server_that_does_not_answer_is_given_up(server: ActionServer) -> None:
    async def answer(_: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    server.answer = answer
    async with connect(server.url, seconds=0.05) as runner:
        with pytest.raises(ActionError, match=r"did not answer 'action_one' within 0\.05 s") as raised:
            await runner.run(make_call())
    assert raised.value.is_retryable


async def test_a_server_that_answers_drop_by_drop_is_given_up_too(server: ActionServer) -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.005)

    async def answer(_: Request) -> Response:
        return StreamingResponse(drip())

    server.answer = answer
    async with connect(server.url, seconds=0.1) as runner:
        with pytest.raises(ActionError, match="did not answer"):
            await runner.run(make_call())


async def test_a_server_that_hangs_up_in_the_middle_fails_the_action() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, connect(f"http://127.0.0.1:{port}/webhook") as runner:
        with pytest.raises(ActionError, match="cannot be reached"):
            await runner.run(make_call())


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_server_that_is_not_there_is_named_without_its_secrets(closed_port: int) -> None:
    async with connect(f"http://ann:secret@127.0.0.1:{closed_port}/webhook?token=secret") as runner:
        with pytest.raises(
            ActionError, match=f"http://127.0.0.1:{closed_port}/webhook cannot be reached"
        ) as raised:
            await runner.run(make_call())
        assert await runner.list_actions() is None
    assert "secret" not in str(raised.value)
    assert raised.value.is_retryable


async def test_a_server_that_does_not_list_its_actions_says_nothing_about_them(server: ActionServer) -> None:
    async with connect(server.url.replace("/webhook", "/elsewhere/webhook")) as runner:
        assert await runner.list_actions() is None


async def test_a_slash_at_the_end_of_the_address_does_not_hide_the_list(server: ActionServer) -> None:
    async with connect(f"{server.url}/") as runner:
        assert await runner.list_actions() == {"action_one", "action_two"}


@pytest.mark.parametrize(
    "url", ["", "localhost:5055/webhook", "grpc://localhost", "http://", "http://[::1", "http://h:x/"]
)
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(DefinitionError, match="write it as http://host:5055/webhook"):
        HttpActionRunner(url, timeout=1)


def test_a_file_of_certificates_that_is_not_there_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"missing\.pem"):
        HttpActionRunner("https://localhost", timeout=1, cafile=str(tmp_path / "missing.pem"))


async def test_a_hundred_calls_at_once_are_answered(server: ActionServer) -> None:
    async with connect(server.url) as runner:
        results = await asyncio.gather(*(runner.run(make_call()) for _ in range(100)))
    assert len(results) == len(server.bodies) == 100


ACTIONS_OF_A_RASA_PROJECT = """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection


class One(Action):
    def name(self):
        return "action_one"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text=f"You have {tracker.get_slot('amount')}.")
        return [SlotSet("amount", 50)]


class Two(Action):
    def name(self):
        return "action_two"

    def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection("action_two")


class Three(Action):
    def name(self):
        return "action_three"

    def run(self, dispatcher, tracker, domain):
        raise ValueError
"""


@pytest.fixture
def stock_server(tmp_path: Path) -> Iterator[str]:
    """The action server of `rasa_sdk` itself."""
    if not RASA_SDK_PYTHON:
        pytest.skip("DUOLOGUE_RASA_SDK_PYTHON names no Python with rasa_sdk")
    (tmp_path / "actions.py").write_text(ACTIONS_OF_A_RASA_PROJECT, encoding="utf-8")
    port = _find_free_port()
    command = [RASA_SDK_PYTHON, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < give_up:
        try:
            httpx2.get(url)
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The server of rasa_sdk did not start.")


async def test_the_server_of_rasa_sdk_is_understood(stock_server: str) -> None:
    async with connect(stock_server) as runner:
        listed = await runner.list_actions()
        result = await runner.run(make_call("action_one"))
        with pytest.raises(ActionRejectedError):
            await runner.run(make_call("action_two"))
        with pytest.raises(ActionError, match="status 500"):
            await runner.run(make_call("action_three"))
        with pytest.raises(ActionError, match="has no action 'action_four'"):
            await runner.run(make_call("action_four"))
    assert listed is not None
    assert {"action_one", "action_two", "action_three"} <= listed
    assert result.events == (SlotWasSet(name="amount", value=50),)
    assert [response["text"] for response in result.responses] == ["You have 20."]
