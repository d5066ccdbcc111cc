"""Spans of a call of a custom action, on both sides. Their names are those that action servers have always used."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

from opentelemetry.trace import Span, SpanKind

from duologue.core.values import OpenData
from duologue.telemetry.propagation import extract_context
from duologue.telemetry.spans import Attributes, describe_span, find_tracer, open_span

REQUEST_SPAN = "EndpointConfig.request"
WEBHOOK_SPAN = "create_app.webhook"
RPC_SPAN = "GRPCActionServerWebhook"
EXECUTOR_SPAN = "ActionExecutor.run"

_UNKNOWN = "None"


def open_request_span(
    *, action_name: str, place: str, size: int | None = None
) -> AbstractContextManager[Span]:
    """The caller's side, around one attempt; `place` is the server's address without secrets, `size` in bytes."""
    attributes = {"action_name": action_name, "url": place, "request_body_size_in_bytes": size}
    return open_span(REQUEST_SPAN, kind=SpanKind.CLIENT, attributes=attributes)


def open_webhook_span(call: Mapping[str, Any], carrier: Mapping[str, str]) -> AbstractContextManager[Span]:
    """The server's side over HTTP, a part of the trace that the headers name; their names are lower case."""
    return _open_server_span(WEBHOOK_SPAN, call, carrier, {"http.method": "POST", "http.route": "/webhook"})


def open_rpc_span(
    method: str, call: Mapping[str, Any], carrier: Mapping[str, str]
) -> AbstractContextManager[Span]:
    """The server's side over gRPC, a part of the trace that the metadata names."""
    return _open_server_span(f"{RPC_SPAN}.{method}", call, carrier, {"grpc.method": method})


def open_executor_span(*, action_name: str, sender_id: str) -> AbstractContextManager[Span]:
    """Around the author's code, wherever it runs."""
    return open_span(EXECUTOR_SPAN, attributes={"action_name": action_name, "sender_id": sender_id})


def open_validation_span(
    *, class_name: str, action_name: str, sender_id: str, slots_to_validate: Sequence[str], is_form: bool
) -> AbstractContextManager[Span]:
    """Around the validation of slots."""
    kind = "FormValidationAction" if is_form else "ValidationAction"
    attributes = {
        "class_name": class_name,
        "action_name": action_name,
        "sender_id": sender_id,
        "slots_to_validate": _format_list(slots_to_validate),
    }
    return open_span(f"{kind}.{class_name}.run", attributes=attributes)


def describe_result(span: Span, events: Sequence[OpenData], responses: Sequence[OpenData]) -> None:
    """Note which kinds of events, which slots and which responses came back; never what is in them."""
    if not span.is_recording():
        return
    slots = [
        slot
        for slot in _list_names(events, "name", of_kind="slot")
        if slot != "requested_slot"  # which question is asked, not what the conversation learned
    ]
    facts: Attributes = {
        "events": _format_list(dict.fromkeys(_list_names(events, "event"))),
        "slots": _format_list(dict.fromkeys(slots)),
        "utters": _format_list(_list_names(responses, "response")),
        "message_count": len(responses),
    }
    describe_span(span, facts)


def describe_validation(span: Span, events: Sequence[OpenData]) -> None:
    """Note which events and slots a validation gave back."""
    if not span.is_recording():
        return
    slots = _list_names(events, "name", of_kind="slot")
    facts: Attributes = {
        "validation_events": _format_list(dict.fromkeys(_list_names(events, "event"))),
        "slots": _format_list(dict.fromkeys(slots)),
    }
    describe_span(span, facts)


def _open_server_span(
    name: str, call: Mapping[str, Any], carrier: Mapping[str, str], facts: Attributes
) -> AbstractContextManager[Span]:
    # Reading a call for its facts is left out where nobody listens.
    attributes = {**_describe_call(call), **facts} if find_tracer() is not None else None
    return open_span(name, kind=SpanKind.SERVER, attributes=attributes, context=extract_context(carrier))


def _describe_call(call: Mapping[str, Any]) -> Attributes:
    tracker = _find_mapping(call, "tracker")
    message_id = _find_mapping(tracker, "latest_message").get("message_id")
    return {
        "next_action": _find_text(call.get("next_action")),
        "version": _find_text(call.get("version")),
        "sender_id": _find_text(tracker.get("sender_id")),
        "message_id": _find_text(message_id) or _UNKNOWN,
    }


def _find_mapping(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    # Whoever calls may send anything; a span must not fail before the call is judged.
    value = members.get(name)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _find_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _list_names(items: Sequence[OpenData], member: str, *, of_kind: str | None = None) -> list[str]:
    return [
        name
        for item in items
        if (of_kind is None or item.get("event") == of_kind) and isinstance(name := item.get(member), str)
    ]


def _format_list(names: Iterable[str]) -> str:
    return json.dumps(list(names))
