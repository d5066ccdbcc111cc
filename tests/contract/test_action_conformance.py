"""The conformance suite of action servers, over our own server and over servers with planted errors."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from duologue.action_server.app import build_app
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.adapters.result_store.memory import InMemoryResultStore
from duologue.runtime.remembering import RememberingRunner
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import ActionExecutionRejection, ActionFailedError, ActionNotFound
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import ActionResult
from duologue.testing.conformance.actions.behaviour_checks import REFERENCE_FILE
from duologue.testing.conformance.actions.check import Part
from duologue.testing.conformance.actions.contract import ActionServerContract
from duologue.testing.conformance.actions.door import Transport
from duologue.testing.conformance.actions.http_door import HttpDoor
from duologue.testing.conformance.actions.report import Finding, Report, Verdict
from duologue.testing.conformance.actions.suite import CHECKS, Level, run_suite, try_check

IDEMPOTENCY = frozenset({"idempotency"})
Call = Mapping[str, Any]
Run = Callable[[Call], Awaitable[ActionResult]]


@pytest.fixture
def executor() -> Iterator[ActionExecutor]:
    executor = ActionExecutor()
    executor.register_package(REFERENCE_FILE.stem, root=REFERENCE_FILE.parent)
    yield executor
    executor.close()


def open_door(service: ActionService) -> HttpDoor:
    app = build_app(service, ActionServingOptions(folder=Path()))
    return HttpDoor("http://actions.test", transport=httpx2.ASGITransport(app))


class TestOurServer(ActionServerContract):
    @pytest.fixture
    async def door(self, executor: ActionExecutor) -> AsyncIterator[HttpDoor]:
        runner = RememberingRunner(executor, InMemoryResultStore())
        door = open_door(ActionService(runner, features=IDEMPOTENCY))
        yield door
        await door.close()
        await runner.close()


class Planted:
    """Our actions, run in a way of the test's own."""

    def __init__(self, executor: ActionExecutor, run: Callable[[Run, Call], Awaitable[ActionResult]]) -> None:
        self._executor = executor
        self._run = run

    def names(self) -> list[str]:
        return self._executor.names()

    async def run(self, call: Call, dispatcher: CollectingDispatcher | None = None) -> ActionResult:
        return await self._run(self._executor.run, call)


def make_result(*events: dict[str, Any], says: str | None = None) -> ActionResult:
    return ActionResult(events=list(events), responses=[] if says is None else [{"text": says}])


def set_slot(name: str, value: object) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


async def say_it_loudly(run: Run, call: Call) -> ActionResult:
    return make_result(says="HELLO.")


async def say_it_to_everything(run: Run, call: Call) -> ActionResult:
    return make_result(says="Hello.")


async def lose_the_second_button(run: Run, call: Call) -> ActionResult:
    result = await run(call)
    result["responses"][0]["buttons"].pop()
    return result


async def say_it_in_two_messages(run: Run, call: Call) -> ActionResult:
    result = await run(call)
    return ActionResult(events=[], responses=[*result["responses"], *result["responses"]])


async def lose_the_variables(run: Run, call: Call) -> ActionResult:
    return ActionResult(events=[], responses=[{"response": "utter_greet"}])


async def write_flags_as_numbers(run: Run, call: Call) -> ActionResult:
    result = await run(call)
    for event in result["events"]:
        event["value"] = int(event["value"]) if isinstance(event["value"], bool) else event["value"]
    return result


async def lose_the_oldest_event(run: Run, call: Call) -> ActionResult:
    return await run({**call, "tracker": {**call["tracker"], "events": call["tracker"]["events"][1:]}})


async def understand_only_ascii(run: Run, call: Call) -> ActionResult:
    text = call["tracker"]["latest_message"]["text"]
    return make_result(says=text.encode("ascii", "replace").decode())


