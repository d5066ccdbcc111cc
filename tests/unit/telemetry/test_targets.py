"""What an entry of the block `tracing` means."""

from pathlib import Path
from typing import Any

import pytest

from duologue.telemetry.targets import Collector, TracingTarget, read_collector


def read(kind: str, **options: Any) -> Collector:
    return read_collector(TracingTarget(type=kind, options=options), Path())


def test_jaeger_listens_on_its_port_for_otlp_of_this_machine() -> None:
    assert read("jaeger") == Collector(endpoint="localhost:4317", is_insecure=True)
    assert read("Jaeger", host="::1", port=9).endpoint == "[::1]:9"


@pytest.mark.parametrize(
    ("endpoint", "address", "is_http", "is_insecure"),
    [
        ("localhost:4317", "localhost:4317", False, None),
        ("http://localhost:4317", "http://localhost:4317", False, None),
        ("grpc://localhost", "grpc://localhost", False, True),
        ("grpcs://localhost:9", "grpcs://localhost:9", False, False),
        ("http://localhost:4318", "http://localhost:4318/v1/traces", True, None),
        ("http://localhost:4318/", "http://localhost:4318/v1/traces", True, None),
        ("http://localhost:4318/otlp", "http://localhost:4318/otlp", True, None),
        ("https://traces.example/api/v1/traces", "https://traces.example/api/v1/traces", True, None),
        ("localhost:4318", "localhost:4318", False, None),
    ],
)
def test_the_address_says_how_a_collector_is_spoken_to(
    endpoint: str, address: str, is_http: bool, is_insecure: bool | None
) -> None:
    found = read("otlp", endpoint=endpoint)
    assert (found.endpoint, found.is_http, found.is_insecure) == (address, is_http, is_insecure)


def test_a_password_in_the_address_is_not_shown() -> None:
    found = read("otlp", endpoint="https://ada:secret@traces.example/v1/traces")
    assert found.endpoint == "https://ada:secret@traces.example/v1/traces"
    assert found.shown == "traces.example/v1/traces"


def test_flags_from_variables_are_texts() -> None:
    assert read("otlp", endpoint="localhost:4317", insecure="True").is_insecure is True
    assert read("jaeger", sync_export="no").is_sent_at_once is False
