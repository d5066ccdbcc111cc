"""Calls of actions over gRPC, from a client that knows the .proto and nothing else."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import grpc
import pytest

from duologue.action_server.call_limits import TooManyCallsError
from duologue.core.errors import StorageUnavailableError
from duologue.sdk import current_call
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import ActionExecutionRejection
from duologue.sdk.events import SlotSet
from duologue.sdk.payloads import ActionResult
from duologue.wire.grpc.calls import format_call, parse_answer_message
from duologue.wire.grpc.failures import Failure, find_failure
from duologue.wire.grpc.messages import (
    ActionsRequest,
    StreamChunkAck,
    WebhookRequest,
    WebhookStreamEvent,
)
from duologue.wire.grpc.structs import read_struct
from tests.unit.action_server.grpc_door import Client, client_of, connected, make_executor, served

CALL = format_call(
    {
        "next_action": "say",
        "sender_id": "anna",
        "tracker": {"sender_id": "anna", "slots": {"amount": 5}},
        "domain": {"intents": ["greet", {"bye": {"use_entities": []}}]},
    }
)


def say(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    dispatcher.utter_message(text=f"Hello {tracker.sender_id}.")
    return [SlotSet("amount", tracker.get_slot("amount") + 1), SlotSet("intents", domain["intents"])]


async def test_an_action_gets_the_call_and_its_caller_the_answer() -> None:
    async with client_of(say=say) as client:
        answer = parse_answer_message(await client.run(CALL))
    assert [response["text"] for response in answer["responses"]] == ["Hello anna."]
    assert [event["value"] for event in answer["events"]] == [6, ["greet", {"bye": {"use_entities": []}}]]


async def test_a_call_that_names_no_action_is_answered_with_nothing() -> None:
    async with client_of(say=say) as client:
        answer = await client.run(WebhookRequest())
        events = [event async for event in client.stream(WebhookRequest())]
    assert parse_answer_message(answer) == {"events": [], "responses": []}
    assert [event.WhichOneof("event") for event in events] == ["final_result"]


async def test_the_names_of_all_actions_are_listed() -> None:
    async with client_of(say=say, act=say) as client:
        response = await client.list(ActionsRequest())
    assert [read_struct(action) for action in response.actions] == [{"name": "act"}, {"name": "say"}]


async def test_every_answer_says_what_the_server_can_do() -> None:
    async with client_of(say=say) as client:
        for call in (client.run(CALL), client.list(ActionsRequest())):
            await call
            metadata = await call.initial_metadata()
            assert metadata.get("duologue-features") == "announced-calls domain-digest json-calls streaming"


async def test_the_key_of_a_call_reaches_the_action() -> None:
    def tell_key(*_: Any) -> list[Any]:
        return [SlotSet("key", current_call().idempotency_key)]

    async with client_of(say=tell_key) as client:
        with_key = await client.run(CALL, metadata=(("idempotency-key", "%C3%84nna/m%201/1"),))
        without = await client.run(CALL)
    keys = [parse_answer_message(answer)["events"][0]["value"] for answer in (with_key, without)]
    assert keys == ["Änna/m 1/1", None]


# Failures


def decline(*_: Any) -> None:
    raise ActionExecutionRejection("say", "Not today.")


def fail(*_: Any) -> None:
    raise ValueError("Nothing adds up.")


async def fail_of(client: Client, *, is_streamed: bool, call: WebhookRequest = CALL) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await (read_errors(client, call) if is_streamed else client.run(call))
    return failed.value


async def read_errors(client: Client, call: WebhookRequest) -> None:
    async for event in client.stream(call):
        assert event.WhichOneof("event") == "error"


both = pytest.mark.parametrize("is_streamed", [False, True])


@both
async def test_an_action_that_declines_is_INTERNAL_with_its_name_and_its_words(is_streamed: bool) -> None:  # noqa: N802
    async with client_of(say=decline) as client:
        error = await fail_of(client, is_streamed=is_streamed)
    assert error.code() is grpc.StatusCode.INTERNAL
    assert find_failure(error.details()) == Failure(action_name="say", message="Not today.")


@both
async def test_an_action_that_is_not_there_is_NOT_FOUND(is_streamed: bool) -> None:  # noqa: N802
    async with client_of(act=say) as client:
        error = await fail_of(client, is_streamed=is_streamed)
    failure = find_failure(error.details())
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert failure is not None
    assert (failure.action_name, failure.resource_type) == ("say", "ACTION")


@both
async def test_a_domain_that_is_not_known_is_asked_for_and_then_kept(is_streamed: bool) -> None:
    call = WebhookRequest()
    call.CopyFrom(CALL)
    call.domain_digest = "d1"
    digest_only = WebhookRequest()
    digest_only.CopyFrom(call)
    digest_only.ClearField("domain")
    async with client_of(say=say) as client:
        error = await fail_of(client, is_streamed=is_streamed, call=digest_only)
        await client.run(call)
        again = parse_answer_message(await client.run(digest_only))
    failure = find_failure(error.details())
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert failure is not None
    assert failure.resource_type == "DOMAIN"
    assert len(again["events"][1]["value"]) == 2


@pytest.mark.parametrize(
    ("is_streamed", "code"), [(False, grpc.StatusCode.UNKNOWN), (True, grpc.StatusCode.INTERNAL)]
)
async def test_an_action_that_fails_ends_with_the_words_of_its_exception_and_a_line_in_the_log(
    is_streamed: bool, code: grpc.StatusCode, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(say=fail) as client:
        error = await fail_of(client, is_streamed=is_streamed)
    assert (error.code(), error.details()) == (code, "Nothing adds up.")
    assert 'raise ValueError("Nothing adds up.")' in caplog.text


class Refusing:
    """Runs nothing."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def names(self) -> list[str]:
        return []

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        raise self.error