async def lose_the_confidence(run: Run, call: Call) -> ActionResult:
    result = await run(call)
    for event in result["events"]:
        event.pop("confidence", None)
    return result


async def fail_instead_of_declining(run: Run, call: Call) -> ActionResult:
    try:
        return await run(call)
    except ActionExecutionRejection as error:
        raise ActionFailedError(error.action_name, error.message) from error


async def blame_another_action(run: Run, call: Call) -> ActionResult:
    try:
        return await run(call)
    except ActionExecutionRejection as error:
        raise ActionExecutionRejection("conformance_say", error.message) from error
    except ActionNotFound as error:
        raise ActionNotFound("conformance_say", error.message) from error


async def swallow_failures(run: Run, call: Call) -> ActionResult:
    try:
        return await run(call)
    except (ActionFailedError, ActionNotFound):
        return make_result()


async def see_no_domain(run: Run, call: Call) -> ActionResult:
    return await run({**call, "domain": {}})


async def join_what_is_streamed(run: Run, call: Call) -> ActionResult:
    result = await run(call)
    return make_result(*result["events"], says="".join(item["text"] for item in result["responses"]))


async def make_up_a_key(run: Run, call: Call) -> ActionResult:
    return await run({**call, "idempotency_key": "made-up"})


def run_one_after_the_other() -> Callable[[Run, Call], Awaitable[ActionResult]]:
    lock = asyncio.Lock()

    async def run_alone(run: Run, call: Call) -> ActionResult:
        async with lock:
            return await run(call)

    return run_alone


def mix_conversations() -> Callable[[Run, Call], Awaitable[ActionResult]]:
    latest: dict[str, Any] = {}

    async def run_with_the_latest(run: Run, call: Call) -> ActionResult:
        latest.update(call)
        await asyncio.sleep(0)
        return await run(dict(latest))

    return run_with_the_latest


PLANTED = {
    say_it_loudly: "an action says a text",
    say_it_to_everything: "an action does nothing",
    lose_the_second_button: "an action says a rich message",
    say_it_in_two_messages: "an action says a rich message",
    lose_the_variables: "an action names a response and its variables",
    write_flags_as_numbers: "an action sees slots of every kind",
    lose_the_oldest_event: "an action sees the events",
    understand_only_ascii: "an action sees the latest message",
    lose_the_confidence: "an action gives events of every kind",
    fail_instead_of_declining: "an action declines",
    blame_another_action: "an action declines",
    swallow_failures: "an action that fails harms nobody",
    see_no_domain: "an action sees the domain",
    join_what_is_streamed: "a streamed message comes as messages where nothing streams",
    make_up_a_key: "a call without a key has none",
}


@pytest.mark.parametrize(
    ("error", "promise"), [pytest.param(*item, id=item[0].__name__) for item in PLANTED.items()]
)
async def test_a_planted_error_is_found(
    executor: ActionExecutor, error: Callable[[Run, Call], Awaitable[ActionResult]], promise: str
) -> None:
    assert await is_broken(promise, ActionService(Planted(executor, error)))


@pytest.mark.parametrize(
    ("error", "promise"),
    [
        (blame_another_action, "an unknown action is refused by name"),
        (blame_another_action, "calls at once get their own answers"),
        (swallow_failures, "an unknown action is refused by name"),
        (swallow_failures, "members that are new to it are taken"),
    ],
)
async def test_a_planted_error_of_the_protocol_is_found(
    executor: ActionExecutor, error: Callable[[Run, Call], Awaitable[ActionResult]], promise: str
) -> None:
    assert await is_broken(promise, ActionService(Planted(executor, error)))


async def test_conversations_that_are_mixed_up_are_found(executor: ActionExecutor) -> None:
    assert await is_broken("conversations stay apart", ActionService(Planted(executor, mix_conversations())))


@pytest.mark.slow
async def test_calls_that_wait_for_each_other_are_found(executor: ActionExecutor) -> None:
    planted = ActionService(Planted(executor, run_one_after_the_other()))
    assert await is_broken("slow calls run at once", planted)


