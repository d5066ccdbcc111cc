"""An action server that plays what a test says, byte by byte, and a runner to call it."""

import asyncio
import json
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import msgspec

from duologue.adapters.action_runner.attempts import Attempts
from duologue.adapters.action_runner.http import HttpActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.domain import Domain
from duologue.core.events import UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot
from duologue.core.state import State
from duologue.ports.action_runner import ActionCall

DOMAIN = Domain(slots={"amount": Slot(name="amount")}, actions=("action_one",))
DONE = {
    "events": [{"event": "slot", "name": "amount", "value": 50}],
    "responses": [{"text": "Done."}],
}


class PlayedRequest(msgspec.Struct):
    """What arrived."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        content = zlib.decompress(self.content) if "content-encoding" in self.headers else self.content
        return json.loads(content)


Play: TypeAlias = Callable[[PlayedRequest, asyncio.StreamWriter], Awaitable[None]]


def format_answer(content: object = DONE, status: int = 200, **headers: str) -> bytes:
    """A whole answer; `content` is JSON or the bytes of a body."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {
        "content-length": str(len(body)),
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    lines = "".join(f"{name}: {text}\r\n" for name, text in named.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


class PlayedServer:
    """Answers the requests of all connections with `answers` in turn, and the last of them for ever."""

    def __init__(self, *answers: bytes | Play) -> None:
        self.answers: list[bytes | Play] = list(answers or (format_answer(),))
        self.requests: list[PlayedRequest] = []
        self.connections = 0
        self.port = 0
        self.was_asked = asyncio.Event()
        self._serving: set[asyncio.Task[object]] = set()
        self._scheme = "http"

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self.port}/webhook"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                await self._converse(reader, writer)
            writer.close()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._serving.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            request = await _read_request(reader)
            self.requests.append(request)
            self.was_asked.set()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(request, writer)

    @asynccontextmanager
    async def run(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["PlayedServer"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self._scheme = "https" if tls else "http"
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            await asyncio.sleep(0)


async def _read_request(reader: asyncio.StreamReader) -> PlayedRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
    method, target, _ = first.split(" ")
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    return PlayedRequest(method=method, target=target, headers=headers, content=content)


@asynccontextmanager
async def connect(url: str, *, seconds: float = 5, **options: Any) -> AsyncIterator[HttpActionRunner]:
    """A runner that does not pause between attempts."""
    chosen = ActionServerOptions(url=url, timeout=seconds, **options)
    runner = HttpActionRunner(chosen, attempts=Attempts(chosen, sleep=_pass_on))
    try:
        yield runner
    finally:
        await runner.close()


async def _pass_on(_: float) -> None:
    await asyncio.sleep(0)


def make_call(
    name: str = "action_one", *, conversation_id: str = "anna", domain: Domain = DOMAIN, text: str = "Hello"
) -> ActionCall:
    async def load_events() -> list[UserSpoke]:
        return [UserSpoke(text=text, timestamp=1.0)]

    return ActionCall(
        action_name=name,
        state=State(conversation_id=ConversationId(conversation_id), slots={"amount": 20}),
        domain=domain,
        idempotency_key=f"{conversation_id}/m1/1",
        load_events=load_events,
    )
