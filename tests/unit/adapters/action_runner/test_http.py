"""Custom actions behind HTTP: what is sent, and what an answer means."""

import asyncio
import base64
import gzip
import os
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from duologue.adapters.action_runner.http import HttpActionRunner
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, ActionRejectedError, DefinitionError
from duologue.core.events import SlotWasSet
from tests.unit.adapters.action_runner.played_server import (
    DONE,
    PlayedServer,
    connect,
    format_answer,
    make_call,
)

LISTED = format_answer([{"name": "action_one"}, {"name": "action_two"}])


async def test_events_and_messages_come_back() -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        result = await runner.run(make_call())
    assert result.events == (SlotWasSet(name="amount", value=50),)
    assert [response["text"] for response in result.responses] == ["Done."]


async def test_the_call_is_that_of_the_protocol() -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        await runner.run(make_call())
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/webhook")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"localhost:{server.port}"
    assert request.body["next_action"] == "action_one"
    assert request.body["sender_id"] == "anna"
    assert request.body["version"] == "3.6.0"
    assert request.body["domain"]["actions"] == ["action_one"]
    assert request.body["tracker"]["slots"] == {"amount": 20}
    assert [event["text"] for event in request.body["tracker"]["events"]] == ["Hello"]


@pytest.mark.parametrize(
    ("conversation_id", "header"),
    [
        ("anna", "anna/m1/1"),
        ("jürgen", "j%C3%BCrgen/m1/1"),
        ("two\r\nlines", "two%0D%0Alines/m1/1"),
        ("名前", "%E5%90%8D%E5%89%8D/m1/1"),
    ],
)
async def test_the_key_of_the_call_travels_as_a_header_and_in_the_body(
    conversation_id: str, header: str
) -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        await runner.run(make_call(conversation_id=conversation_id))
    assert server.requests[0].headers["idempotency-key"] == header
    assert server.requests[0].body["idempotency_key"] == f"{conversation_id}/m1/1"


async def test_half_a_character_of_a_user_stops_no_call() -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        await runner.run(make_call(text="\ud83d"))
    assert server.requests[0].body["tracker"]["events"][0]["text"] == "\N{REPLACEMENT CHARACTER}"


async def test_parameters_headers_and_the_password_go_with_every_request() -> None:
    async with (
        PlayedServer(format_answer(), LISTED).run() as server,
        connect(
            f"{server.url}?stage=live&token=old",
            params={"token": "t 0"},
            headers={"X-Team": "bänk", "user-agent": "ours", "Content-Length": "7"},
            auth=("ann", "pä55"),
        ) as runner,
    ):
        await runner.run(make_call())
        assert await runner.list_actions() == {"action_one", "action_two"}
    assert [request.target for request in server.requests] == [
        "/webhook?stage=live&token=t+0",
        "/actions?stage=live&token=t+0",
    ]
    for request in server.requests:
        assert request.headers["x-team"] == "bänk"
        assert request.headers["user-agent"] == "ours"
        assert request.headers["authorization"] == f"Basic {base64.b64encode('ann:pä55'.encode()).decode()}"


async def test_a_password_in_the_address_is_sent_as_one() -> None:
    async with (
        PlayedServer().run() as server,
        connect(server.url.replace("//", "//ann:p%40ss@")) as runner,
    ):
        await runner.run(make_call())
    assert server.requests[0].headers["authorization"] == f"Basic {base64.b64encode(b'ann:p@ss').decode()}"


async def test_the_trace_context_goes_with_the_call() -> None:
    context = SpanContext(trace_id=7, span_id=9, is_remote=False, trace_flags=TraceFlags(1))
    async with PlayedServer().run() as server, connect(server.url) as runner:
        with trace.use_span(NonRecordingSpan(context)):
            await runner.run(make_call())
    assert server.requests[0].headers["traceparent"] == f"00-{7:032x}-{9:016x}-01"


async def test_calls_share_a_connection_once_the_action_has_answered_well() -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        for _ in range(5):
            await runner.run(make_call())
    assert (len(server.requests), server.connections) == (5, 2)


async def test_a_hundred_calls_at_once_are_answered() -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        results = await asyncio.gather(*(runner.run(make_call()) for _ in range(100)))
    assert len(results) == len(server.requests) == 100


async def test_a_compressed_call_says_so() -> None:
    async with PlayedServer().run() as server, connect(server.url, compress=True) as runner:
        await runner.run(make_call(text="Hello " * 50_000))
    (request,) = server.requests
    assert request.headers["content-encoding"] == "deflate"
    assert len(request.content) < 20_000
    assert len(request.body["tracker"]["events"][0]["text"]) == 300_000


