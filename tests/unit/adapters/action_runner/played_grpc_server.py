"""A gRPC action server that does as a test says, however odd."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty

from duologue.wire.grpc.messages import (
    ActionsRequest,
    ActionsResponse,
    StreamChunkAck,
    WebhookRequest,
    WebhookResponse,
    WebhookStreamEvent,
)
from duologue.wire.grpc.methods import SERVICE

Context = Any  # the library's context is generic for the type checker alone
Events = AsyncIterator[WebhookStreamEvent | bytes]


async def answer_nothing(request: WebhookRequest, context: Context) -> WebhookResponse | bytes:
    return WebhookResponse()


def encode(message: WebhookResponse | WebhookStreamEvent | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


class PlayedServer:
    """Keeps what it was called with; `run` and `stream` are what it does."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[WebhookRequest] = []
        self.metadata: list[dict[str, str]] = []
        self.acknowledged: list[str] = []
        self.run: Callable[[WebhookRequest, Context], Awaitable[WebhookResponse | bytes]] = answer_nothing
        self.stream: Callable[[WebhookRequest, Context], Events] | None = None
        self.on_acknowledge: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"grpc://127.0.0.1:{self.port}"

    async def start(self, credentials: grpc.ServerCredentials | None = None) -> grpc.aio.Server:
        server = grpc.aio.server()
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Webhook": grpc.unary_unary_rpc_method_handler(self._run, WebhookRequest.FromString, encode),
            "AckStreamChunks": grpc.unary_unary_rpc_method_handler(
                self._acknowledge, StreamChunkAck.FromString, Empty.SerializeToString
            ),
            "Actions": grpc.unary_unary_rpc_method_handler(
                self._list, ActionsRequest.FromString, ActionsResponse.SerializeToString
            ),
        }
        if self.stream is not None:
            handlers["WebhookStream"] = grpc.unary_stream_rpc_method_handler(
                self._stream, WebhookRequest.FromString, encode
            )
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        address = f"127.0.0.1:{self.port}"
        if credentials is None:
            self.port = server.add_insecure_port(address)
        else:
            self.port = server.add_secure_port(address, credentials)
        await server.start()
        return server

    async def _run(self, request: WebhookRequest, context: Context) -> WebhookResponse | bytes:
        self._note(request, context)
        return await self.run(request, context)

    async def _stream(self, request: WebhookRequest, context: Context) -> Events:
        self._note(request, context)
        assert self.stream is not None
        async for event in self.stream(request, context):
            yield event

    async def _acknowledge(self, request: StreamChunkAck, _: Context) -> Empty:
        self.acknowledged.append(request.response_id)
        self.on_acknowledge()
        return Empty()

    async def _list(self, _: ActionsRequest, __: Context) -> ActionsResponse:
        response = ActionsResponse()
        response.actions.add().update({"name": "action_one"})
        return response

    def _note(self, request: WebhookRequest, context: Context) -> None:
        self.requests.append(request)
        self.metadata.append({name: str(value) for name, value in context.invocation_metadata()})


@asynccontextmanager
async def started(
    server: PlayedServer, credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[PlayedServer]:
    running = await server.start(credentials)
    try:
        yield server
    finally:
        await running.stop(None)
