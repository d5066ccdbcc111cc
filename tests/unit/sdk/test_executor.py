"""Running actions."""

import asyncio
import datetime
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from duologue.sdk import (
    Action,
    ActionExecutionRejection,
    CollectingDispatcher,
    Tracker,
    action,
    current_call,
)
from duologue.sdk.errors import (
    ActionFailedError,
    ActionNotFound,
    ActionRegistrationError,
    ActionResultError,
    NoCurrentCallError,
)
from duologue.sdk.events import SlotSet
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import DomainDict, EventType
from duologue.telemetry.spans import use_tracer

WriteProject = Callable[..., Path]


class ActionDouble(Action):
    def name(self) -> str:
        return "action_double"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        dispatcher.utter_message(text=tracker.sender_id)
        return [SlotSet("amount", tracker.get_slot("amount") * 2)]


def call_of(name: str, **fields: Any) -> dict[str, Any]:
    tracker = {"sender_id": "ada", "slots": {"amount": 4}, "events": [], "latest_message": {}}
    return {"next_action": name, "sender_id": "ada", "tracker": tracker, "domain": {}, **fields}


async def test_an_action_gives_events_and_responses(executor: ActionExecutor) -> None:
    executor.register_action(ActionDouble)

    result = await executor.run(call_of("action_double"))

    assert result["events"] == [SlotSet("amount", 8)]
    assert result["responses"][0]["text"] == "ada"


