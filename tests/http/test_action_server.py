"""What an action server answers over HTTP."""

import asyncio
import gzip
import json
import logging
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest

from duologue.action_server.app import build_app
from duologue.action_server.call_limits import BoundedCode
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.core.errors import StorageUnavailableError
from duologue.sdk.call_context import current_call
from duologue.sdk.errors import ActionExecutionRejection
from duologue.sdk.events import SlotSet
from duologue.sdk.executor import ActionExecutor
from duologue.serving.admission import Admission

Connect = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


class Door:
    """Holds actions back until it is opened."""

    def __init__(self) -> None:
        self.is_knocked = asyncio.Event()
        self.may_go_on = asyncio.Event()


@pytest.fixture
def door() -> Door:
    return Door()


# Actions are functions of the author's, whose arguments are of the SDK or open JSON.
@pytest.fixture
def executor(door: Door) -> ActionExecutor:
    def greet(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        dispatcher.utter_message(text=f"Hello, {tracker.get_slot('name')}.")
        return [SlotSet("intents", len(domain.get("intents", [])))]

    def decline(*_: Any) -> Any:
        raise ActionExecutionRejection("action_decline", "Not today.")

    def fail(*_: Any) -> Any:
        raise ValueError("the bank is closed")

    async def wait(*_: Any) -> Any:
        door.is_knocked.set()
        await door.may_go_on.wait()

    def tell_key(*_: Any) -> Any:
        return [SlotSet("key", current_call().idempotency_key)]

    executor = ActionExecutor()
    for name, function in {
        "greet": greet,
        "decline": decline,
        "fail": fail,
        "wait": wait,
        "tell_key": tell_key,
    }.items():
        executor.register_function(f"action_{name}", function)
    return executor


@asynccontextmanager
async def open_client(service: ActionService, **more: Any) -> AsyncIterator[httpx2.AsyncClient]:
    options = ActionServingOptions(**more.pop("options", {}))
    transport = httpx2.ASGITransport(app=build_app(service, options, **more), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://actions.example") as client:
        yield client


@pytest.fixture
async def client(executor: ActionExecutor) -> AsyncIterator[httpx2.AsyncClient]:
    async with open_client(ActionService(executor)) as client:
        yield client


def make_call(name: str = "greet", **more: Any) -> dict[str, Any]:
    tracker = {"sender_id": "ada", "slots": {"name": "Ada"}}
    return {"next_action": f"action_{name}", "sender_id": "ada", "tracker": tracker, **more}


async def test_an_action_runs_and_gives_its_events_and_messages(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/webhook", json=make_call(domain={"intents": ["a", "b"]}))
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"events", "responses"}
    assert [(one["event"], one["name"], one["value"]) for one in body["events"]] == [("slot", "intents", 2)]
    assert [one["text"] for one in body["responses"]] == ["Hello, Ada."]


async def test_a_call_without_an_action_is_answered_with_null(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/webhook", json={"sender_id": "ada", "tracker": {}})
    assert (answer.status_code, answer.content) == (200, b"null")


@pytest.mark.parametrize("body", [b"", b"null", b"  "])
async def test_a_body_that_holds_nothing_is_invalid(client: httpx2.AsyncClient, body: bytes) -> None:
    answer = await client.post("/webhook", content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid body request"})


async def test_a_rejection_is_answered_with_its_own_words(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/webhook", json=make_call("decline"))
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "Not today.", "action_name": "action_decline"},
    )


async def test_an_unknown_action_is_named_with_the_nearest_one(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/webhook", json=make_call("gret"))
    assert (answer.status_code, answer.json()["action_name"]) == (404, "action_gret")
    assert "action_greet" in answer.json()["error"]


async def test_a_domain_is_kept_by_its_digest_and_asked_for_when_it_is_not_known(
    client: httpx2.AsyncClient,
) -> None:
    call = make_call(domain_digest="1")
    asked = await client.post("/webhook", json=call)
    sent = await client.post("/webhook", json=call | {"domain": {"intents": ["a"]}})
    kept = await client.post("/webhook", json=call)
    stale = await client.post("/webhook", json=call | {"domain_digest": "2"})
    assert [answer.status_code for answer in (asked, sent, kept, stale)] == [449, 200, 200, 449]
    assert kept.json()["events"][0]["value"] == 1
    assert asked.json()["action_name"] == "action_greet"


async def test_a_failure_tells_the_words_of_the_exception_and_nothing_of_the_conversation(
    client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.post("/webhook", json=make_call("fail"))
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "error": "the bank is closed",
            "action_name": "action_fail",
            "request_body": {"next_action": "action_fail", "sender_id": "ada"},
        },
    )
    assert "action_server.action_failed" in caplog.text


async def test_a_server_may_tell_the_whole_body_of_a_failed_call_back(executor: ActionExecutor) -> None:
    call = make_call("fail")
    async with open_client(ActionService(executor), is_echoing=True) as client:
        assert (await client.post("/webhook", json=call)).json()["request_body"] == call


async def test_the_actions_are_listed_by_name(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/actions")
    names = ["action_decline", "action_fail", "action_greet", "action_tell_key", "action_wait"]
    assert answer.json() == [{"name": name} for name in names]


async def test_health_is_told_to_get_and_head(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    assert (await client.head("/health")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/webhook", 405), ("POST", "/health", 405), ("GET", "/nowhere", 404)],
)
async def test_what_is_not_there_is_said_in_json(
    client: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert path in answer.json()["error"]


async def test_every_answer_says_what_the_server_does_beyond_the_protocol(executor: ActionExecutor) -> None:
    service = ActionService(executor, features=frozenset({"idempotency"}))
    async with open_client(service, options={"cors_origins": ("https://shop.example",)}) as client:
        answers = [
            await client.post("/webhook", json=make_call()),
            await client.post("/webhook", json=make_call("fail")),
            await client.post("/webhook", content=b"{"),
            await client.get("/actions"),
            await client.get("/health"),
            await client.get("/nowhere"),
        ]
    assert {answer.headers["duologue-features"] for answer in answers} == {"domain-digest idempotency"}


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("gzip", gzip.compress),
        ("identity", bytes),
    ],
)
async def test_compressed_calls_are_read(
    client: httpx2.AsyncClient, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(json.dumps(make_call()).encode())
    answer = await client.post("/webhook", content=body, headers={"content-encoding": encoding})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("encoding", "body", "status", "words"),
    [
        ("deflate", zlib.compress(b" " * 2_000_000), 413, "larger than 1000000 bytes"),
        ("deflate", b"no deflate data", 400, "not deflate data"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-4], 400, "ends too soon"),
        ("br", b"...", 415, "'br' is not known"),
    ],
)
async def test_bodies_that_do_not_inflate_well_are_refused(
    executor: ActionExecutor, encoding: str, body: bytes, status: int, words: str
) -> None:
    async with open_client(ActionService(executor), options={"largest_body": 1_000_000}) as client:
        answer = await client.post("/webhook", content=body, headers={"content-encoding": encoding})
    assert answer.status_code == status
    assert words in answer.json()["error"]


async def test_a_body_that_is_too_large_is_refused_while_it_comes(executor: ActionExecutor) -> None:
    async with open_client(ActionService(executor), options={"largest_body": 100}) as client:
        answer = await client.post("/webhook", content=b"x" * 101)
    assert (answer.status_code, "larger than 100 bytes" in answer.json()["error"]) == (413, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        (b"[1]", "a JSON object"),
        (b'{"next_action": 3}', "`next_action` must be a text"),
        (b'{"next_action": "action_greet", "tracker": []}', "`tracker` must be an object"),
        (b'{"next_action": "action_greet", "domain": "x"}', "`domain` must be an object"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
    ],
)
async def test_what_is_no_call_is_refused_with_a_reason(
    client: httpx2.AsyncClient, body: bytes, words: str
) -> None:
    answer = await client.post("/webhook", content=body)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text


async def test_numbers_that_only_python_writes_are_read(client: httpx2.AsyncClient) -> None:
    body = json.dumps(make_call()).replace('"Ada"', "NaN").encode()
    answer = await client.post("/webhook", content=body)
    assert answer.json()["responses"][0]["text"] == "Hello, nan."


@pytest.mark.parametrize(
    ("headers", "more", "key"),
    [
        ({"idempotency-key": "caf%C3%A9/1/2"}, {}, "café/1/2"),
        ({}, {"idempotency_key": "b/1"}, "b/1"),
        ({"idempotency-key": "b%2F1"}, {"idempotency_key": "b/1"}, "b/1"),
    ],
)
async def test_the_key_of_a_call_comes_by_header_or_body(
    client: httpx2.AsyncClient, headers: dict[str, str], more: dict[str, str], key: str
) -> None:
    answer = await client.post("/webhook", json=make_call("tell_key", **more), headers=headers)
    assert answer.json()["events"][0]["value"] == key


async def test_a_line_of_the_log_tells_of_each_call_and_nothing_of_what_was_said(
    client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await client.post("/webhook", json=make_call())
    records = [vars(record) for record in caplog.records if record.message == "action_server.call"]
    assert [(record["action"], record["status"]) for record in records] == [("action_greet", 200)]
    assert "Ada" not in str(records)


async def test_calls_beyond_the_limit_wait_and_are_sent_away_in_the_end(
    executor: ActionExecutor, door: Door
) -> None:
    bounded = BoundedCode(executor, 1, wait_seconds=0.05)
    async with open_client(ActionService(bounded)) as client:
        first = asyncio.create_task(client.post("/webhook", json=make_call("wait")))
        await door.is_knocked.wait()
        refused = await client.post("/webhook", json=make_call())
        alive = await client.get("/health")
        door.may_go_on.set()
        assert (await first).status_code == 200
        assert (await client.post("/webhook", json=make_call())).status_code == 200
    assert (refused.status_code, alive.status_code) == (503, 200)
    assert refused.headers["retry-after"]


async def test_a_waiting_call_runs_as_soon_as_there_is_a_place(executor: ActionExecutor, door: Door) -> None:
    async with open_client(ActionService(BoundedCode(executor, 1))) as client:
        first = asyncio.create_task(client.post("/webhook", json=make_call("wait")))
        await door.is_knocked.wait()
        second = asyncio.create_task(client.post("/webhook", json=make_call()))
        door.may_go_on.set()
        assert [(await one).status_code for one in (first, second)] == [200, 200]


async def test_a_closing_server_turns_calls_away_before_anything_runs(executor: ActionExecutor) -> None:
    admission = Admission(seconds=5)
    admission.begin_closing()
    async with open_client(ActionService(executor), admission=admission) as client:
        refused = await client.post("/webhook", json=make_call())
        ready, alive = await client.get("/ready"), await client.get("/health")
    assert [one.status_code for one in (refused, ready, alive)] == [503, 503, 200]
    assert {one.headers["connection"] for one in (refused, ready, alive)} == {"close"}


@pytest.mark.parametrize(("features", "status"), [(frozenset[str](), 500), (frozenset({"idempotency"}), 503)])
async def test_a_call_that_was_cut_off_may_only_be_repeated_where_results_are_remembered(
    executor: ActionExecutor, door: Door, features: frozenset[str], status: int
) -> None:
    admission = Admission(seconds=5)
    service = ActionService(executor, features=features)
    async with open_client(service, admission=admission) as client:
        call = asyncio.create_task(client.post("/webhook", json=make_call("wait", idempotency_key="a/1")))
        await door.is_knocked.wait()
        admission.begin_closing()
        admission.cut_off()
        assert (await call).status_code == status


async def test_a_call_that_takes_too_long_is_cut_off(executor: ActionExecutor) -> None:
    async with open_client(ActionService(executor), options={"response_seconds": 0.01}) as client:
        answer = await client.post("/webhook", json=make_call("wait"))
    assert (answer.status_code, "0.01 seconds" in answer.json()["error"]) == (500, True)


async def test_a_server_whose_store_of_results_is_away_is_not_ready(executor: ActionExecutor) -> None:
    async def check() -> None:
        raise StorageUnavailableError("The store of results does not answer.")

    async with open_client(ActionService(executor), check_store=check) as client:
        ready = await client.get("/ready")
    assert (ready.status_code, ready.json()) == (503, {"error": "The store of results does not answer."})


async def test_pages_of_the_origins_that_are_named_may_call(executor: ActionExecutor) -> None:
    asking = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    async with open_client(
        ActionService(executor), options={"cors_origins": ("https://shop.example",)}
    ) as client:
        allowed = await client.options("/webhook", headers=asking)
        refused = await client.options("/webhook", headers=asking | {"origin": "https://else.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in refused.headers