class ForgetsWhoseDomain(ActionService):
    """Takes the latest domain for whatever digest."""

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult | None:
        if "domain" in call:
            self._latest = call["domain"]
        return await super().run({**call, "domain": getattr(self, "_latest", {})}, dispatcher)


@pytest.mark.parametrize(
    "promise",
    ["a digest never stands for another domain", "an unknown digest without a domain is asked about"],
)
async def test_a_domain_that_is_taken_for_another_is_found(executor: ActionExecutor, promise: str) -> None:
    assert await is_broken(promise, ForgetsWhoseDomain(executor))


class RemembersByKeyAlone:
    """Takes two actions that were called with one key for the same call."""

    def __init__(self, executor: ActionExecutor) -> None:
        self._executor = executor
        self._results: dict[str | None, ActionResult] = {}

    def names(self) -> list[str]:
        return self._executor.names()

    async def run(self, call: Call, dispatcher: CollectingDispatcher | None = None) -> ActionResult:
        key = call.get("idempotency_key")
        if key is None or key not in self._results:
            self._results[key] = await self._executor.run(call)
        return self._results[key]


@pytest.mark.parametrize(
    "promise",
    [
        "a call with the same key runs once",
        "calls at once with the same key run once",
        "a key in the body counts as well",
    ],
)
async def test_a_server_that_does_not_remember_as_it_announces_is_found(
    executor: ActionExecutor, promise: str
) -> None:
    assert await is_broken(promise, ActionService(executor, features=IDEMPOTENCY))


async def test_a_key_that_stands_for_every_action_is_found(executor: ActionExecutor) -> None:
    service = ActionService(RemembersByKeyAlone(executor), features=IDEMPOTENCY)
    assert await is_broken("each action of a key runs", service)


async def test_a_server_without_the_reference_actions_is_held_to_the_protocol_alone() -> None:
    door = open_door(ActionService(ActionExecutor()))
    report = await run_suite([door], Level.FULL)
    await door.close()
    (broken,) = report.find(Verdict.BROKEN)
    assert broken.check == "the reference actions are there"
    verdicts = Counter(finding.verdict for finding in report.findings if finding.part is Part.PROTOCOL)
    assert verdicts == {Verdict.KEPT: sum(verdicts.values())}


async def test_a_server_that_goes_away_is_reported_once() -> None:
    left = 5
    app = build_app(ActionService(ActionExecutor()), ActionServingOptions(folder=Path()))

    async def answer_a_few(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise httpx2.ConnectError("nobody is there")
        await app(scope, receive, send)

    door = HttpDoor("http://actions.test", transport=httpx2.ASGITransport(answer_a_few))
    report = await run_suite([door], Level.BASIC)
    await door.close()
    (broken,) = report.find(Verdict.BROKEN)
    assert broken.reason == "Nobody answers at http://actions.test/webhook: nobody is there."
    assert report.findings[-1] is broken
    assert not report.is_conformant


def test_a_report_names_what_is_broken_in_a_line() -> None:
    report = Report(
        findings=(
            Finding(
                check="it is kind",
                part=Part.PROTOCOL,
                transport=Transport.HTTP,
                verdict=Verdict.BROKEN,
                reason="No.",
            ),
        )
    )
    assert report.format_text() == "BROKEN  HTTP  it is kind: No.\n1 promises: 0 kept, 1 broken, 0 skipped."
    assert b'"conformant": false' in report.format_json()


async def is_broken(promise: str, service: ActionService) -> bool:
    door = open_door(service)
    (check,) = [check for check in CHECKS if check.name == promise]
    finding = await try_check(check, door)
    await door.close()
    assert bool(finding.reason) == (finding.verdict is Verdict.BROKEN), finding
    return finding.verdict is Verdict.BROKEN
