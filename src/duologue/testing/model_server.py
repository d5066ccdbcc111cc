"""A model server that says what a test tells it to, over real HTTP, and goes wrong in every way that real ones do.

Try it by hand with `python -m duologue.testing.model_server "an answer" "another"`.
"""

import argparse
import asyncio
import contextlib
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeAlias

import uvicorn
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from duologue.testing.model_replies import (
    ModelWire,
    ReceivedRequest,
    ScriptedReply,
    refuse,
)
from duologue.testing.openai_wire import OpenAiWire
from duologue.testing.reply_player import BreakableProtocol, ClientGoneError, ReplyPlayer

Answer: TypeAlias = ScriptedReply | str
"""A reply, or the text of one that goes well."""
Answerer: TypeAlias = Callable[[ReceivedRequest], Answer]


class ModelServer:
    """An OpenAI-compatible server on 127.0.0.1 whose answers a test scripts.

    Use it with `with` or `async with`; it runs in a thread of its own, so code under test may block or not::

        with ModelServer("start flow transfer") as server:
            ...  # point a model at `server.url`
            assert server.requests[0].prompt.endswith("send money")

    Replies are used in order. When none is left, `answer_with` decides; without it the request is refused with
    status 500 and `assert_complete` complains.

    Args:
        replies: what it answers, in order.
        models: the models it has; any name is fine if there are none.
        api_key: the key it asks for; None: any key, or none, is fine.
        wire: the API it speaks, if not OpenAI's.
        port: 0 for a free one.
        tls: a server-side context, to speak HTTPS.
        dimensions: length of the embeddings it makes up.
    """

    def __init__(
        self,
        *replies: Answer,
        models: Iterable[str] = (),
        api_key: str | None = None,
        wire: ModelWire | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        dimensions: int = 16,
    ) -> None:
        self.models = list(models)
        self.api_key = api_key
        self.wire: ModelWire = wire or OpenAiWire()
        self.requests: list[ReceivedRequest] = []
        """Every request for an answer, in order."""
        self.other_requests: list[ReceivedRequest] = []
        """Every other request: for embeddings, for the list of models, for a place that is not there."""
        self.disconnects = 0
        """How many clients went away before their answer was at its end."""
        self.dimensions = dimensions
        self._replies = list(replies)
        self._answerer: Answerer | None = None
        self._unexpected: list[str] = []
        self._port = port
        self._tls = tls
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    # ---------------------------------------------------------------- the script

    def reply(self, *replies: Answer) -> None:
        """Append to the script."""
        self._replies.extend(replies)

    def answer_with(self, answerer: Answerer | None) -> None:
        """Ask this function whenever the script has no reply left."""
        self._answerer = answerer

    def reset(self) -> None:
        """Forget the script and what was asked."""
        self._replies.clear()
        self._unexpected.clear()
        self._answerer = None
        self.requests.clear()
        self.other_requests.clear()
        self.disconnects = 0

    def assert_complete(self) -> None:
        """Raise `AssertionError` unless every reply was used and no other was asked for."""
        assert not self._unexpected, f"the script says nothing about {self._unexpected}"
        assert not self._replies, f"{len(self._replies)} replies were never asked for: {self._replies}"

    # ---------------------------------------------------------------- where it is

    @property
    def port(self) -> int:
        """The port it listens on; stays the same after `stop` and `start`."""
        return self._port

    @property
    def origin(self) -> str:
        """Scheme, host and port; an Azure model's `api_base`."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The `api_base` of a model that this server plays."""
        return self.origin + self.wire.path

    # ---------------------------------------------------------------- starting and stopping

    async def start(self) -> None:
        """Listen, on the same port as before if it was stopped; a server that listens goes on."""
        await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        """Hang up on everybody and listen no more, as a server that is killed."""
        await asyncio.to_thread(self._stop)

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def wait_for_requests(self, count: int, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Return once that many answers were asked for; raise `AssertionError` after `timeout` seconds."""
        await _wait_until(lambda: len(self.requests) >= count, timeout, f"{count} requests")

    async def wait_for_disconnects(self, count: int, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Return once that many clients have gone; raise `AssertionError` after `timeout` seconds."""
        await _wait_until(lambda: self.disconnects >= count, timeout, f"{count} disconnects")

    def _start(self) -> None:
        if self._server is not None:
            return
        # Told which protocol it is, asyncio sends each piece at once; else Nagle's algorithm costs 40 ms an answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._serve,
            http=BreakableProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            interface="asgi3",
            proxy_headers=False,
        )
        config.load()
        config.ssl = self._tls
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=_run, args=(server, listener), name="scripted model server", daemon=True
        )
        self._thread.start()
        _wait(lambda: server.started, "the scripted model server does not start")

    def _stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        # A forced exit hangs up on running answers rather than waiting for them.
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join(10)
        self._server = self._thread = None

    # ---------------------------------------------------------------- serving

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = Request(scope, receive)
        headers = {name.lower(): value for name, value in http.headers.items()}
        request = self.wire.read(
            http.method, http.url.path, dict(http.query_params), headers, await http.body()
        )
        (self.requests if request.kind == "answer" else self.other_requests).append(request)
        player = ReplyPlayer(self.wire, request, scope, receive, send)
        reply = self._find_reply(request)
        try:
            await player.play(reply)
        except ClientGoneError:
            self.disconnects += 1

    def _find_reply(self, request: ReceivedRequest) -> ScriptedReply:
        if self.api_key is not None and request.api_key != self.api_key:
            return refuse(401, "Incorrect API key provided.", code="invalid_api_key")
        if request.kind == "other":
            return refuse(404, f"There is nothing at {request.path}.")
        if request.model and self.models and request.model not in self.models:
            return refuse(404, f"The model `{request.model}` does not exist.", code="model_not_found")
        if request.kind == "models":
            return ScriptedReply(
                raw=self.wire.write_models(request, [request.model] if request.model else self.models)
            )
        if request.kind == "embeddings":
            if self._replies:
                return _to_reply(self._replies.pop(0))
            vectors = [make_vector(text, self.dimensions) for text in request.texts]
            tokens = sum(len(text.split()) for text in request.texts)
            return ScriptedReply(raw=self.wire.write_embeddings(request, vectors, tokens))
        return self._find_answer(request)

    def _find_answer(self, request: ReceivedRequest) -> ScriptedReply:
        if self._replies:
            return _to_reply(self._replies.pop(0))
        if self._answerer is not None:
            return _to_reply(self._answerer(request))
        self._unexpected.append(request.prompt)
        return refuse(500, "The script has no reply left.")


