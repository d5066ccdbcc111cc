"""Streamed calls: pieces as they come, listeners that leave, and streams that break."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from duologue.adapters.action_runner.attempts import FEATURES_NAME
from duologue.adapters.action_runner.grpc import GrpcActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import ActionError, ActionRejectedError
from duologue.core.events import SlotWasSet
from duologue.core.values import OpenData
from duologue.wire.grpc.calls import format_answer, format_chunk
from duologue.wire.grpc.failures import Failure, format_failure
from duologue.wire.grpc.messages import (
    ChunkEnd,
    ChunkStart,
    StreamError,
    WebhookRequest,
    WebhookResponse,
    WebhookStreamEvent,
)
from tests.unit.adapters.action_runner.played_grpc_server import Context, Events, PlayedServer, started
from tests.unit.adapters.action_runner.test_grpc import ANSWER, calling, make_call

START = WebhookStreamEvent(chunk_start=ChunkStart(response_id="r1"))
END = WebhookStreamEvent(chunk_end=ChunkEnd(response_id="r1"))
RESULT = WebhookStreamEvent(final_result=format_answer(ANSWER))


def piece(**fields: object) -> WebhookStreamEvent:
    return WebhookStreamEvent(chunk=format_chunk("r1", fields))


class Listener:
    """A `ReplyStream` that keeps what it hears and may leave."""

    def __init__(self, *, leaves_after: int | None = None) -> None:
        self.heard: list[OpenData | str] = []
        self.left = asyncio.Event()
        self._leaves_after = leaves_after

    async def begin(self) -> None:
        self.heard.append("begin")

    async def add(self, piece: OpenData) -> None:
        self.heard.append({name: value for name, value in piece.items() if value})
        if len(self.heard) - 1 == self._leaves_after:
            self.left.set()

    async def end(self) -> None:
        self.heard.append("end")

    async def wait_until_left(self) -> None:
        await self.left.wait()


def play(server: PlayedServer, *events: WebhookStreamEvent) -> None:
    async def stream(_: WebhookRequest, __: Context) -> Events:
        for event in events:
            yield event

    server.stream = stream


@asynccontextmanager
async def running(server: PlayedServer, *, patience: float = 5.0) -> AsyncIterator[GrpcActionRunner]:
    options = ActionServerOptions(url=server.url, timeout=5.0)
    runner = GrpcActionRunner(options, patience=patience)
    try:
        yield runner
    finally:
        await runner.close()


@pytest.fixture
async def server() -> AsyncIterator[PlayedServer]:
    server = PlayedServer()
    play(server, RESULT)
    async with started(server):
        yield server


@pytest.fixture
def listener() -> Listener:
    return Listener()


async def test_pieces_reach_the_listener_and_the_result_the_turn(
    server: PlayedServer, listener: Listener
) -> None:
    play(server, START, piece(text="one "), piece(image="https://example.org/i.png"), END, RESULT)
    async with running(server) as runner:
        result = await runner.run(make_call(replies=listener))
    assert listener.heard == ["begin", {"text": "one "}, {"image": "https://example.org/i.png"}, "end"]
    assert result.events == (SlotWasSet(name="amount", value=50),)
    assert [response["text"] for response in result.responses] == ["Done."]


async def test_several_messages_are_streamed_one_after_the_other(
    server: PlayedServer, listener: Listener
) -> None:
    play(server, START, piece(text="one"), END, START, piece(text="two"), END, RESULT)
    async with running(server) as runner:
        await runner.run(make_call(replies=listener))
    assert listener.heard == ["begin", {"text": "one"}, "end", "begin", {"text": "two"}, "end"]


@pytest.mark.parametrize(
    "events", [(piece(text="one"), END, RESULT), (START, piece(text="one"), RESULT)], ids=["start", "end"]
)
async def test_a_server_that_leaves_out_a_start_or_an_end_is_understood(
    server: PlayedServer, listener: Listener, events: tuple[WebhookStreamEvent, ...]
) -> None:
    play(server, *events)
    async with running(server) as runner:
        await runner.run(make_call(replies=listener))
    assert listener.heard == ["begin", {"text": "one"}, "end"]


async def test_pieces_come_while_the_action_still_runs(server: PlayedServer, listener: Listener) -> None:
    async def stream(_: WebhookRequest, __: Context) -> Events:
        yield START
        yield piece(text="one")
        await asyncio.wait_for(listener.left.wait(), 5)
        yield END
        yield RESULT

    server.stream = stream
    listener = Listener(leaves_after=1)
    async with running(server) as runner:
        await runner.run(make_call(replies=listener))
    assert listener.heard[:2] == ["begin", {"text": "one"}]


async def test_a_listener_that_leaves_is_told_to_the_server_which_still_gives_its_result(
    server: PlayedServer,
) -> None:
    told = asyncio.Event()
    server.on_acknowledge = told.set

    async def stream(_: WebhookRequest, __: Context) -> Events:
        yield START
        yield piece(text="one")
        await told.wait()
        yield piece(text="two")
        yield END
        yield RESULT

    server.stream = stream
    listener = Listener(leaves_after=1)
    async with running(server) as runner:
        result = await runner.run(make_call(replies=listener))
    assert server.acknowledged == ["r1"]
    assert listener.heard == ["begin", {"text": "one"}]
    assert result.events == (SlotWasSet(name="amount", value=50),)


async def test_a_listener_who_left_before_the_first_message_is_told_when_it_begins(
    server: PlayedServer,
) -> None:
    async def stream(_: WebhookRequest, __: Context) -> Events:
        await asyncio.sleep(0.05)
        yield START
        yield piece(text="one")
        yield RESULT

    server.stream = stream
    listener = Listener()
    listener.left.set()
    async with running(server) as runner:
        await runner.run(make_call(replies=listener))
    assert (server.acknowledged, listener.heard) == (["r1"], [])


async def test_an_action_that_goes_on_for_ever_after_that_is_given_up(server: PlayedServer) -> None:
    cancelled = asyncio.Event()

    async def stream(_: WebhookRequest, __: Context) -> Events:
        yield START
        yield piece(text="one")
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    server.stream = stream
    async with running(server, patience=0.1) as runner:
        with pytest.raises(ActionError, match=r"more than 0\.1 s after its listener had left"):
            await runner.run(make_call(replies=Listener(leaves_after=1)))
        await asyncio.wait_for(cancelled.wait(), 5)


async def test_a_stream_that_breaks_after_a_piece_is_not_begun_again(
    server: PlayedServer, listener: Listener
) -> None:
    async def stream(_: WebhookRequest, context: Context) -> Events:
        await context.send_initial_metadata(((FEATURES_NAME, "idempotency streaming"),))
        yield START
        yield piece(text="one")
        await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    server.stream = stream
    async with running(server) as runner:
        with pytest.raises(ActionError, match="broke off"):
            await runner.run(make_call(replies=listener))
    assert len(server.requests) == 1
    assert listener.heard == ["begin", {"text": "one"}]


async def test_a_stream_that_breaks_before_the_first_piece_is_begun_again_where_that_is_safe(
    server: PlayedServer, listener: Listener
) -> None:
    async def stream(_: WebhookRequest, context: Context) -> Events:
        await context.send_initial_metadata(((FEATURES_NAME, "idempotency streaming"),))
        if len(server.requests) == 1:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        yield RESULT

    server.stream = stream
    async with calling(server.url) as runner:
        await runner.run(make_call(replies=listener))
    assert len(server.requests) == 2


async def test_an_action_that_declines_in_a_stream_has_declined(
    server: PlayedServer, listener: Listener
) -> None:
    async def stream(_: WebhookRequest, context: Context) -> Events:
        yield WebhookStreamEvent(error=StreamError(action_name="action_one", message="Not now."))
        context.set_code(grpc.StatusCode.INTERNAL)
        context.set_details(format_failure(Failure(action_name="action_one", message="Not now.")))

    server.stream = stream
    async with running(server) as runner:
        with pytest.raises(ActionRejectedError):
            await runner.run(make_call(replies=listener))


@pytest.mark.parametrize("events", [(), (START, piece(text="one"), END)], ids=["nothing", "no result"])
async def test_a_stream_without_a_result_fails_the_call(
    server: PlayedServer, listener: Listener, events: tuple[WebhookStreamEvent, ...]
) -> None:
    play(server, *events)
    async with running(server) as runner:
        with pytest.raises(ActionError, match="without a result"):
            await runner.run(make_call(replies=listener))


async def test_a_stream_that_never_stops_talking_fails_the_call(
    server: PlayedServer, listener: Listener
) -> None:
    async def stream(_: WebhookRequest, __: Context) -> Events:
        yield START
        while True:
            yield piece(text="x" * 1000)

    server.stream = stream
    async with calling(server.url, largest_answer=20_000) as runner:
        with pytest.raises(ActionError, match="more than an answer may have"):
            await runner.run(make_call(replies=listener))
    assert len(listener.heard) < 25


async def test_a_server_that_cannot_stream_is_called_plainly_from_then_on(listener: Listener) -> None:
    server = PlayedServer()
    tried: list[str] = []

    async def answer(_: WebhookRequest, __: Context) -> WebhookResponse:
        tried.append("Webhook")
        return format_answer(ANSWER)

    server.run = answer
    async with started(server), running(server) as runner:
        for _ in range(2):
            result = await runner.run(make_call(replies=listener))
            assert [response["text"] for response in result.responses] == ["Done."]
    assert tried == ["Webhook", "Webhook"]
    assert listener.heard == []


async def test_a_server_that_learned_to_stream_while_it_was_away_streams(listener: Listener) -> None:
    server = PlayedServer()
    older = await server.start()
    async with running(server) as runner:
        await runner.run(make_call(replies=listener))
        await older.stop(None)
        play(server, START, piece(text="one"), END, RESULT)
        async with started(server):
            await runner.run(make_call(replies=listener))
    assert listener.heard == ["begin", {"text": "one"}, "end"]


async def test_a_turn_that_is_cancelled_cancels_the_action(server: PlayedServer, listener: Listener) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def stream(_: WebhookRequest, __: Context) -> Events:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        yield RESULT

    server.stream = stream
    async with running(server) as runner:
        turn = asyncio.create_task(runner.run(make_call(replies=listener)))
        await asyncio.wait_for(begun.wait(), 5)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        await asyncio.wait_for(cancelled.wait(), 5)
