"""What `rasa_sdk.tracing` offers to authors: the tracer, if there is one."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from duologue.sdk.rasa_names.toolbox import Singleton

# Tracers and spans are OpenTelemetry's, which need not be installed, hence `Any`.


class ActionExecutorTracerRegister(metaclass=Singleton):
    """Keeps the tracer for custom actions."""

    tracer: Any = None

    def register_tracer(self, tracer: Any) -> None:
        """Set the tracer."""
        self.tracer = tracer

    def get_tracer(self) -> Any:
        """Give the tracer; None without tracing."""
        return self.tracer


class SilentSpan:
    """A span that records nothing."""

    def is_recording(self) -> bool:
        """Say that nothing is recorded."""
        return False

    def set_attribute(self, key: str, value: Any) -> None:
        """Ignore an attribute."""

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Ignore attributes."""

    def add_event(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Ignore an event."""

    def record_exception(self, exception: BaseException, *args: Any, **kwargs: Any) -> None:
        """Ignore an exception."""


class SilentTracer:
    """A tracer for when OpenTelemetry is not installed."""

    @contextmanager
    def start_as_current_span(
        self, name: str, *args: Any, **kwargs: Any
    ) -> Generator[SilentSpan, None, None]:
        """Give a span that records nothing."""
        yield SilentSpan()


def get_tracer_and_context(span_name: str, tracer_provider: Any, tracing_carrier: Any) -> tuple[Any, Any]:
    """Give a tracer, and the context that came with a request."""
    if tracer_provider is None:
        return _global_tracer(span_name), None
    context = None
    if tracing_carrier:
        from opentelemetry.trace.propagation.tracecontext import (  # pyright: ignore[reportMissingImports]
            TraceContextTextMapPropagator,  # pyright: ignore[reportUnknownVariableType]
        )

        context = TraceContextTextMapPropagator().extract(tracing_carrier)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return tracer_provider.get_tracer(span_name), context  # pyright: ignore[reportUnknownVariableType]


def set_span_attributes(span: Any, action_call: Mapping[str, Any]) -> None:
    """Note on a span which action is called, and for whom."""
    if not span.is_recording():
        return
    tracker: Mapping[str, Any] = action_call.get("tracker") or {}
    latest_message: Mapping[str, Any] = tracker.get("latest_message") or {}
    span.set_attribute("next_action", action_call.get("next_action"))
    span.set_attribute("version", action_call.get("version"))
    span.set_attribute("sender_id", tracker.get("sender_id"))
    span.set_attribute("message_id", latest_message.get("message_id") or "None")


def _global_tracer(name: str) -> Any:
    try:
        from opentelemetry import trace  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
    except ImportError:
        return SilentTracer()
    return trace.get_tracer(name)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
