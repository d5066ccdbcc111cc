"""The span of a turn."""

from contextlib import AbstractContextManager

from opentelemetry.trace import Span, SpanKind

from duologue.telemetry.spans import open_span

TURN_SPAN = "Agent.handle_message"
TIMER_SPAN = "Agent.run_timers"


def open_turn_span(
    *, sender_id: str, input_channel: str, model_id: str, message_id: str | None = None
) -> AbstractContextManager[Span]:
    """Around everything that a message sets off."""
    attributes = {
        "sender_id": sender_id,
        "input_channel": input_channel,
        "model_id": model_id,
        "message_id": message_id,
    }
    return open_span(TURN_SPAN, kind=SpanKind.SERVER, attributes=attributes)


def open_timer_span(*, sender_id: str, model_id: str) -> AbstractContextManager[Span]:
    """Around what the assistant does by itself because something came due."""
    return open_span(TIMER_SPAN, attributes={"sender_id": sender_id, "model_id": model_id})
