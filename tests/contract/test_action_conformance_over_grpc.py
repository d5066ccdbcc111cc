"""The conformance suite over gRPC: our own server, and servers with planted errors in what they stream."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from duologue.action_server.grpc_server import start_grpc
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.adapters.result_store.memory import InMemoryResultStore
from duologue.runtime.remembering import RememberingRunner
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import ActionExecutionRejection, ActionFailedError
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import ActionResult
from duologue.testing.conformance.actions.behaviour_checks import REFERENCE_FILE
from duologue.testing.conformance.actions.contract import ActionServerContract
from duologue.testing.conformance.actions.grpc_door import GrpcDoor
from duologue.testing.conformance.actions.report import Verdict
from duologue.testing.conformance.actions.suite import CHECKS, try_check

Call = Mapping[str, Any]


@pytest.fixture
def executor() -> Iterator[ActionExecutor]:
    executor = ActionExecutor()
    executor.register_package(REFERENCE_FILE.stem, root=REFERENCE_FILE.parent)
    yield executor
    executor.close()


@asynccontextmanager
async def open_door(service: ActionService) -> AsyncIterator[GrpcDoor]:
    server = await start_grpc(service, "127.0.0.1:0", ActionServingOptions())
    door = GrpcDoor(f"127.0.0.1:{server.port}")
    yield door
    await door.close()
    await server.stop(0)


class TestOurServerOverGrpc(ActionServerContract):
    @pytest.fixture
    async def door(self, executor: ActionExecutor) -> AsyncIterator[GrpcDoor]:
        runner = RememberingRunner(executor, InMemoryResultStore())
        features = frozenset({"idempotency", "streaming"})
        async with open_door(ActionService(runner, features=features)) as door:
            yield door
        await runner.close()


class Planted:
    """Our actions, run in a way of the test's own."""

    def __init__(
        self,
        executor: ActionExecutor,
        run: Callable[[ActionExecutor, Call, CollectingDispatcher], Awaitable[ActionResult]],
    ) -> None:
        self._executor = executor
        self._run = run

    def names(self) -> list[str]:
        return self._executor.names()

    async def run(self, call: Call, dispatcher: CollectingDispatcher | None = None) -> ActionResult:
        return await self._run(self._executor, call, dispatcher or CollectingDispatcher())


async def say_the_stream_once_more(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    result = await executor.run(call, dispatcher)
    return ActionResult(events=result["events"], responses=[{"text": "one two three"}])


async def lose_the_last_piece(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    heard = CollectingDispatcher()
    result = await executor.run(call, heard)
    for message in result["responses"][:-1]:
        await dispatcher.stream_chunk(text=message["text"])
    await dispatcher.stream_end()
    return ActionResult(events=result["events"], responses=[])


async def begin_a_message_with_each_piece(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    result = await executor.run(call, CollectingDispatcher())
    for message in result["responses"]:
        await dispatcher.stream_start()
        await dispatcher.stream_chunk(text=message["text"])
        await dispatcher.stream_end()
    return ActionResult(events=result["events"], responses=[])


async def stream_nothing(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    return await executor.run(call, CollectingDispatcher())


async def stream_what_is_only_said(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    await dispatcher.stream_chunk(text="Hello.")
    await dispatcher.stream_end()
    return ActionResult(events=[], responses=[])


async def fail_instead_of_declining(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    try:
        return await executor.run(call, dispatcher)
    except ActionExecutionRejection as error:
        raise ActionFailedError(error.action_name, error.message) from error


async def stream_everything_at_the_end(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    result = await executor.run(call, CollectingDispatcher())
    for message in result["responses"]:
        await dispatcher.stream_chunk(text=message["text"])
    await dispatcher.stream_end()
    return ActionResult(events=result["events"], responses=[])


async def go_on_when_nobody_listens(
    executor: ActionExecutor, call: Call, dispatcher: CollectingDispatcher
) -> ActionResult:
    dispatcher.cancel_stream = lambda: None
    return await executor.run(call, dispatcher)


@pytest.mark.parametrize(
    ("error", "promise"),
    [
        (say_the_stream_once_more, "a message is streamed piece by piece"),
        (lose_the_last_piece, "a message is streamed piece by piece"),
        (begin_a_message_with_each_piece, "a message is streamed piece by piece"),
        (begin_a_message_with_each_piece, "streams stay apart"),
        (stream_nothing, "it streams as announced"),
        (stream_what_is_only_said, "an action that does not stream gives its result"),
        (fail_instead_of_declining, "a stream tells what goes wrong"),
        pytest.param(
            stream_everything_at_the_end,
            "pieces come as they are made, and a listener may leave",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            go_on_when_nobody_listens, "a stream stops when nobody listens any more", marks=pytest.mark.slow
        ),
    ],
)
async def test_a_planted_error_is_found(
    executor: ActionExecutor,
    error: Callable[[ActionExecutor, Call, CollectingDispatcher], Awaitable[ActionResult]],
    promise: str,
) -> None:
    (check,) = [check for check in CHECKS if check.name == promise]
    service = ActionService(Planted(executor, error), features=frozenset({"streaming"}))
    async with open_door(service) as door:
        finding = await try_check(check, door)
    assert finding.verdict is Verdict.BROKEN, finding