async def test_a_marked_function_is_an_action_and_still_a_function(executor: ActionExecutor) -> None:
    @action("action_hi")
    async def say_hi(
        dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        return [SlotSet("said", "hi")]

    executor.register_action(say_hi)

    result = await executor.run(call_of("action_hi"))

    assert result["events"] == await say_hi(None, None, None) == [SlotSet("said", "hi")]


async def test_a_plain_action_leaves_the_event_loop_free(executor: ActionExecutor) -> None:
    released = threading.Event()

    def wait_for_release(*_: Any) -> list[EventType]:
        assert released.wait(timeout=10)
        return [SlotSet("thread", threading.current_thread().name)]

    async def release(*_: Any) -> None:
        released.set()

    executor.register_function("action_wait", lambda d, t, m: wait_for_release())
    executor.register_function("action_release", release)

    waiting, _ = await asyncio.gather(
        executor.run(call_of("action_wait")), executor.run(call_of("action_release"))
    )

    assert waiting["events"][0]["value"].startswith("duologue-action")


async def test_a_plain_run_that_gives_a_coroutine_is_awaited(executor: ActionExecutor) -> None:
    async def later() -> list[EventType]:
        return [SlotSet("a", 1)]

    executor.register_function("action_later", lambda d, t, m: later())

    assert (await executor.run(call_of("action_later")))["events"] == [SlotSet("a", 1)]


async def test_two_actions_at_once_keep_their_own_call(executor: ActionExecutor) -> None:
    both_inside = asyncio.Barrier(2)
    both_threads_inside = threading.Barrier(2)

    def describe() -> list[EventType]:
        found = current_call()
        return [SlotSet("call", [found.action_name, found.idempotency_key, found.extras.get("trace")])]

    async def run_async(*_: Any) -> list[EventType]:
        await both_inside.wait()
        return await asyncio.create_task(asyncio.to_thread(describe))

    def run_plain(*_: Any) -> list[EventType]:
        both_threads_inside.wait(timeout=10)
        return describe()

    for name, function in [("a", run_async), ("b", run_async), ("c", run_plain), ("d", run_plain)]:
        executor.register_function(name, function)

    results = await asyncio.gather(
        *(executor.run(call_of(name, idempotency_key=f"ada/1/{name}", trace=name)) for name in "abcd")
    )

    assert [result["events"][0]["value"] for result in results] == [
        [name, f"ada/1/{name}", name] for name in "abcd"
    ]


def test_outside_of_an_action_there_is_no_current_call() -> None:
    with pytest.raises(NoCurrentCallError, match="No action is running here"):
        current_call()


async def test_a_call_may_leave_out_nearly_everything(executor: ActionExecutor) -> None:
    async def run(dispatcher: Any, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        return [SlotSet("seen", [tracker.sender_id, tracker.slots, domain])]

    executor.register_function("action_bare", run)

    result = await executor.run({"next_action": "action_bare"})

    assert result["events"] == [SlotSet("seen", ["default", {}, {}])]


async def test_a_stream_left_open_is_ended(executor: ActionExecutor) -> None:
    async def run(dispatcher: CollectingDispatcher, *_: Any) -> None:
        await dispatcher.stream_chunk(text="to be continued")

    executor.register_function("action_stream", run)

    result = await executor.run(call_of("action_stream"))

    assert [message["text"] for message in result["responses"]] == ["to be continued"]


async def test_a_given_dispatcher_streams(executor: ActionExecutor) -> None:
    sent: list[dict[str, Any]] = []

    async def send(chunk: dict[str, Any]) -> None:
        sent.append(chunk)

    async def run(dispatcher: CollectingDispatcher, *_: Any) -> None:
        await dispatcher.stream_chunk(text="hi")

    executor.register_function("action_stream", run)

    result = await executor.run(call_of("action_stream"), CollectingDispatcher(sink=send))

    assert [chunk["event"] for chunk in sent] == ["stream_start", "stream_chunk", "stream_end"]
    assert result["responses"] == []


# What goes wrong


async def test_an_unknown_action_is_answered_with_the_nearest_name(executor: ActionExecutor) -> None:
    executor.register_action(ActionDouble)

    with pytest.raises(
        ActionNotFound, match=r"'action_dobule' is registered; did you mean 'action_double'\?"
    ):
        await executor.run(call_of("action_dobule"))
    with pytest.raises(ActionNotFound, match="names no action"):
        await executor.run({"next_action": None})


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_rejection_passes_as_it_is(executor: ActionExecutor, is_async: bool) -> None:
    def reject(*_: Any) -> None:
        raise ActionExecutionRejection("action_no", "not now")

    async def reject_async(*_: Any) -> None:
        reject()

    executor.register_function("action_no", reject_async if is_async else reject)

    with pytest.raises(ActionExecutionRejection, match="not now") as caught:
        await executor.run(call_of("action_no"))

    assert caught.value.action_name == "action_no"


def fail_in_helper() -> None:
    raise KeyError("iban")


def fail_plain(*_: Any) -> None:
    fail_in_helper()


async def fail_async(*_: Any) -> None:
    fail_in_helper()


def exit_plain(*_: Any) -> None:
    raise SystemExit(3)


def find_nothing(dispatcher: Any, tracker: Tracker, domain: Any) -> None:
    next(tracker.get_latest_entity_values("city"))


@pytest.mark.parametrize(
    ("function", "reason", "cause"),
    [
        (fail_plain, r"KeyError: 'iban'", KeyError),
        (fail_async, r"KeyError: 'iban'", KeyError),
        (exit_plain, r"SystemExit: 3", SystemExit),
        (find_nothing, r"next\(\) found nothing", RuntimeError),
    ],
)
async def test_a_failure_names_the_action_and_the_line(
    executor: ActionExecutor, function: Callable[..., Any], reason: str, cause: type[BaseException]
) -> None:
    executor.register_function("action_fail", function)

    with pytest.raises(
        ActionFailedError, match=rf"^Action 'action_fail' failed at \S+:\d+: .*{reason}"
    ) as caught:
        await executor.run(call_of("action_fail"))

    assert isinstance(caught.value.__cause__, cause)


async def test_a_cancelled_run_is_cancelled_and_not_failed(executor: ActionExecutor) -> None:
    started = asyncio.Event()

    async def wait(*_: Any) -> None:
        started.set()
        await asyncio.Event().wait()

    executor.register_function("action_wait", wait)
    running = asyncio.create_task(executor.run(call_of("action_wait")))
    await started.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (SlotSet("a", 1), "returned a value of type dict; return a list of events"),
        ("done", "returned a value of type str; return a list"),
        ([SlotSet("a", 1), None], "returned a value of type NoneType among its events"),
        ([{"name": "a"}], "returned a dictionary without 'event'"),
        ([SlotSet("a", object())], r"put something into slot 'a' that JSON cannot hold \(.*object"),
    ],
)
async def test_a_wrong_result_names_the_action_and_the_line(
    executor: ActionExecutor, returned: Any, complaint: str
) -> None:
    executor.register_function("action_odd", lambda d, t, m: returned)

    with pytest.raises(
        ActionResultError, match=rf"^Action 'action_odd' \(test_executor.py:\d+\) {complaint}"
    ):
        await executor.run(call_of("action_odd"))