@both
@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (TooManyCallsError("Too many."), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (StorageUnavailableError("The store is away."), grpc.StatusCode.UNAVAILABLE),
    ],
)
async def test_a_server_that_cannot_run_anything_now_says_so(
    is_streamed: bool, raised: Exception, code: grpc.StatusCode
) -> None:
    async with served(Refusing(raised)) as server, connected(server) as client:
        error = await fail_of(client, is_streamed=is_streamed)
    assert (error.code(), error.details()) == (code, str(raised))


@both
async def test_a_call_that_takes_longer_than_any_may_is_cut_off(is_streamed: bool) -> None:
    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    async with served(make_executor(say=hang), response_seconds=0.1) as server, connected(server) as client:
        error = await fail_of(client, is_streamed=is_streamed)
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_request_that_is_too_large_is_refused_and_the_next_one_is_served() -> None:
    huge = WebhookRequest(next_action="say", sender_id="x" * 200_000)
    executor = make_executor(say=say)
    async with served(executor, largest_body=100_000) as server, connected(server) as client:
        error = await fail_of(client, is_streamed=False, call=huge)
        await client.run(CALL)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_small_request_that_grows_too_large_when_it_is_decompressed_is_refused() -> None:
    huge = WebhookRequest(next_action="say", sender_id="x" * 2_000_000)
    executor = make_executor(say=say)
    async with served(executor, largest_body=100_000) as server, connected(server) as client:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await client.run(huge, compression=grpc.Compression.Gzip)
        await client.run(CALL)
    assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


# Streams


async def stream(dispatcher: Any, *_: Any) -> list[Any]:
    for text in ("one", "two"):
        await dispatcher.stream_start()
        await dispatcher.stream_chunk(text=text, buttons=[{"title": text, "payload": f"/{text}"}])
        await dispatcher.stream_end()
    dispatcher.utter_message(text="Done.")
    return [SlotSet("streamed", True)]


async def test_pieces_come_one_after_the_other_and_the_result_at_the_end() -> None:
    async with client_of(say=stream) as client:
        events = [event async for event in client.stream(CALL)]
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds == [*["chunk_start", "chunk", "chunk_end"] * 2, "final_result"]
    first, second = events[0].chunk_start.response_id, events[3].chunk_start.response_id
    assert first != second
    assert (events[1].chunk.response_id, events[1].chunk.text) == (first, "one")
    assert read_struct(events[4].chunk.buttons[0]) == {"title": "two", "payload": "/two"}
    result = parse_answer_message(events[-1].final_result)
    assert [response["text"] for response in result["responses"]] == ["Done."]
    assert [event["value"] for event in result["events"]] == [True]


async def test_the_same_action_called_plainly_gives_its_pieces_as_messages() -> None:
    async with client_of(say=stream) as client:
        answer = parse_answer_message(await client.run(CALL))
    assert [response["text"] for response in answer["responses"]] == ["one", "two", "Done."]


