"""Collectors for tests: they take spans as OTLP, over gRPC and over HTTP, and keep what came."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

METHOD = "opentelemetry.proto.collector.trace.v1.TraceService"


class Received:
    """What a collector got."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.requests: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def spans(self) -> dict[str, Any]:
        """By name."""
        return {
            span.name: span
            for request in self.requests
            for group in request.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        }

    @property
    def service_names(self) -> set[str]:
        return {
            attribute.value.string_value
            for request in self.requests
            for group in request.resource_spans
            for attribute in group.resource.attributes
            if attribute.key == "service.name"
        }


def read_attributes(span: Any) -> dict[str, Any]:
    """The attributes of a span as it came over the wire."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


@contextmanager
def receive_grpc(
    credentials: grpc.ServerCredentials | None = None, *, stall: threading.Event | None = None
) -> Iterator[Received]:
    """A collector over gRPC; with `stall` it answers only once that is set."""
    received = Received()

    def export(request: ExportTraceServiceRequest, context: Any) -> ExportTraceServiceResponse:
        if stall is not None:
            stall.wait()
        received.requests.append(request)
        received.headers.append(dict(context.invocation_metadata()))
        return ExportTraceServiceResponse()

    handler = grpc.unary_unary_rpc_method_handler(
        export,
        request_deserializer=ExportTraceServiceRequest.FromString,
        response_serializer=ExportTraceServiceResponse.SerializeToString,
    )
    with ThreadPoolExecutor(2) as threads:
        server = grpc.server(threads)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(METHOD, {"Export": handler}),))
        address = "127.0.0.1:0"
        received.port = (
            server.add_secure_port(address, credentials)
            if credentials is not None
            else server.add_insecure_port(address)
        )
        server.start()
        try:
            yield received
        finally:
            if stall is not None:
                stall.set()
            server.stop(None).wait()


@contextmanager
def receive_http() -> Iterator[Received]:
    """A collector over HTTP."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.requests.append(ExportTraceServiceRequest.FromString(body))
            received.headers.append({name.lower(): value for name, value in self.headers.items()})
            received.paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """A test has nothing to say on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
