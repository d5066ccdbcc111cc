"""An HTTP client for actions: its connections are kept, its requests are a part of the trace and have idempotency keys."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import quote
from weakref import WeakKeyDictionary

from duologue.sdk.call_context import CallContext, current_call
from duologue.sdk.errors import NoCurrentCallError
from duologue.telemetry.propagation import inject_context

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport, AsyncClient, Request, Response

    AnswerRequest = Callable[[Request], Response]

KEY_HEADER = "Idempotency-Key"
DEFAULT_TIMEOUT = 10.0
"""Seconds for each step of a request: to connect, to send, to receive."""

_NEEDS_KEY = frozenset({"POST", "PATCH"})


class HttpClients:
    """The clients of one executor: one for each event loop, since connections belong to a loop."""

    def __init__(self, transport: "AsyncBaseTransport | None" = None) -> None:
        self._transport = transport
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncClient] = WeakKeyDictionary()
        self._closing: set[asyncio.Task[None]] = set()

    @classmethod
    def answered_by(cls, answer: "AnswerRequest") -> "HttpClients":
        """Make clients whose requests a function answers instead of the network; for tests."""
        from httpx2 import MockTransport

        return cls(MockTransport(answer))

    def get(self) -> "AsyncClient":
        """Give the client of the running loop."""
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.is_closed:
            self._clients[loop] = client = self._open()
        return client

    async def close(self) -> None:
        """Close the connections of the running loop."""
        if (client := self._clients.pop(asyncio.get_running_loop(), None)) is not None:
            await client.aclose()

    def close_soon(self) -> None:
        """Close the connections of the running loop, if there is one, as soon as it comes to it."""
        if not self._clients:
            return
        try:
            task = asyncio.get_running_loop().create_task(self.close())
        except RuntimeError:
            return
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _open(self) -> "AsyncClient":
        from httpx2 import AsyncClient

        hooks = {"request": [_complete]}
        return AsyncClient(timeout=DEFAULT_TIMEOUT, event_hooks=hooks, transport=self._transport)


class _Requests:
    """Counts one call's requests that have effects, so that each has the same key when the call is repeated."""

    def __init__(self, clients: HttpClients) -> None:
        self.clients = clients
        self._count = 0

    def next_number(self) -> int:
        self._count += 1
        return self._count


_requests: ContextVar[_Requests | None] = ContextVar("duologue_sdk_http", default=None)


def get_http_client() -> "AsyncClient":
    """Give the client for HTTP requests of `async` actions. Leave it open: the next call uses it too.

    Every request carries the trace context. A POST or PATCH without an `Idempotency-Key` gets one that is made of the
    call's key and the request's number in this call; send a header of your own where requests come in no fixed order.
    """
    requests = _requests.get()
    if requests is None:
        raise NoCurrentCallError(
            "No action is running here; ask for the HTTP client inside run() or what it calls."
        )
    try:
        return requests.clients.get()
    except RuntimeError as error:
        raise NoCurrentCallError(
            "This action is a plain function, and the HTTP client is for async ones: make it `async def`, or use "
            "another client with headers_for_request()."
        ) from error


def headers_for_request(purpose: str | None = None) -> dict[str, str]:
    """Give the headers for another client: the trace context and, if there is a purpose, an idempotency key for it."""
    headers: dict[str, str] = {}
    inject_context(headers)
    key = current_call().idempotency_key
    if purpose is not None and key is not None:
        headers[KEY_HEADER] = _format_key(key, purpose)
    return headers


@contextmanager
def offered_clients(clients: HttpClients) -> Generator[None]:
    """Let `get_http_client` give these clients in all that runs inside."""
    token = _requests.set(_Requests(clients))
    try:
        yield
    finally:
        _requests.reset(token)


async def _complete(request: "Request") -> None:
    inject_context(request.headers)
    requests, call = _requests.get(), _find_call()
    if requests is None or call is None or call.idempotency_key is None:
        return
    if request.method in _NEEDS_KEY and KEY_HEADER not in request.headers:
        request.headers[KEY_HEADER] = _format_key(call.idempotency_key, str(requests.next_number()))


def _find_call() -> CallContext | None:
    try:
        return current_call()
    except NoCurrentCallError:
        return None


def _format_key(key: str, part: str) -> str:
    # A header holds ASCII; names of actions and purposes need not.
    return quote(f"{key}/{part}", safe="/")