async def test_pieces_of_several_tasks_do_not_disturb_each_other() -> None:
    async def stream_at_once(dispatcher: Any, *_: Any) -> list[Any]:
        await dispatcher.stream_start()
        await asyncio.gather(*(dispatcher.stream_chunk(text=str(number)) for number in range(50)))
        await dispatcher.stream_end()
        return []

    async with client_of(say=stream_at_once) as client:
        events = [event async for event in client.stream(CALL)]
    assert sorted(int(event.chunk.text) for event in events[1:-2]) == list(range(50))


async def talk(dispatcher: Any, *_: Any) -> list[Any]:
    """Say something until nobody listens."""
    said = 0
    while not dispatcher.is_streaming_cancelled:
        await dispatcher.stream_chunk(text="tick")
        said += 1
        await asyncio.sleep(0.01)
    await dispatcher.stream_start()
    await dispatcher.stream_chunk(text="an afterthought")
    return [SlotSet("was_cancelled", dispatcher.is_streaming_cancelled)]


async def leave_first_message(client: Client) -> list[WebhookStreamEvent]:
    """All events of a stream whose first message is left after one piece."""
    events: list[WebhookStreamEvent] = []
    async for event in client.stream(CALL):
        events.append(event)
        if len(events) == 2:
            await client.acknowledge(StreamChunkAck(response_id=events[0].chunk_start.response_id))
    return events


async def test_an_action_whose_listener_left_is_told_and_its_result_is_given() -> None:
    async with client_of(say=talk) as client:
        events = await asyncio.wait_for(leave_first_message(client), 5)
    assert [event.WhichOneof("event") for event in events].count("chunk_start") == 1
    assert "an afterthought" not in [event.chunk.text for event in events]
    result = parse_answer_message(events[-1].final_result)
    assert [event["value"] for event in result["events"]] == [True]


async def test_an_action_that_does_not_end_after_that_is_cancelled_and_its_result_is_empty() -> None:
    cancelled = asyncio.Event()

    async def talk_for_ever(dispatcher: Any, *_: Any) -> None:
        try:
            await dispatcher.stream_chunk(text="tick")
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    executor = make_executor(say=talk_for_ever)
    async with served(executor, barge_in_seconds=0.1) as server, connected(server) as client:
        events = await asyncio.wait_for(leave_first_message(client), 5)
    assert parse_answer_message(events[-1].final_result) == {"events": [], "responses": []}
    assert cancelled.is_set()


async def test_an_action_that_does_not_let_itself_be_cancelled_holds_nobody_up() -> None:
    goes_on = asyncio.Event()

    async def talk_for_ever(dispatcher: Any, *_: Any) -> None:
        await dispatcher.stream_chunk(text="tick")
        while not goes_on.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await goes_on.wait()

    executor = make_executor(say=talk_for_ever)
    async with served(executor, barge_in_seconds=0.1) as server, connected(server) as client:
        events = await asyncio.wait_for(leave_first_message(client), 5)
        goes_on.set()
    assert parse_answer_message(events[-1].final_result) == {"events": [], "responses": []}


async def test_leaving_a_message_that_nobody_says_is_no_error() -> None:
    async with client_of(say=say) as client:
        await client.acknowledge(StreamChunkAck(response_id="unknown"))


@both
async def test_an_action_is_cancelled_when_its_caller_is_gone(is_streamed: bool) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def hang(*_: Any) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with client_of(say=hang) as client:
        if is_streamed:
            streaming = client.stream(CALL)
            reading = asyncio.ensure_future(streaming.read())
            await asyncio.wait_for(begun.wait(), 5)
            streaming.cancel()
            await asyncio.wait({reading})
        else:
            call = client.run(CALL)
            await asyncio.wait_for(begun.wait(), 5)
            call.cancel()
        await asyncio.wait_for(cancelled.wait(), 5)


async def test_an_action_waits_for_a_caller_that_reads_slowly() -> None:
    said, cancelled = 0, asyncio.Event()

    async def pour(dispatcher: Any, *_: Any) -> list[Any]:
        nonlocal said
        try:
            for _number in range(2000):
                await dispatcher.stream_chunk(text="x" * 10_000)
                said += 1
        finally:
            cancelled.set()
        return []

    async with client_of(say=pour) as client:
        call = client.stream(CALL)
        await call.read()
        await asyncio.sleep(0.3)
        poured = said
        call.cancel()
        await asyncio.wait_for(cancelled.wait(), 5)
    # As much as the windows of the connection hold, and not twenty megabytes.
    assert poured < 1000
