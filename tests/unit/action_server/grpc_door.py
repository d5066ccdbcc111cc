"""An action server over gRPC in this process, with actions of the test, and a plain client of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from duologue.action_server.grpc_server import GrpcServer, start_grpc
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.sdk.executor import ActionExecutor
from duologue.wire.grpc.messages import ActionsResponse, WebhookResponse, WebhookStreamEvent
from duologue.wire.grpc.methods import ACK_STREAM_CHUNKS, ACTIONS, WEBHOOK, WEBHOOK_STREAM


def encode(message: Any) -> bytes:
    return message.SerializeToString()


class Client:
    """Calls the methods and nothing more."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.run = channel.unary_unary(WEBHOOK, encode, WebhookResponse.FromString)
        self.stream = channel.unary_stream(WEBHOOK_STREAM, encode, WebhookStreamEvent.FromString)
        self.acknowledge = channel.unary_unary(ACK_STREAM_CHUNKS, encode, Empty.FromString)
        self.list = channel.unary_unary(ACTIONS, encode, ActionsResponse.FromString)
        self._check = channel.unary_unary(
            "/grpc.health.v1.Health/Check", encode, HealthCheckResponse.FromString
        )
        self.watch = channel.unary_stream(
            "/grpc.health.v1.Health/Watch", encode, HealthCheckResponse.FromString
        )

    async def check(self, service: str = "") -> str:
        response = await self._check(HealthCheckRequest(service=service))
        return HealthCheckResponse.ServingStatus.Name(response.status)


@asynccontextmanager
async def served(runner: Any, **options: Any) -> AsyncIterator[GrpcServer]:
    """A server over an executor, or whatever runs calls."""
    service = ActionService(runner, features=frozenset({"streaming"}))
    server = await start_grpc(service, "127.0.0.1:0", ActionServingOptions(**options))
    try:
        yield server
    finally:
        await server.stop(0)


@asynccontextmanager
async def connected(server: GrpcServer, **settings: int) -> AsyncIterator[Client]:
    options = [(f"grpc.{name}", value) for name, value in settings.items()]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options) as channel:
        yield Client(channel)


@asynccontextmanager
async def client_of(**actions: Callable[..., Any]) -> AsyncIterator[Client]:
    """A client of a server with these functions as its actions."""
    async with served(make_executor(**actions)) as server, connected(server) as client:
        yield client


def make_executor(**actions: Callable[..., Any]) -> ActionExecutor:
    executor = ActionExecutor()
    for name, function in actions.items():
        executor.register_function(name, function)
    return executor
