"""The conformance suite over HTTP: what a web server does before any action runs."""

import zlib
from collections.abc import Callable

import httpx2
import msgspec
import pytest

from duologue.testing.conformance.actions.http_door import HttpDoor
from duologue.testing.conformance.actions.report import Report, Verdict
from duologue.testing.conformance.actions.suite import Level, run_suite

Plant = Callable[[httpx2.Request], httpx2.Response | None]


def answer_as_it_should(request: httpx2.Request) -> httpx2.Response:
    """An action server without actions."""
    if request.url.path == "/health":
        return httpx2.Response(200, json={"status": "ok"})
    if request.url.path == "/actions":
        return httpx2.Response(200, json=[])
    body = request.content
    try:
        if request.headers.get("content-encoding") == "deflate":
            body = zlib.decompress(body)
        call = msgspec.json.decode(body, type=dict[str, object])
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError):
        return httpx2.Response(400, json={"error": "Invalid body request"})
    if not call.get("next_action"):
        return answer_null()
    return httpx2.Response(
        404, json={"error": "There is no such action.", "action_name": call["next_action"]}
    )


def answer_null() -> httpx2.Response:
    return httpx2.Response(200, content=b"null", headers={"content-type": "application/json"})


async def hold(plant: Plant) -> Report:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return plant(request) or answer_as_it_should(request)

    door = HttpDoor("http://actions.test", transport=httpx2.MockTransport(answer))
    report = await run_suite([door], Level.BASIC)
    await door.close()
    return report


async def test_the_smallest_server_keeps_the_basic_promises() -> None:
    report = await hold(lambda request: None)
    assert report.is_conformant, report.format_text()


def say_something_else_of_health(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(200, json={"status": "fine"}) if request.url.path == "/health" else None


def list_bare_names(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(200, json=["action_one"]) if request.url.path == "/actions" else None


def list_a_name_twice(request: httpx2.Request) -> httpx2.Response | None:
    return (
        httpx2.Response(200, json=[{"name": "a"}, {"name": "a"}]) if request.url.path == "/actions" else None
    )


def read_no_compressed_body(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(415) if "content-encoding" in request.headers else None


def take_rubbish_for_nothing(request: httpx2.Request) -> httpx2.Response | None:
    return answer_null() if request.content == b"[1, 2]" else None


def fail_at_an_empty_body(request: httpx2.Request) -> httpx2.Response | None:
    is_empty = request.method == "POST" and not request.content
    return httpx2.Response(500, json={"error": "no body"}) if is_empty else None


def answer_in_plain_text(request: httpx2.Request) -> httpx2.Response | None:
    response = answer_as_it_should(request)
    return httpx2.Response(response.status_code, text=response.text)


def know_no_new_members(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(422, json={"error": "?"}) if b"conformance_member" in request.content else None


def take_short_bodies_only(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(413) if len(request.content) > 100_000 else None


def trip_over_a_trace(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(500) if request.headers.get("traceparent") == "rubbish" else None


def say_not_found_as_a_web_server(request: httpx2.Request) -> httpx2.Response | None:
    is_refusal = answer_as_it_should(request).status_code == 404
    return httpx2.Response(404, json={"detail": "Not Found"}) if is_refusal else None


def do_nothing_for_an_unknown_action(request: httpx2.Request) -> httpx2.Response | None:
    is_refusal = answer_as_it_should(request).status_code == 404
    return httpx2.Response(200, json={"events": [], "responses": []}) if is_refusal else None


def refuse_a_call_of_nothing(request: httpx2.Request) -> httpx2.Response | None:
    is_nothing = answer_as_it_should(request).content == b"null"
    return httpx2.Response(404, json={"error": "?", "action_name": ""}) if is_nothing else None


def say_something_that_is_no_answer(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(200, json=["done"]) if request.method == "POST" else None


def redirect(request: httpx2.Request) -> httpx2.Response | None:
    return httpx2.Response(302, headers={"location": "/"}) if request.method == "POST" else None


@pytest.mark.parametrize(
    ("plant", "promise"),
    [
        (say_something_else_of_health, "it says that it is well"),
        (list_bare_names, "it lists its actions"),
        (list_a_name_twice, "it lists its actions"),
        (read_no_compressed_body, "a compressed body is read"),
        (take_rubbish_for_nothing, "rubbish is refused and harms nobody"),
        (fail_at_an_empty_body, "an empty body is a bad request"),
        (answer_in_plain_text, "answers are application/json"),
        (know_no_new_members, "members that are new to it are taken"),
        (take_short_bodies_only, "a long conversation is taken"),
        (trip_over_a_trace, "a broken trace context is passed over"),
        (say_not_found_as_a_web_server, "an unknown action is refused by name"),
        (do_nothing_for_an_unknown_action, "an unknown action is refused by name"),
        (refuse_a_call_of_nothing, "a call that names no action is answered with nothing"),
        (say_something_that_is_no_answer, "a call that names no action is answered with nothing"),
        (redirect, "an unknown action is refused by name"),
    ],
)
async def test_a_planted_error_is_found(plant: Plant, promise: str) -> None:
    broken = {finding.check: finding.reason for finding in (await hold(plant)).find(Verdict.BROKEN)}
    assert broken.get(promise)
