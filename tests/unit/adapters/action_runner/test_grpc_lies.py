"""A gRPC server that lies: what it costs is the call, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from duologue.core.errors import ActionError
from duologue.wire.grpc.calls import format_answer
from duologue.wire.grpc.messages import WebhookRequest, WebhookResponse, WebhookStreamEvent
from tests.unit.adapters.action_runner.played_grpc_server import (
    Context,
    Events,
    PlayedServer,
    encode,
    started,
)
from tests.unit.adapters.action_runner.test_grpc import calling, make_call
from tests.unit.adapters.action_runner.test_grpc_stream import Listener


def field(number: int, content: bytes) -> bytes:
    """One field of a message, as its bytes."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def nest(levels: int) -> bytes:
    """A Struct whose one value is a list in a list in a list …"""
    value = b"\x08\x00"
    for _ in range(levels):
        size = len(value)
        length = bytes([size & 127 | 128, size >> 7]) if size > 127 else bytes([size])
        items = b"\x0a" + length + value
        size = len(items)
        length = bytes([size & 127 | 128, size >> 7]) if size > 127 else bytes([size])
        value = b"\x32" + length + items
    return value


def answer(**parts: list[dict[str, Any]]) -> bytes:
    return encode(format_answer(parts))


LIES = {
    "no message": b"\xff" * 10,
    "half a message": answer(responses=[{"text": "x" * 100}])[:50],
    "an unknown event": answer(events=[{"event": "explosion"}]),
    "an event without a kind": answer(events=[{"name": "amount"}]),
    "an event with wrong types": answer(events=[{"event": "slot", "name": [1]}]),
    "a response with wrong types": answer(responses=[{"text": "Hi", "buttons": "none"}]),
    "too many events": answer(events=[{"event": "restart"}] * 1001),
    "empty responses without end": field(2, b"") * 1_000_000,
    "a list of half a million nothings": encode(
        WebhookResponse.FromString(answer(events=[{"event": "slot", "name": "a", "value": [None] * 500_000}]))
    ),
}


@pytest.fixture
async def server() -> AsyncIterator[PlayedServer]:
    server = PlayedServer()

    async def stream(request: WebhookRequest, context: Context) -> Events:
        content = encode(await server.run(request, context))
        # The answer, wrapped as `final_result` without being understood.
        length, size = b"", len(content)
        while size > 127:
            length, size = length + bytes([size & 127 | 128]), size >> 7
        yield b"\x22" + length + bytes([size]) + content

    server.stream = stream
    async with started(server):
        yield server


def lie(server: PlayedServer, content: bytes) -> None:
    async def run(_: WebhookRequest, __: Context) -> bytes:
        return content

    server.run = run


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in LIES.items()])
async def test_a_lie_fails_its_own_call_with_one_sentence(
    server: PlayedServer, content: bytes, is_streamed: bool
) -> None:
    lie(server, content)
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match=r"action server at grpc|'action_one'") as failed:
            await runner.run(make_call(replies=Listener() if is_streamed else None))
        assert len(str(failed.value)) < 300
        lie(server, answer(responses=[{"text": "Honest."}]))
        result = await runner.run(make_call())
    assert [response["text"] for response in result.responses] == ["Honest."]
    assert len(server.requests) == 2


async def test_an_answer_that_nests_without_end_fails_its_own_call(server: PlayedServer) -> None:
    member = b"\x0a\x01v" + b"\x12" + encode_length(nest(120))
    lie(server, b"\x0a" + encode_length(b"\x0a" + encode_length(member)))
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match="no message of the protocol"):
            await runner.run(make_call())


def encode_length(content: bytes) -> bytes:
    """The content behind its length."""
    size = len(content)
    assert 127 < size < 2**14
    return bytes([size & 127 | 128, size >> 7]) + content


async def test_a_huge_answer_is_read_while_everybody_else_goes_on(server: PlayedServer) -> None:
    event = {"event": "slot", "name": "amount", "value": {f"a{number}": number for number in range(50)}}
    lie(server, answer(events=[event] * 600))
    lags: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            lags.append(time.perf_counter() - began)

    ticking = asyncio.create_task(tick())
    async with calling(server.url, timeout=30) as runner:
        began = time.perf_counter()
        result = await runner.run(make_call())
        whole = time.perf_counter() - began
    ticking.cancel()
    assert len(result.events) == 600
    assert max(lags) < max(0.5, whole / 2)


async def test_pieces_that_are_lies_fail_their_own_call(server: PlayedServer) -> None:
    async def stream(_: WebhookRequest, __: Context) -> Events:
        yield WebhookStreamEvent()
        yield b"\xff\xff"

    server.stream = stream
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match="no message of the protocol"):
            await runner.run(make_call(replies=Listener()))
