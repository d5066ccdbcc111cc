"""The trace context comes in, goes on, and goes out, with tracing and without."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from duologue.telemetry.action_spans import (
    describe_result,
    describe_validation,
    open_executor_span,
    open_request_span,
    open_rpc_span,
    open_validation_span,
    open_webhook_span,
)
from duologue.telemetry.propagation import enter_context, extract_context, inject_context
from duologue.telemetry.spans import mark_failed, open_span, use_tracer
from duologue.telemetry.turn_spans import open_turn_span

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "tracestate": "shop=1"}
CALL = {
    "next_action": "action_pay",
    "version": "3.1",
    "tracker": {"sender_id": "ada", "latest_message": {"message_id": "m1"}},
}


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    use_tracer(provider.get_tracer("test"))
    yield exporter
    use_tracer(None)
    provider.shutdown()


def find(recorded: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(span for span in recorded.get_finished_spans() if span.name == name)


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


def outgoing() -> dict[str, str]:
    headers: dict[str, str] = {}
    inject_context(headers)
    return headers


def test_nothing_goes_out_where_no_trace_came_in() -> None:
    with open_span("a"):
        assert outgoing() == {}


def test_a_trace_that_came_in_goes_out_unchanged_without_tracing() -> None:
    with enter_context(PARENT), open_span("turn"), open_span("call"):
        assert outgoing() == PARENT
    assert outgoing() == {}


def test_a_call_goes_on_with_the_trace_of_its_headers_without_tracing() -> None:
    with open_webhook_span(CALL, PARENT):
        assert outgoing() == PARENT


async def test_a_turn_in_a_task_of_its_own_belongs_to_the_trace_of_the_request(
    recorded: InMemorySpanExporter,
) -> None:
    async def answer() -> dict[str, str]:
        with open_turn_span(sender_id="ada", input_channel="rest", model_id="m"):
            await asyncio.sleep(0)
            with open_request_span(action_name="action_pay", place="http://127.0.0.1:5055/webhook", size=10):
                return outgoing()

    with enter_context(PARENT):
        task = asyncio.create_task(answer())
    headers = await task
    turn, request = find(recorded, "Agent.handle_message"), find(recorded, "EndpointConfig.request")
    assert headers["traceparent"] == f"00-{TRACE}-{id_of(request):016x}-01"
    assert headers["tracestate"] == "shop=1"
    assert request.parent is not None
    assert request.parent.span_id == id_of(turn)
    assert turn.attributes == {"sender_id": "ada", "input_channel": "rest", "model_id": "m"}


def test_the_servers_spans_belong_to_the_callers(recorded: InMemorySpanExporter) -> None:
    with open_request_span(action_name="action_pay", place="x"):
        headers = outgoing()
    with open_webhook_span(CALL, headers), open_executor_span(action_name="action_pay", sender_id="ada"):
        pass
    request, webhook = find(recorded, "EndpointConfig.request"), find(recorded, "create_app.webhook")
    assert webhook.parent is not None
    assert webhook.parent.span_id == id_of(request)
    assert webhook.attributes == {
        "next_action": "action_pay",
        "version": "3.1",
        "sender_id": "ada",
        "message_id": "m1",
        "http.method": "POST",
        "http.route": "/webhook",
    }
    assert find(recorded, "ActionExecutor.run").attributes == {
        "action_name": "action_pay",
        "sender_id": "ada",
    }


def test_a_call_that_is_no_call_has_a_span_all_the_same(recorded: InMemorySpanExporter) -> None:
    with open_rpc_span("Webhook", {"next_action": 7, "tracker": {"latest_message": None}}, {}):
        pass
    span = find(recorded, "GRPCActionServerWebhook.Webhook")
    assert span.attributes == {"message_id": "None", "grpc.method": "Webhook"}


def test_a_result_is_told_by_kinds_and_names_never_by_values(recorded: InMemorySpanExporter) -> None:
    events = [
        {"event": "slot", "name": "iban", "value": "DE02"},
        {"event": "slot", "name": "requested_slot", "value": "iban"},
        {"event": "followup"},
    ]
    with open_executor_span(action_name="a", sender_id="ada") as span:
        describe_result(span, events, [{"response": "utter_done"}, {"text": "DE02"}])
    told = find(recorded, "ActionExecutor.run").attributes
    assert told == {
        "action_name": "a",
        "sender_id": "ada",
        "events": '["slot", "followup"]',
        "slots": '["iban"]',
        "utters": '["utter_done"]',
        "message_count": 2,
    }


def test_a_validation_names_what_it_validates_and_gives(recorded: InMemorySpanExporter) -> None:
    with open_validation_span(
        class_name="ValidatePayForm",
        action_name="validate_pay_form",
        sender_id="ada",
        slots_to_validate=["iban"],
        is_form=True,
    ) as span:
        describe_validation(span, [{"event": "slot", "name": "iban", "value": None}])
    told = find(recorded, "FormValidationAction.ValidatePayForm.run").attributes
    assert told is not None
    assert told["slots_to_validate"] == '["iban"]'
    assert told["validation_events"] == '["slot"]'


def test_a_header_that_is_no_trace_context_begins_a_trace_of_its_own(recorded: InMemorySpanExporter) -> None:
    with open_span("a", context=extract_context({"traceparent": "nonsense"})):
        pass
    assert find(recorded, "a").parent is None


def test_an_error_that_is_answered_marks_the_span_that_is_open(recorded: InMemorySpanExporter) -> None:
    mark_failed("nobody listens")
    with open_span("turn"):
        with open_span("call"):
            pass
        mark_failed("ActionError")
    assert find(recorded, "turn").status.description == "ActionError"
    assert find(recorded, "call").status.is_unset
