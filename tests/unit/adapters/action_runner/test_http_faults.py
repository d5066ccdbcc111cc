"""Action servers that break off, stall, lie and flood."""

import asyncio
import contextlib
import gzip
import os
import time

import pytest

from duologue.core.errors import ActionError
from tests.unit.adapters.action_runner.played_server import (
    Play,
    PlayedRequest,
    PlayedServer,
    connect,
    format_answer,
    make_call,
)

REMEMBERS = format_answer(duologue_features="domain-digest idempotency")
BUSY = format_answer({"error": "busy"}, 503, duologue_features="idempotency", retry_after="0")


def play(*pieces: bytes, ends: bool = True) -> Play:
    """Write the pieces, then hang up, or never do anything again."""

    async def answer(_: PlayedRequest, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if ends:
            writer.close()
        else:
            await asyncio.Event().wait()

    return answer


async def flood(_: PlayedRequest, writer: asyncio.StreamWriter) -> None:
    """An answer without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * 65_536)
        await writer.drain()


async def drip(_: PlayedRequest, writer: asyncio.StreamWriter) -> None:
    """An answer whose next byte is always about to come."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await asyncio.sleep(0.001)


async def grow_head(_: PlayedRequest, writer: asyncio.StreamWriter) -> None:
    """Headers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


HALF = b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"events": ['


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (play(), "gave no whole answer to 'action_one': the connection ended before it answered"),
        (play(b"HTTP/1.1 200"), "the connection ended before it answered"),
        (play(HALF), "ended in the middle of its answer; its log may say why"),
        (play(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"), "in the middle of its answer"),
        (play(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}"), "its answer is no HTTP"),
        (play(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}"), "its answer is no HTTP"),
        (play(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"), "no HTTP"),
        (play(b"220 mail.bank ESMTP\r\n"), "its answer is no HTTP"),
        (play(b"\x16\x03\x01\x02\x00"), "its answer is no HTTP"),
        (grow_head, "its answer is no HTTP"),
        (format_answer(b"garbage", content_encoding="gzip"), "its compressed answer is damaged"),
        (
            format_answer(gzip.compress(b"{}", mtime=0)[:-4], content_encoding="gzip"),
            "its compressed answer is damaged",
        ),
        (format_answer(b"{}", content_encoding="br"), "compressed in a way that nobody asked for"),
        (format_answer("", 502), "with status 502; it, or a proxy before it, is out of order"),
        (format_answer("", 503), "with status 503"),
        (format_answer("", 504), "with status 504"),
    ],
)
async def test_an_answer_that_breaks_off_fails_the_call_and_is_not_asked_for_again(
    answer: bytes | Play, sentence: str
) -> None:
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        with pytest.raises(ActionError, match=sentence) as raised:
            await runner.run(make_call())
    assert raised.value.is_retryable
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [play(), play(HALF), format_answer("", 502), b"no HTTP\r\n\r\n"])
async def test_a_server_that_remembers_results_is_asked_again_with_the_same_key(
    failure: bytes | Play,
) -> None:
    async with PlayedServer(REMEMBERS, failure, REMEMBERS).run() as server, connect(server.url) as runner:
        await runner.run(make_call())
        result = await runner.run(make_call())
    assert result.events
    assert len(server.requests) == 3
    assert server.requests[1].headers["idempotency-key"] == server.requests[2].headers["idempotency-key"]


@pytest.mark.parametrize("busy", [BUSY, format_answer("", 429, retry_after="0"), format_answer("", 408)])
async def test_a_busy_server_is_asked_again(busy: bytes) -> None:
    async with PlayedServer(busy, busy, format_answer()).run() as server, connect(server.url) as runner:
        assert (await runner.run(make_call())).events


async def test_a_server_that_stays_busy_is_named() -> None:
    async with PlayedServer(BUSY).run() as server, connect(server.url, retries=1) as runner:
        with pytest.raises(
            ActionError, match=r"too busy to run 'action_one' \(status 503\); give it more workers"
        ):
            await runner.run(make_call())
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [play(ends=False), play(HALF, ends=False), drip])
async def test_a_server_that_does_not_answer_in_time_is_given_up_and_hung_up_on(answer: Play) -> None:
    async with PlayedServer(answer).run() as server, connect(server.url, seconds=0.25) as runner:
        with pytest.raises(ActionError, match=r"did not answer 'action_one' within 0\.25 s; make the action"):
            await runner.run(make_call())
        server.answers = [format_answer()]
        assert (await runner.run(make_call())).events
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        flood,
        format_answer(b" " * 70_000),
        format_answer(gzip.compress(b" " * 10_000_000, mtime=0), content_encoding="gzip"),
    ],
)
async def test_an_answer_that_is_too_large_is_not_read_to_its_end(answer: bytes | Play) -> None:
    async with PlayedServer(answer).run() as server, connect(server.url, largest_answer=65_536) as runner:
        with pytest.raises(ActionError, match="answered 'action_one' with more than 65536 bytes"):
            await runner.run(make_call())
    assert len(server.requests) == 1


async def test_many_large_answers_at_once_come_through() -> None:
    text = os.urandom(400_000).hex()
    async with (
        PlayedServer(format_answer({"responses": [{"text": text}]})).run() as server,
        connect(server.url, seconds=20) as runner,
    ):
        results = await asyncio.gather(*(runner.run(make_call()) for _ in range(20)))
    assert {result.responses[0]["text"] for result in results} == {text}


async def test_large_answers_that_stall_hold_up_no_small_one() -> None:
    started = b"HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n" + b" " * 300_000

    async def answer(request: PlayedRequest, writer: asyncio.StreamWriter) -> None:
        if request.body["next_action"] == "action_one":
            writer.write(format_answer())
        else:
            writer.write(started)
            await asyncio.Event().wait()

    async with PlayedServer(answer).run() as server, connect(server.url, seconds=30) as runner:
        stalled = [asyncio.create_task(runner.run(make_call("action_two"))) for _ in range(40)]
        await asyncio.sleep(0.01)
        began = time.monotonic()
        assert (await runner.run(make_call())).events
        assert time.monotonic() - began < 5
        for task in stalled:
            task.cancel()
        await asyncio.gather(*stalled, return_exceptions=True)


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used() -> None:
    async def answer_and_close(_: PlayedRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(format_answer())  # it does not say that it closes
        writer.close()

    async with PlayedServer(answer_and_close).run() as server, connect(server.url) as runner:
        for _ in range(5):
            assert (await runner.run(make_call())).events
    assert (len(server.requests), server.connections) == (5, 5)


async def test_a_kept_connection_that_ends_under_a_call_is_no_reason_to_run_the_action_twice() -> None:
    async with PlayedServer(format_answer(), play()).run() as server, connect(server.url) as runner:
        await runner.run(make_call())
        with pytest.raises(ActionError, match="the connection ended before it answered"):
            await runner.run(make_call())
    assert len(server.requests) == 2


async def test_a_second_answer_is_not_taken_for_that_to_the_next_call() -> None:
    async with (
        PlayedServer(format_answer() + format_answer({"responses": [{"text": "Not yours"}]})).run() as server,
        connect(server.url) as runner,
    ):
        for _ in range(4):
            assert (await runner.run(make_call())).responses[0]["text"] == "Done."


async def test_a_late_answer_is_not_taken_for_that_to_the_next_call() -> None:
    async def answer_twice(_: PlayedRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(format_answer())
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(format_answer({"responses": [{"text": "Not yours"}]}))
        was_late.set()

    was_late = asyncio.Event()
    async with PlayedServer(answer_twice).run() as server, connect(server.url) as runner:
        for _ in range(4):
            assert (await runner.run(make_call())).responses[0]["text"] == "Done."
            await was_late.wait()
            was_late.clear()


async def test_connections_of_useless_answers_are_not_used_again() -> None:
    async with PlayedServer(format_answer(b"null")).run() as server, connect(server.url) as runner:
        for _ in range(3):
            with pytest.raises(ActionError):
                await runner.run(make_call())
    assert server.connections == 3
    assert {request.headers["connection"] for request in server.requests} == {"close"}


async def test_a_call_that_is_cancelled_hangs_up() -> None:
    async with PlayedServer(play(ends=False)).run() as server, connect(server.url) as runner:
        call = asyncio.create_task(runner.run(make_call()))
        await server.was_asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        server.answers = [format_answer()]
        await runner.run(make_call())
    assert server.connections == 2


async def test_a_server_that_refuses_a_large_call_before_it_has_read_it_is_understood() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(format_answer("", 413, connection="close"))
        await writer.drain()
        with contextlib.suppress(ConnectionError):
            while await reader.read(65_536):
                pass
        writer.transport.abort()
        await asyncio.sleep(0)
        has_ended.set()

    has_ended = asyncio.Event()
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhook"
    async with server, connect(url) as runner:
        with pytest.raises(ActionError, match="status 413; let it take larger bodies"):
            await runner.run(make_call(text="x" * 5_000_000))
        await has_ended.wait()


async def test_calls_under_way_end_when_the_runner_is_closed() -> None:
    async with PlayedServer(play(ends=False)).run() as server, connect(server.url) as runner:
        call = asyncio.create_task(runner.run(make_call()))
        await server.was_asked.wait()
        await runner.close()
        with pytest.raises(ActionError, match="ended before it answered"):
            await call


@pytest.mark.parametrize("status", [502, 504])
async def test_only_503_says_that_nothing_was_run(status: int) -> None:
    answer = format_answer("", status, duologue_features="domain-digest")
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        with pytest.raises(ActionError, match=f"status {status}"):
            await runner.run(make_call())
    assert len(server.requests) == 1
