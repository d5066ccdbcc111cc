"""Spans arrive at collectors, and collectors never hold anybody up."""

import asyncio
import importlib.util
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from duologue.telemetry.export import Tracing, open_tracing
from duologue.telemetry.spans import find_tracer, open_span
from duologue.telemetry.targets import TracingTarget
from tests.otlp_receivers import read_attributes, receive_grpc, receive_http


@asynccontextmanager
async def tracing_to(*targets: TracingTarget, folder: Path = Path()) -> AsyncIterator[Tracing]:
    tracing = open_tracing(targets, service_name="duologue", folder=folder)
    assert tracing is not None
    try:
        yield tracing
    finally:
        await tracing.close()


def target(kind: str, **options: Any) -> TracingTarget:
    return TracingTarget(type=kind, options=options, place="endpoints.yml:7")


async def test_jaeger_gets_spans_over_grpc() -> None:
    with receive_grpc() as received:
        async with tracing_to(
            target("jaeger", host="127.0.0.1", port=received.port, service_name="bank", sync_export=True)
        ):
            facts = {"sender_id": "ada", "message_id": None, "count": 2}
            with open_span("outer", attributes=facts), open_span("inner"):
                pass
    outer, inner = received.spans["outer"], received.spans["inner"]
    assert received.service_names == {"bank"}
    assert read_attributes(outer) == {"sender_id": "ada", "count": 2}
    assert inner.parent_span_id == outer.span_id
    assert inner.trace_id == outer.trace_id


async def test_jaeger_is_told_a_user_name_and_a_password() -> None:
    with receive_grpc() as received:
        async with tracing_to(
            target("jaeger", host="127.0.0.1", port=str(received.port), username="ada", password="x")
        ):
            with open_span("a"):
                pass
    assert received.headers[0]["authorization"] == "Basic YWRhOng="


async def test_a_collector_behind_tls_is_known_by_its_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authorities.pem")
    certificate = authority.issue_cert("localhost")
    pair = (certificate.private_key_pem.bytes(), certificate.cert_chain_pems[0].bytes())
    with receive_grpc(grpc.ssl_server_credentials([pair])) as received:
        options = {"endpoint": f"localhost:{received.port}", "root_certificates": "authorities.pem"}
        async with tracing_to(target("otlp", insecure=False, **options), folder=tmp_path):
            with open_span("a"):
                pass
    assert set(received.spans) == {"a"}
    assert received.service_names == {"duologue"}


async def test_an_address_with_the_path_of_traces_is_spoken_to_over_http() -> None:
    with receive_http() as received:
        endpoint = f"http://127.0.0.1:{received.port}/v1/traces"
        async with tracing_to(target("otlp", endpoint=endpoint, headers={"Api-Key": "secret"})):
            with open_span("a"):
                pass
    assert set(received.spans) == {"a"}
    assert received.paths == ["/v1/traces"]
    assert received.headers[0]["api-key"] == "secret"


async def test_several_collectors_get_every_span() -> None:
    with receive_grpc() as first, receive_http() as second:
        async with tracing_to(
            target("otlp", endpoint=f"127.0.0.1:{first.port}", insecure=True),
            target("otlp", endpoint=f"http://127.0.0.1:{second.port}/v1/traces"),
        ):
            with open_span("a"):
                pass
    assert set(first.spans) == set(second.spans) == {"a"}


async def test_an_error_marks_the_span_without_its_text() -> None:
    with receive_grpc() as received:
        async with tracing_to(target("jaeger", host="127.0.0.1", port=received.port)):
            with pytest.raises(ValueError, match="4711"), open_span("a"):
                raise ValueError("The account 4711 is locked.")
    assert received.spans["a"].status.message == "ValueError"
    assert b"4711" not in received.requests[0].SerializeToString()


@pytest.mark.usefixtures("quick_flush")
async def test_a_collector_that_never_answers_delays_neither_work_nor_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stall = threading.Event()
    loop = asyncio.get_running_loop()
    with receive_grpc(stall=stall) as received:
        began = loop.time()
        async with tracing_to(
            target("jaeger", host="127.0.0.1", port=received.port, sync_export=True),
        ):
            for _ in range(100):
                with open_span("a"):
                    pass
        assert loop.time() - began < 5
        assert "tracing.spans_lost" in caplog.messages


@pytest.fixture
def quick_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duologue.telemetry.export.FLUSH_SECONDS", 0.2)


async def test_after_the_end_there_is_no_tracing() -> None:
    with receive_grpc() as received:
        async with tracing_to(target("jaeger", host="127.0.0.1", port=received.port)):
            assert find_tracer() is not None
        assert find_tracer() is None
        with open_span("late") as span:
            assert not span.is_recording()
    assert not received.spans


async def test_spans_that_authors_open_with_the_tracer_belong_to_ours() -> None:
    with receive_grpc() as received:
        async with tracing_to(target("jaeger", host="127.0.0.1", port=received.port)) as tracing:
            with open_span("ours"), tracing.tracer.start_as_current_span("the author's"):
                pass
    assert received.spans["the author's"].parent_span_id == received.spans["ours"].span_id


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (
            target("zipkin"),
            "endpoints.yml:7: tracing of the type `zipkin` is not known; known are `jaeger` and `otlp`.",
        ),
        (
            target("otlp"),
            "endpoints.yml:7: `otlp` tracing needs an `endpoint`, such as `localhost:4317`.",
        ),
        (
            target("otlp", endpoint="localhost:99999"),
            "endpoints.yml:7: `endpoint` must be `host:port` or an address such as `http://host:4318/v1/traces`.",
        ),
        (
            target("jaeger", port="many"),
            "endpoints.yml:7: `port` must be a port from 1 to 65535, not 'many'.",
        ),
        (
            target("jaeger", host="${JAEGER_HOST}"),
            "endpoints.yml:7: `host` of `jaeger` tracing names a variable that is not set.",
        ),
        (
            target("otlp", endpoint="localhost:4317", insecure="perhaps"),
            "endpoints.yml:7: `insecure` must be true or false.",
        ),
        (
            target("otlp", endpoint="localhost:4317", root_certificates="missing.pem"),
            "endpoints.yml:7: there is no file missing.pem, which `root_certificates` names.",
        ),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_and_passed_over(
    refused: TracingTarget, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert open_tracing([refused], service_name="duologue", folder=Path()) is None
    assert [getattr(record, "reason", "") for record in caplog.records] == [reason]


def test_without_the_extra_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = importlib.util.find_spec

    def find(name: str) -> ModuleSpec | None:
        return None if name.startswith("opentelemetry.exporter") else found(name)

    monkeypatch.setattr("duologue.telemetry.export.find_spec", find)
    assert open_tracing([target("jaeger")], service_name="duologue", folder=Path()) is None
    assert [getattr(record, "reason", "") for record in caplog.records] == [
        "endpoints.yml:7: tracing needs the extra `tracing`; install it with `pip install 'duologue[tracing]'`."
    ]


async def test_a_port_of_the_former_agent_is_questioned(caplog: pytest.LogCaptureFixture) -> None:
    async with tracing_to(target("jaeger", host="127.0.0.1", port=6831)):
        assert [record.levelno for record in caplog.records if record.msg == "tracing.former_port"] == [
            logging.WARNING
        ]