async def test_results_are_plain_json_whatever_they_were_made_of(executor: ActionExecutor) -> None:
    class Amount(float):
        pass

    class Button(dict[str, Any]):
        pass

    async def run(dispatcher: CollectingDispatcher, *_: Any) -> tuple[EventType, ...]:
        dispatcher.utter_message(buttons=[Button(title="b")], when=datetime.date(2030, 1, 2))
        return (SlotSet("a", (Amount(1.5), {1: "x"})),)

    executor.register_function("action_odd", run)

    result = await executor.run(call_of("action_odd"))

    assert result["responses"][0]["buttons"] == [{"title": "b"}]
    assert result["responses"][0]["when"] == "2030-01-02"
    amount, mapping = result["events"][0]["value"]
    assert (type(amount), mapping) == (float, {"1": "x"})


@pytest.mark.parametrize("returned", [None, [], (), {}])
async def test_returning_nothing_is_fine(executor: ActionExecutor, returned: Any) -> None:
    executor.register_function("action_quiet", lambda d, t, m: returned)

    assert (await executor.run(call_of("action_quiet")))["events"] == []


def test_what_cannot_be_an_action_is_refused_with_its_line(executor: ActionExecutor) -> None:
    class Nameless(Action):
        pass

    class Idle(Action):
        def name(self) -> str:
            return "action_idle"

    class Needy(ActionDouble):
        def __init__(self, database: str) -> None:
            self.database = database

    class Numbered(ActionDouble):
        def name(self) -> Any:
            return 7

    with pytest.raises(ActionRegistrationError, match=r"Nameless.* has no name\(\)"):
        executor.register_action(Nameless)
    with pytest.raises(
        ActionRegistrationError, match=r"test_executor.py:\d+: action 'action_idle' has no run"
    ):
        executor.register_action(Idle)
    with pytest.raises(ActionRegistrationError, match=r"creating .*Needy without arguments raises TypeError"):
        executor.register_action(Needy)
    with pytest.raises(ActionRegistrationError, match=r"name\(\) of .*Numbered must return"):
        executor.register_action(Numbered)
    with pytest.raises(ActionRegistrationError, match="must take three arguments"):
        executor.register_function("action_short", lambda dispatcher: None)


def test_names_are_sorted_and_places_known(executor: ActionExecutor) -> None:
    executor.register_action(ActionDouble)
    executor.register_function("action_another", fail_plain)

    assert executor.names() == ["action_another", "action_double"]
    assert executor.place_of("action_another").startswith("test_executor.py:")


# Results that servers keep


REMEMBERED = """
    from duologue.sdk import Action, FormValidationAction, action
    from rasa_sdk import ValidationAction

    class ActionPay(Action):
        def name(self):
            return "action_pay"

        def run(self, dispatcher, tracker, domain):
            return []

    class ActionShow(ActionPay):
        remember = False

        def name(self):
            return "action_show"

    class ValidateOrder(FormValidationAction):
        def name(self):
            return "validate_order_form"

    class ValidateSlots(ValidationAction):
        pass

    class ValidateOnce(FormValidationAction):
        remember = True

        def name(self):
            return "validate_once_form"

    @action("action_look", remember=False)
    def look(dispatcher, tracker, domain):
        return []
"""


def test_results_are_kept_unless_an_action_says_otherwise(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    executor.register_package("actions", root=write_project({"actions.py": REMEMBERED}))

    kept = [name for name in executor.names() if executor.is_remembered(name)]

    assert kept == ["action_pay", "validate_once_form"]
    assert not executor.is_remembered("action_unknown")


async def test_spans_tell_what_an_action_gave_and_which_slots_it_checked(
    executor: ActionExecutor, write_project: WriteProject
) -> None:
    executor.register_package("actions", root=write_project({"actions.py": REMEMBERED}))
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    events = [{"event": "slot", "name": "dish", "value": "soup"}]
    domain = {"slots": {"dish": {}}}
    call = {"next_action": "action_validate_slot_mappings", "tracker": {"events": events}, "domain": domain}
    use_tracer(provider.get_tracer("test"))
    try:
        await executor.run(call)
    finally:
        use_tracer(None)

    spans = {span.name: dict(span.attributes or {}) for span in exporter.get_finished_spans()}
    assert spans["ValidationAction.ValidateSlots.run"]["slots_to_validate"] == '["dish"]'
    assert spans["ActionExecutor.run"]["slots"] == '["dish"]'