@pytest.mark.parametrize("compress", [False, True])
async def test_a_call_may_be_large(compress: bool) -> None:
    async with PlayedServer().run() as server, connect(server.url, compress=compress) as runner:
        await runner.run(make_call(text=os.urandom(600_000).hex()))
    assert len(server.requests[0].body["tracker"]["events"][0]["text"]) == 1_200_000


PLAIN = b'{"responses": [{"text": "Done."}]}'


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PLAIN, mtime=0)),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN, wbits=-15)),
        ("Identity", PLAIN),
    ],
)
async def test_a_compressed_answer_is_read(coding: str, body: bytes) -> None:
    answer = format_answer(body, content_encoding=coding)
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        result = await runner.run(make_call())
    assert [response["text"] for response in result.responses] == ["Done."]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        format_answer({}, content_type="text/plain"),
        format_answer({"events": None, "responses": None, "more": 1}),
    ],
)
async def test_every_way_to_answer_nothing_is_understood(answer: bytes) -> None:
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        for _ in range(2):
            result = await runner.run(make_call())
            assert (result.events, result.responses) == ((), ())


async def test_a_rejection_is_a_rejection() -> None:
    answer = format_answer({"error": "no", "action_name": "action_one"}, 400)
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        with pytest.raises(ActionRejectedError, match="'action_one' declined"):
            await runner.run(make_call())


@pytest.mark.parametrize(
    ("status", "content", "sentence"),
    [
        (400, "bad request", "answered 'action_one' with status 400; its log says why"),
        (404, {"error": "no", "action_name": "action_one"}, "has no action 'action_one'; register it there"),
        (404, "Not Found", r"404, so its address is wrong; write its `url` as .* \(endpoints\.yml\)"),
        (401, "no", "status 401; check the token, password and headers"),
        (413, "no", "status 413; let it take larger bodies"),
        (500, {"error": "Ann's balance is 5", "action_name": "x"}, "with status 500; its log says why"),
        (101, b"", "with status 101"),
        (204, b"", "with status 204"),
        (200, ["events"], "the answer must be an object"),
        (200, {"events": [{"event": "slot"}]}, "the event `slot` needs `name`"),
        (200, {"events": [{"event": "slott"}]}, "no kind of event `slott`; did you mean `slot`"),
        (200, {"events": [{"event": {}}]}, "`event` of an event is an object"),
        (200, {"events": [7]}, "An event must be an object, not a number"),
        (200, {"events": "none"}, "`events` of the answer is a text but must be a list"),
        (200, {"events": [{"event": "pause"}] * 1001}, "it has 1001 events, and at most 1000"),
        (200, {"responses": ["hi"]}, "a response must be an object"),
        (200, {"responses": [{"text": "x", "buttons": ["y"]}]}, "a button of a response must be an object"),
        (200, {"responses": [{"image": 7}]}, "`image` of a response is a number"),
    ],
)
async def test_anything_else_fails_the_action(status: int, content: object, sentence: str) -> None:
    async with PlayedServer(format_answer(content, status)).run() as server, connect(server.url) as runner:
        with pytest.raises(ActionError, match=sentence) as raised:
            await runner.run(make_call())
    assert not isinstance(raised.value, ActionRejectedError)
    assert raised.value.action_name == "action_one"
    assert "Ann" not in str(raised.value)
    assert len(server.requests) == 1


async def test_a_redirection_is_named_and_not_followed() -> None:
    answer = format_answer("", 307, location="https://ann:secret@elsewhere/webhook?token=secret")
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        with pytest.raises(
            ActionError, match="a redirection to https://elsewhere/webhook that is not"
        ) as raised:
            await runner.run(make_call())
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("kind", ["agent_started", "routing_session_ended", "stack"])
async def test_events_of_newer_servers_pass(kind: str) -> None:
    answer = format_answer({"events": [{"event": kind, "flow_id": "f"}, {"event": "pause"}]})
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        result = await runner.run(make_call())
    assert result.events


async def test_a_large_answer_is_read_like_a_small_one() -> None:
    text = "x" * 3000
    answer = format_answer({"events": [DONE["events"][0]] * 500, "responses": [{"text": text}] * 500})
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        result = await runner.run(make_call())
    assert (len(result.events), len(result.responses)) == (500, 500)
    assert {response["text"] for response in result.responses} == {text}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"events": [{"event": "pause"}] * 20_000}, "it has 20000 events"),
        ({"events": [{"event": "slot", "name": "a", "value": [1] * 100_001}]}, "more than 100000 values"),
        ({"events": [], "responses": ["x" * 100_000]}, "a response must be an object"),
        (["x" * 100_000], "the answer must be an object"),
        (b"{" * 100_000, "it is no JSON"),
    ],
)
async def test_a_large_answer_is_checked_like_a_small_one(content: object, sentence: str) -> None:
    async with PlayedServer(format_answer(content)).run() as server, connect(server.url) as runner:
        with pytest.raises(ActionError, match=sentence):
            await runner.run(make_call())


