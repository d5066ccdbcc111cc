"""Calls over gRPC, to a server that does as it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from msgspec.structs import replace

from duologue.adapters.action_runner.attempts import FEATURES_NAME, Attempts
from duologue.adapters.action_runner.grpc import GrpcActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.domain import Domain, Intent
from duologue.core.errors import ActionError, ActionRejectedError
from duologue.core.events import SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.slots import Slot
from duologue.core.state import State
from duologue.ports.action_runner import ActionCall
from duologue.wire.grpc.calls import format_answer, parse_call
from duologue.wire.grpc.failures import Failure, format_failure
from duologue.wire.grpc.messages import WebhookRequest, WebhookResponse
from tests.unit.adapters.action_runner.played_grpc_server import Context, PlayedServer, started

DOMAIN = Domain(
    slots={"amount": Slot(name="amount")}, intents={"greet": Intent(name="greet")}, actions=("action_one",)
)
ANSWER = {
    "events": [{"event": "slot", "name": "amount", "value": 50}],
    "responses": [{"text": "Done."}],
}


@asynccontextmanager
async def calling(url: str, **options: Any) -> AsyncIterator[GrpcActionRunner]:
    described = ActionServerOptions(url=url, **{"timeout": 5.0, **options})
    runner = GrpcActionRunner(described, attempts=Attempts(described, sleep=do_not_sleep))
    try:
        yield runner
    finally:
        await runner.close()


async def do_not_sleep(_: float) -> None:
    await asyncio.sleep(0)


def make_call(name: str = "action_one", **changes: Any) -> ActionCall:
    async def load_events() -> list[UserSpoke]:
        return [UserSpoke(text="Hello", timestamp=1.0)]

    call = ActionCall(
        action_name=name,
        state=State(conversation_id=ConversationId("anna"), slots={"amount": 20}),
        domain=DOMAIN,
        idempotency_key="Änna/m 1/1",
        load_events=load_events,
    )
    return replace(call, **changes)


@pytest.fixture
async def server() -> AsyncIterator[PlayedServer]:
    async def answer(_: WebhookRequest, __: Context) -> WebhookResponse:
        return format_answer(ANSWER)

    server = PlayedServer()
    server.run = answer
    async with started(server):
        yield server


async def test_events_and_messages_come_back(server: PlayedServer) -> None:
    async with calling(server.url) as runner:
        result = await runner.run(make_call())
    assert result.events == (SlotWasSet(name="amount", value=50),)
    assert [response["text"] for response in result.responses] == ["Done."]


async def test_the_call_is_that_of_the_protocol(server: PlayedServer) -> None:
    async with calling(server.url) as runner:
        await runner.run(make_call())
    (body,) = [parse_call(request) for request in server.requests]
    assert (body["next_action"], body["sender_id"]) == ("action_one", "anna")
    assert body["tracker"]["slots"] == {"amount": 20}
    assert [event["text"] for event in body["tracker"]["events"]] == ["Hello"]
    assert body["domain"]["intents"] == ["greet"]
    assert body["domain_digest"]


async def test_headers_parameters_user_and_key_travel_as_metadata(server: PlayedServer) -> None:
    options = {"headers": {"X-Team": "blue"}, "params": {"token": "t0"}, "auth": ("ann", "secret")}
    async with calling(server.url, **options) as runner:
        await runner.run(make_call())
    (metadata,) = server.metadata
    assert metadata["x-team"] == "blue"
    assert metadata["token"] == "t0"
    assert metadata["authorization"] == "Basic YW5uOnNlY3JldA=="
    assert metadata["idempotency-key"] == "%C3%84nna/m%201/1"


@pytest.mark.parametrize("compress", [False, True])
async def test_calls_are_read_whether_they_are_compressed_or_not(
    server: PlayedServer, compress: bool
) -> None:
    async with calling(server.url, compress=compress) as runner:
        await runner.run(make_call())
    assert len(server.requests) == 1


# The domain


async def test_a_server_that_keeps_the_domain_gets_it_once(server: PlayedServer) -> None:
    async def answer(_: WebhookRequest, context: Context) -> WebhookResponse:
        await context.send_initial_metadata(((FEATURES_NAME, "domain-digest"),))
        return WebhookResponse()

    server.run = answer
    async with calling(server.url) as runner:
        for _ in range(3):
            await runner.run(make_call())
    assert [request.HasField("domain") for request in server.requests] == [True, False, False]
    assert len({request.domain_digest for request in server.requests}) == 1


async def test_a_server_that_lacks_the_domain_gets_it_in_a_second_request(server: PlayedServer) -> None:
    async def answer(request: WebhookRequest, context: Context) -> WebhookResponse:
        if not request.HasField("domain"):
            await context.abort(grpc.StatusCode.NOT_FOUND, missing("DOMAIN"))
        return WebhookResponse()

    server.run = answer
    async with calling(server.url, selective_domain=True) as runner:
        await runner.run(make_call())
    assert [request.HasField("domain") for request in server.requests] == [False, True]


async def test_a_server_that_asks_for_the_domain_again_and_again_fails_the_call(
    server: PlayedServer,
) -> None:
    fail_with(server, grpc.StatusCode.NOT_FOUND, missing("DOMAIN"))
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match="asks for the domain"):
            await runner.run(make_call())
    assert len(server.requests) == 2


# Failures


def missing(resource: Any) -> str:
    return format_failure(
        Failure(action_name="action_one", message="It is not here.", resource_type=resource)
    )


def fail_with(server: PlayedServer, code: grpc.StatusCode, details: str, features: str = "") -> None:
    async def fail(_: WebhookRequest, context: Context) -> WebhookResponse:
        if features:
            await context.send_initial_metadata(((FEATURES_NAME, features),))
        await context.abort(code, details)
        return WebhookResponse()

    server.run = fail


async def test_an_action_that_declines_is_told_from_one_that_fails(server: PlayedServer) -> None:
    async with calling(server.url) as runner:
        rejection = format_failure(Failure(action_name="action_one", message="Not now."))
        fail_with(server, grpc.StatusCode.INTERNAL, rejection)
        with pytest.raises(ActionRejectedError):
            await runner.run(make_call())
        fail_with(server, grpc.StatusCode.INTERNAL, "Division by zero.")
        with pytest.raises(ActionError) as failed:
            await runner.run(make_call())
    assert not isinstance(failed.value, ActionRejectedError)


@pytest.mark.parametrize(
    ("code", "details", "words"),
    [
        (grpc.StatusCode.NOT_FOUND, missing("ACTION"), "has no action 'action_one'"),
        (grpc.StatusCode.NOT_FOUND, "no route", r"failed to run 'action_one' \(NOT_FOUND\)"),
        (grpc.StatusCode.UNKNOWN, "Anna's secret", r"failed to run 'action_one' \(UNKNOWN\)"),
        (grpc.StatusCode.UNAUTHENTICATED, "", "check `headers`"),
        (grpc.StatusCode.UNIMPLEMENTED, "", "does not speak the protocol of actions"),
    ],
)
async def test_an_answer_that_is_final_is_one_clear_sentence_and_no_second_call(
    server: PlayedServer, code: grpc.StatusCode, details: str, words: str
) -> None:
    fail_with(server, code, details)
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match=words) as failed:
            await runner.run(make_call())
    assert "secret" not in str(failed.value)
    assert len(server.requests) == 1


async def test_a_call_whose_fate_is_unknown_is_not_made_again(server: PlayedServer) -> None:
    fail_with(server, grpc.StatusCode.UNAVAILABLE, "Socket closed")
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match="broke off while 'action_one' ran"):
            await runner.run(make_call())
    assert len(server.requests) == 1


async def test_a_server_that_remembers_results_is_asked_again(server: PlayedServer) -> None:
    fail_with(server, grpc.StatusCode.UNAVAILABLE, "Socket closed", features="idempotency")
    async with calling(server.url, retries=2) as runner:
        with pytest.raises(ActionError):
            await runner.run(make_call())
    assert len(server.requests) == 3
    assert len({metadata["idempotency-key"] for metadata in server.metadata}) == 1


async def test_a_busy_server_is_asked_again_since_it_ran_nothing(server: PlayedServer) -> None:
    fail_with(server, grpc.StatusCode.RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!")
    async with calling(server.url, retries=1) as runner:
        with pytest.raises(ActionError, match="too busy"):
            await runner.run(make_call())
    assert len(server.requests) == 2


@pytest.mark.parametrize(("features", "requests"), [("announced-calls", 3), ("", 2)])
async def test_a_call_that_a_stopping_server_turned_away_is_made_again_where_that_can_be_told(
    server: PlayedServer, features: str, requests: int
) -> None:
    async def answer(_: WebhookRequest, context: Context) -> WebhookResponse:
        if len(server.requests) == 2:
            await context.abort(grpc.StatusCode.CANCELLED, "CANCELLED")
        await context.send_initial_metadata(((FEATURES_NAME, features),))
        return WebhookResponse()

    server.run = answer
    async with calling(server.url) as runner:
        await runner.run(make_call())
        with contextlib.nullcontext() if features else pytest.raises(ActionError, match="CANCELLED"):
            await runner.run(make_call())
    assert len(server.requests) == requests


async def test_nobody_at_the_address_is_told_with_what_to_do() -> None:
    async with calling("grpc://127.0.0.1:1") as runner:
        with pytest.raises(ActionError, match=r"cannot be reached.*; start it") as failed:
            await runner.run(make_call())
        assert failed.value.is_retryable
        assert await runner.list_actions() is None


@asynccontextmanager
async def something_else(words: bytes | None) -> AsyncIterator[str]:
    """The address of a server that speaks no gRPC: it says these words to everybody, or nothing for ever."""
    talks: set[asyncio.Task[None] | None] = set()
    is_over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        if words is None:
            await is_over.wait()
        else:
            writer.write(words)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"grpc://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        is_over.set()
        await asyncio.gather(*filter(None, talks))


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 100, b"\x15\x03\x01"])
async def test_a_port_of_something_else_is_told_in_one_sentence(words: bytes) -> None:
    async with something_else(words) as url, calling(url) as runner:
        with pytest.raises(ActionError, match=r"cannot be reached|broke off"):
            await runner.run(make_call())


async def test_a_port_that_takes_connections_and_says_nothing_ends_with_the_time_of_the_call() -> None:
    async with something_else(None) as url, calling(url, timeout=0.2) as runner:
        with pytest.raises(ActionError, match=r"did not answer 'action_one' within 0\.2 s"):
            await runner.run(make_call())


async def test_a_server_that_comes_up_meanwhile_gets_the_call() -> None:
    server = PlayedServer()
    async with started(server):
        pass

    async def start_it(_: float) -> None:
        running.append(await server.start())
        await asyncio.sleep(0.4)  # the library waits a little before it connects again

    running: list[grpc.aio.Server] = []
    options = ActionServerOptions(url=server.url, timeout=10, retries=1)
    runner = GrpcActionRunner(options, attempts=Attempts(options, sleep=start_it))
    try:
        await runner.run(make_call())
    finally:
        await runner.close()
        await running[0].stop(None)
    assert len(server.requests) == 1


async def test_a_call_after_one_without_an_answer_goes_over_a_new_connection(server: PlayedServer) -> None:
    peers: list[str] = []

    async def hang_once(_: WebhookRequest, context: Context) -> WebhookResponse:
        peers.append(context.peer())
        if len(peers) == 1:
            await asyncio.Event().wait()
        return WebhookResponse()

    server.run = hang_once
    async with calling(server.url, timeouts={"action_slow": 0.2}) as runner:
        with pytest.raises(ActionError, match=r"did not answer 'action_slow' within 0\.2 s"):
            await runner.run(make_call("action_slow"))
        await runner.run(make_call())
    assert len(set(peers)) == 2


async def test_the_server_learns_how_long_a_call_may_take(server: PlayedServer) -> None:
    left: list[float] = []

    async def look(_: WebhookRequest, context: Context) -> WebhookResponse:
        left.append(context.time_remaining())
        return WebhookResponse()

    server.run = look
    async with calling(server.url, timeouts={"action_one": 20.0}) as runner:
        await runner.run(make_call())
    assert 15 < left[0] < 22


async def test_an_answer_that_is_too_large_fails_the_call(server: PlayedServer) -> None:
    async def answer(_: WebhookRequest, __: Context) -> WebhookResponse:
        return format_answer({"responses": [{"text": "x" * 5000}]})

    server.run = answer
    async with calling(server.url, largest_answer=4000) as runner:
        with pytest.raises(ActionError, match="larger than"):
            await runner.run(make_call())
    assert len(server.requests) == 1


async def test_what_gRPC_cannot_carry_is_told_before_anything_is_sent(server: PlayedServer) -> None:  # noqa: N802
    deep: list[Any] = []
    for _ in range(60):
        deep = [deep]
    state = State(conversation_id=ConversationId("anna"), slots={"amount": deep})
    async with calling(server.url) as runner:
        with pytest.raises(ActionError, match="deep; let its `url`"):
            await runner.run(make_call(state=state))
    assert server.requests == []


async def test_the_actions_of_the_server_are_known(server: PlayedServer) -> None:
    async with calling(server.url) as runner:
        assert await runner.list_actions() == {"action_one"}
