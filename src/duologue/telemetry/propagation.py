"""The W3C trace context in headers and metadata (https://www.w3.org/TR/trace-context/)."""

from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager

from opentelemetry import context as contexts
from opentelemetry import propagate
from opentelemetry.context import Context


def inject_context(carrier: MutableMapping[str, str]) -> None:
    """Write the current trace context, if there is one, into headers or metadata that go out."""
    propagate.inject(carrier)


def extract_context(carrier: Mapping[str, str]) -> Context:
    """The trace context in headers or metadata that came in; names are lower case."""
    return propagate.extract(carrier)


@contextmanager
def enter_context(carrier: Mapping[str, str]) -> Generator[None, None, None]:
    """Let the trace context in headers be the current one for what happens inside."""
    token = contexts.attach(extract_context(carrier))
    try:
        yield
    finally:
        contexts.detach(token)
