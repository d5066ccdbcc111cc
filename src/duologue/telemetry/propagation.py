"""The W3C trace context in headers and metadata (https://www.w3.org/TR/trace-context/)."""

from collections.abc import Mapping, MutableMapping

from opentelemetry import propagate
from opentelemetry.context import Context


def inject_context(carrier: MutableMapping[str, str]) -> None:
    """Write the current trace context, if there is one, into headers or metadata that go out."""
    propagate.inject(carrier)


def extract_context(carrier: Mapping[str, str]) -> Context:
    """The trace context in headers or metadata that came in; names are lower case."""
    return propagate.extract(carrier)