NEEDS_DOMAIN = format_answer({"error": "domain", "action_name": "action_one"}, 449)
KEEPS_DOMAIN = format_answer(duologue_features="domain-digest streaming")


async def test_a_server_that_keeps_the_domain_gets_it_once() -> None:
    async with PlayedServer(KEEPS_DOMAIN).run() as server, connect(server.url) as runner:
        for _ in range(2):
            await runner.run(make_call())
    first, second = (request.body for request in server.requests)
    assert "domain" in first
    assert "domain" not in second
    assert first["domain_digest"] == second["domain_digest"] != ""


async def test_a_server_that_lost_the_domain_gets_it_again_for_the_same_call() -> None:
    answers = (KEEPS_DOMAIN, NEEDS_DOMAIN, KEEPS_DOMAIN)
    async with PlayedServer(*answers).run() as server, connect(server.url) as runner:
        await runner.run(make_call())
        result = await runner.run(make_call())
    assert result.events
    assert ["domain" in request.body for request in server.requests] == [True, False, True]
    keys = {request.headers["idempotency-key"] for request in server.requests}
    assert len(keys) == 1


async def test_a_server_that_says_nothing_gets_the_domain_every_time() -> None:
    async with PlayedServer().run() as server, connect(server.url) as runner:
        for _ in range(2):
            await runner.run(make_call())
    assert all("domain" in request.body for request in server.requests)


async def test_only_actions_that_declare_it_get_the_domain_unasked() -> None:
    domain = Domain(actions=("look", "learn"), actions_with_domain=("learn",))
    async with PlayedServer().run() as server, connect(server.url, selective_domain=True) as runner:
        for name in ("look", "learn"):
            await runner.run(make_call(name, domain=domain))
    assert ["domain" in request.body for request in server.requests] == [False, True]


async def test_a_server_that_asks_for_the_domain_for_ever_is_not_served_for_ever() -> None:
    async with PlayedServer(NEEDS_DOMAIN).run() as server, connect(server.url) as runner:
        with pytest.raises(ActionError, match="asks for the domain of 'action_one' whenever it gets it"):
            await runner.run(make_call())
    assert len(server.requests) == 1


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_server_that_is_not_there_is_named_without_its_secrets(closed_port: int) -> None:
    async with connect(f"http://ann:secret@127.0.0.1:{closed_port}/webhook?token=secret") as runner:
        with pytest.raises(ActionError) as raised:
            await runner.run(make_call())
        assert await runner.list_actions() is None
    assert str(raised.value) == (
        f"The action server at http://127.0.0.1:{closed_port}/webhook cannot be reached to run 'action_one':"
        " nobody listens there; start it, or correct `url` of `action_endpoint` (endpoints.yml)."
    )
    assert raised.value.is_retryable


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/webhook", "/actions"), ("/webhook/", "/actions"), ("/my/webhook", "/my/actions"), ("", "/actions")],
)
async def test_the_list_of_actions_stands_beside_the_webhook(path: str, asked: str) -> None:
    async with PlayedServer(LISTED).run() as server, connect(server.url.replace("/webhook", path)) as runner:
        assert await runner.list_actions() == {"action_one", "action_two"}
    assert server.requests[0].target == asked


@pytest.mark.parametrize(
    "answer",
    [
        format_answer([{"name": "x"}], 404),
        format_answer({"name": "x"}),
        format_answer(["x"]),
        format_answer(b"\xff"),
        b"SMTP\r\n\r\n",
    ],
)
async def test_a_server_that_does_not_list_its_actions_says_nothing_about_them(answer: bytes) -> None:
    async with PlayedServer(answer).run() as server, connect(server.url) as runner:
        assert await runner.list_actions() is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:5055/webhook",
        "grpc://localhost",
        "http://",
        "http://[::1",
        "http://h:x/",
        f"http://{'a' * 64}/webhook",
    ],
)
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(DefinitionError, match=r"\(e\.yml:3\); write it as http://host:5055/webhook"):
        HttpActionRunner(ActionServerOptions(url=url, place="e.yml:3"))


@pytest.mark.parametrize("header", [("X Y", "1"), ("", "1"), ("X", "1\r\nY: 2")])
def test_a_header_that_cannot_be_sent_is_refused_at_the_start(header: tuple[str, str]) -> None:
    with pytest.raises(DefinitionError, match="cannot be sent"):
        HttpActionRunner(ActionServerOptions(url="http://bank/webhook", headers=dict([header])))


def test_a_file_of_certificates_that_is_not_there_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"missing\.pem, cannot be used .*: No such file or directory"):
        HttpActionRunner(ActionServerOptions(url="https://localhost", cafile=str(tmp_path / "missing.pem")))
