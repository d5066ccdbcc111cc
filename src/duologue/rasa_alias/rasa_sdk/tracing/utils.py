"""The tracer of one request, and what its span tells."""

# pyright: basic
# Spans and requests are open.

from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

try:
    from multidict import MultiDict
    from opentelemetry.sdk.trace import TracerProvider

    from . import config
except ModuleNotFoundError:
    # An action that only notes things on a span needs no exporters.
    if not TYPE_CHECKING:
        MultiDict = TracerProvider = config = None

__all__ = [
    "MultiDict",
    "TraceContextTextMapPropagator",
    "TracerProvider",
    "get_tracer_and_context",
    "get_tracer_provider",
    "set_span_attributes",
]


def get_tracer_provider(endpoints_file: str) -> "TracerProvider | None":
    """Set tracing up as the file says."""
    tracer_provider = config.get_tracer_provider(endpoints_file)
    config.configure_tracing(tracer_provider)
    return tracer_provider


def get_tracer_and_context(
    span_name: str, tracer_provider: "TracerProvider | None", tracing_carrier: "MultiDict | None"
) -> tuple[Any, Any]:
    """Give a tracer, and the context that came with a request."""
    if tracer_provider is None:
        return trace.get_tracer(span_name), None
    context = TraceContextTextMapPropagator().extract(tracing_carrier) if tracing_carrier else None
    return tracer_provider.get_tracer(span_name), context


def set_span_attributes(span: Any, action_call: dict) -> None:
    """Note on a span which action is called, and for whom."""
    tracker = action_call.get("tracker", {})
    noted = {
        "next_action": action_call.get("next_action"),
        "version": action_call.get("version"),
        "sender_id": tracker.get("sender_id"),
        "message_id": tracker.get("latest_message", {}).get("message_id", "None"),
    }
    if span.is_recording():
        for name, value in noted.items():
            span.set_attribute(name, value)
