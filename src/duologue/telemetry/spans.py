"""Open spans, with the process's tracer if there is one."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

TRACER_NAME = "duologue"

Attributes = Mapping[str, str | int | float | bool | None]
"""Facts about a span; those that are None are left out."""
_SILENCE: AbstractContextManager[Span] = nullcontext(INVALID_SPAN)


class _Current:
    """What this process traces with."""

    tracer: Tracer | None = None
    """What `use_tracer` set."""
    offered: TracerProvider | None = None
    """What `offer_provider` set; it outlives its use, since a process can set a provider only once."""


def use_tracer(tracer: Tracer | None) -> None:
    """Open all further spans with this tracer; None goes back to what the process has of its own."""
    _Current.tracer = tracer


def offer_provider(provider: TracerProvider) -> None:
    """Let authors' own spans and other libraries' go the way of ours, unless the process has a provider already."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        _Current.offered = provider
        trace.set_tracer_provider(provider)


def find_tracer() -> Tracer | None:
    """The tracer in use, also one that whoever started the process set up; None without tracing."""
    if _Current.tracer is not None:
        return _Current.tracer
    provider = trace.get_tracer_provider()
    # The proxy stands for a provider that may come later: nothing listens yet.
    if provider is _Current.offered or isinstance(provider, trace.ProxyTracerProvider):
        return None
    return provider.get_tracer(TRACER_NAME)


def open_span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Attributes | None = None,
    context: Context | None = None,
) -> AbstractContextManager[Span]:
    """A span for what happens inside; an error that leaves it marks it, by the kind of error alone.

    Args:
        name: what is done; the same for every call.
        kind: which side of a call this is.
        attributes: facts about it.
        context: what the span belongs to, from `extract_context`; by default the span that is open now. It is
            current inside even without tracing, so that it goes on to whoever is called.
    """
    tracer = find_tracer()
    if tracer is not None:
        return _record(tracer, name, kind, attributes, context)
    return _SILENCE if context is None else _pass_on(context)


@contextmanager
def _record(
    tracer: Tracer, name: str, kind: SpanKind, attributes: Attributes | None, context: Context | None
) -> Generator[Span, None, None]:
    span = tracer.start_span(name, context=context, kind=kind, attributes=_leave_out_none(attributes))
    token = contexts.attach(trace.set_span_in_context(span, context))
    try:
        yield span
    except BaseException as error:
        # Its text may hold what a person said.
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        contexts.detach(token)
        span.end()


@contextmanager
def _pass_on(context: Context) -> Generator[Span, None, None]:
    token = contexts.attach(context)
    try:
        yield INVALID_SPAN
    finally:
        contexts.detach(token)


def describe_span(span: Span, attributes: Attributes) -> None:
    """Add facts to a span."""
    if span.is_recording():
        span.set_attributes(_leave_out_none(attributes))


def mark_failed(problem: str) -> None:
    """Mark the span that is open now, where an error is answered rather than raised.

    `problem` is for operators, such as the kind of the error; nobody's words.
    """
    span = trace.get_current_span()
    if span.is_recording():
        span.set_status(Status(StatusCode.ERROR, problem))


def _leave_out_none(attributes: Attributes | None) -> dict[str, str | int | float | bool]:
    return {name: value for name, value in (attributes or {}).items() if value is not None}
