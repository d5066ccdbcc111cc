"""Requests of actions are a part of the trace and carry keys that keep effects from happening twice."""

import pytest
from httpx2 import Request, Response
from opentelemetry.sdk.trace import TracerProvider

from duologue.sdk import action
from duologue.sdk.errors import ActionFailedError, NoCurrentCallError
from duologue.sdk.events import SlotSet
from duologue.sdk.http import get_http_client, headers_for_request
from duologue.sdk.testing import run_action
from duologue.telemetry.spans import open_span, use_tracer


class Shop:
    """Answers requests, and keeps them."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, json={"order": len(self.requests)})

    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.requests]


@action("action_order")
async def order(dispatcher, tracker, domain):
    client = get_http_client()
    await client.get("http://shop.example/prices")
    await client.post("http://shop.example/orders", json={"dish": "soup"})
    await client.post("http://shop.example/orders", json={"dish": "cake"})
    answer = await client.patch("http://shop.example/orders", headers={"Idempotency-Key": "mine"})
    return [SlotSet("order", answer.json()["order"])]


async def test_requests_with_effects_have_the_same_keys_when_a_call_is_repeated() -> None:
    shop, again = Shop(), Shop()

    outcome = await run_action(order, idempotency_key="turn 7", answer_http=shop.answer)
    await run_action(order, idempotency_key="turn 7", answer_http=again.answer)

    assert outcome.slots == {"order": 4}
    assert shop.keys() == [None, "turn%207/1", "turn%207/2", "mine"]
    assert again.keys() == shop.keys()


async def test_without_a_key_of_the_call_requests_have_none() -> None:
    shop = Shop()

    await run_action(order, answer_http=shop.answer)

    assert shop.keys() == [None, None, None, "mine"]


async def test_requests_are_a_part_of_the_trace() -> None:
    shop = Shop()
    use_tracer(TracerProvider().get_tracer("test"))
    try:
        with open_span("turn") as span:
            await run_action(order, answer_http=shop.answer)
    finally:
        use_tracer(None)

    trace_id = f"{span.get_span_context().trace_id:032x}"
    assert {request.headers["traceparent"].split("-")[1] for request in shop.requests} == {trace_id}


async def test_another_client_gets_the_headers_it_needs() -> None:
    @action("action_pay")
    def pay(dispatcher, tracker, domain):
        return [SlotSet("headers", [headers_for_request(), headers_for_request("für Ada")])]

    outcome = await run_action(pay, idempotency_key="k")

    assert outcome.slots == {"headers": [{}, {"Idempotency-Key": "k/f%C3%BCr%20Ada"}]}


def test_outside_of_an_action_there_is_no_client() -> None:
    with pytest.raises(NoCurrentCallError, match="inside run"):
        get_http_client()


async def test_a_plain_action_is_told_to_be_async() -> None:
    @action("action_plain")
    def plain(dispatcher, tracker, domain):
        get_http_client()

    with pytest.raises(ActionFailedError, match="make it `async def`"):
        await run_action(plain)