def make_vector(text: str, dimensions: int) -> list[float]:
    """An embedding that is always the same for the same text, and not of length 1."""
    digest = hashlib.shake_128(text.encode()).digest(dimensions)
    return [byte / 64 - 2 for byte in digest]


def _to_reply(answer: Answer) -> ScriptedReply:
    return answer if isinstance(answer, ScriptedReply) else ScriptedReply(text=answer)


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # A thread other than the first may not set signal handlers, and uvicorn sets none there.
    asyncio.run(server.serve(sockets=[listener]))
    listener.close()


def _wait(is_true: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(0.002)


async def _wait_until(is_true: Callable[[], bool], timeout: float, what: str) -> None:  # noqa: ASYNC109
    deadline = time.monotonic() + timeout
    while not is_true():
        assert time.monotonic() < deadline, f"there were no {what} within {timeout:g} s"
        await asyncio.sleep(0.005)


def main() -> None:
    """Serve until interrupted: the replies in order, then an echo of each prompt."""
    parser = argparse.ArgumentParser(
        prog="python -m duologue.testing.model_server",
        description="An OpenAI-compatible server that answers as it is told, then repeats what it is asked.",
    )
    parser.add_argument("replies", nargs="*", metavar="ANSWER", help="what to answer, in order")
    parser.add_argument("--port", type=int, default=0, help="the port; by default any that is free")
    options = parser.parse_args()
    with ModelServer(*options.replies, port=options.port) as server:
        server.answer_with(lambda request: f"You said: {request.prompt}")
        print(f"Listening on {server.url}; end it with Ctrl+C.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
