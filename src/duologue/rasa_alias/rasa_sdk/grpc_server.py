"""The action server over gRPC."""

# pyright: basic
# grpc and protocol buffers come without types.
# ruff: noqa: N802, PLR0917 - names and parameters are those of rasa_sdk.

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict, ParseDict
from grpc import aio
from grpc.aio import Metadata
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from multidict import MultiDict
from opentelemetry.sdk.trace import TracerProvider

from .constants import (
    ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS_ENV_VAR,
    DEFAULT_ENDPOINTS_PATH,
    DEFAULT_SERVER_PORT,
    DEFAULT_STREAM_BARGE_IN_TIMEOUT_SECONDS,
    NO_GRACE_PERIOD,
)
from .executor import ActionExecutor, CollectingDispatcher
from .grpc_errors import ActionExecutionFailed, ResourceNotFound, ResourceNotFoundType
from .grpc_py import action_webhook_pb2, action_webhook_pb2_grpc
from .grpc_py.action_webhook_pb2 import ActionsRequest, ActionsResponse, WebhookRequest
from .interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException
from .tracing.utils import get_tracer_and_context, get_tracer_provider, set_span_attributes
from .utils import check_version_compatibility, file_as_bytes, number_of_sanic_workers

logger = logging.getLogger(__name__)

GRPC_ACTION_SERVER_NAME = "ActionServer"

_CHUNK_FIELDS = ("text", "image", "custom", "attachment", "buttons", "elements")
_TERMINAL = ("stream_done", "stream_error")


class GRPCActionServerWebhook(action_webhook_pb2_grpc.ActionServiceServicer):
    """Answers calls over gRPC with an executor's actions."""

    def __init__(
        self,
        executor: ActionExecutor,
        auto_reload: bool = False,
        tracer_provider: TracerProvider | None = None,
        stream_barge_in_timeout_seconds: float | None = None,
    ) -> None:
        """An interrupted action has `stream_barge_in_timeout_seconds` to finish; the environment has the default."""
        self.tracer_provider = tracer_provider
        self.auto_reload = auto_reload
        self.executor = executor
        self._stream_barge_in_timeout_seconds = _resolve_stream_barge_in_timeout_seconds(
            stream_barge_in_timeout_seconds
        )
        # The streams that run, by the id of the message each is saying.
        self._dispatcher_registry: dict[str, CollectingDispatcher] = {}

    async def Actions(self, request: ActionsRequest, context: aio.ServicerContext) -> ActionsResponse:
        """List the actions."""
        if self.auto_reload:
            self.executor.reload()
        names = [action.model_dump() for action in self.executor.list_actions()]
        return ParseDict({"actions": names}, ActionsResponse())

    async def Webhook(
        self, request: WebhookRequest, context: aio.ServicerContext
    ) -> action_webhook_pb2.WebhookResponse:
        """Run one action."""
        with self._open_span("Webhook", context) as span:
            self._prepare(request)
            response = action_webhook_pb2.WebhookResponse()
            action_call = MessageToDict(request, preserving_proto_field_name=True)
            try:
                result = await self.executor.run(action_call)
            except (
                ActionExecutionRejection,
                ActionNotFoundException,
                ActionMissingDomainException,
            ) as error:
                _explain(error, context)
                return response
            if not result:
                return response
            _set_grpc_span_attributes(span, action_call, method_name="Webhook")
            return ParseDict(result.model_dump(), response)

    async def WebhookStream(
        self, request: WebhookRequest, context: aio.ServicerContext
    ) -> AsyncIterator[action_webhook_pb2.WebhookStreamEvent]:
        """Run one action; what it streams comes while it runs, and its result, or one error, at the end."""
        with self._open_span("WebhookStream", context) as span:
            self._prepare(request)
            action_call = MessageToDict(request, preserving_proto_field_name=True)
            async for event in self._stream(action_call, span, context):
                yield event

    async def AckStreamChunks(
        self, request: action_webhook_pb2.StreamChunkAck, context: aio.ServicerContext
    ) -> empty_pb2.Empty:
        """Let the action that says this message know that nobody listens any more."""
        dispatcher = self._dispatcher_registry.get(request.response_id)
        if dispatcher is not None:
            dispatcher.cancel_stream()
        else:
            logger.debug(
                f"AckStreamChunks: no active stream found for response_id='{request.response_id}'. This is normal "
                "when the action finished streaming before the barge-in ack arrived."
            )
        return empty_pb2.Empty()

    def _open_span(self, method: str, context: aio.ServicerContext) -> Any:
        span_name = f"GRPCActionServerWebhook.{method}"
        tracer, tracing_context = get_tracer_and_context(
            span_name=span_name,
            tracer_provider=self.tracer_provider,
            tracing_carrier=_convert_metadata_to_multidict(context.invocation_metadata()),
        )
        return tracer.start_as_current_span(span_name, context=tracing_context)

    def _prepare(self, request: WebhookRequest) -> None:
        check_version_compatibility(request.version)
        if self.auto_reload:
            self.executor.reload()

    async def _stream(
        self, action_call: dict[str, Any], span: Any, context: aio.ServicerContext
    ) -> AsyncIterator[action_webhook_pb2.WebhookStreamEvent]:
        action_name = action_call.get("next_action", "")
        sink: asyncio.Queue = asyncio.Queue()
        dispatcher = CollectingDispatcher()
        run_task = asyncio.ensure_future(self._run_to_the_end(action_call, sink, dispatcher))
        deadline: float | None = None
        response_id = ""
        try:
            while True:
                chunk = await sink.get()
                kind = chunk.get("event")
                if kind not in _TERMINAL:
                    if dispatcher.is_streaming_cancelled:
                        # Whoever interrupted still waits for the result, so the action may finish.
                        deadline = time.monotonic() + self._stream_barge_in_timeout_seconds
                        async for event in _drain_to_terminal(
                            sink, action_name, span, action_call, context, deadline=deadline
                        ):
                            yield event
                        break
                    if context.cancelled():
                        break
                if kind == "stream_start":
                    # A message that was never ended can be interrupted no more.
                    self._dispatcher_registry.pop(response_id, None)
                    response_id = uuid.uuid4().hex
                    self._dispatcher_registry[response_id] = dispatcher
                    yield action_webhook_pb2.WebhookStreamEvent(
                        chunk_start=action_webhook_pb2.ChunkStart(response_id=response_id)
                    )
                elif kind == "stream_chunk":
                    yield _build_chunk_event(chunk, response_id)
                elif kind == "stream_end":
                    self._dispatcher_registry.pop(response_id, None)
                    yield action_webhook_pb2.WebhookStreamEvent(
                        chunk_end=action_webhook_pb2.ChunkEnd(response_id=response_id)
                    )
                elif kind == "stream_done":
                    if not context.cancelled():
                        if final := _build_final_result_event(chunk.get("result")):
                            yield final
                        _set_grpc_span_attributes(span, action_call, method_name="WebhookStream")
                    break
                elif kind == "stream_error":
                    if not context.cancelled():
                        yield _handle_stream_error_event(chunk.get("exception"), action_name, context)
                    break
        finally:
            self._dispatcher_registry.pop(response_id, None)
            if not run_task.done():
                if deadline is not None:
                    await _await_barge_in_run_task(run_task, action_name, deadline)
                else:
                    await _cancel(run_task)

    async def _run_to_the_end(
        self, action_call: dict[str, Any], sink: asyncio.Queue, dispatcher: CollectingDispatcher
    ) -> None:
        """Run the action, so that the last thing in the queue is its result or its error."""
        try:
            result = await self.executor.run(action_call, sink=sink, dispatcher=dispatcher)
            if result is None:
                # A call without an action leaves nothing in the queue.
                await sink.put({"event": "stream_done", "result": None})
        except (ActionExecutionRejection, ActionNotFoundException, ActionMissingDomainException):
            pass
        except Exception:
            logger.exception(f"Unexpected error running action '{action_call.get('next_action')}'")


async def _drain_to_terminal(
    sink: asyncio.Queue,
    action_name: str,
    span: Any,
    action_call: dict[str, Any],
    context: aio.ServicerContext,
    deadline: float,
) -> AsyncIterator[action_webhook_pb2.WebhookStreamEvent]:
    """Drop what an interrupted action still says; give its result, or an empty one when its time is over."""
    while not context.cancelled():
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        try:
            drained = await asyncio.wait_for(sink.get(), timeout=remaining)
        except TimeoutError:
            break
        if drained.get("event") not in _TERMINAL:
            continue
        if context.cancelled():
            return
        if drained.get("event") == "stream_error":
            yield _handle_stream_error_event(drained.get("exception"), action_name, context)
        elif final := _build_final_result_event(drained.get("result")):
            yield final
        _set_grpc_span_attributes(span, action_call, method_name="WebhookStream")
        return
    else:
        return
    logger.warning(
        f"Timed out waiting for action '{action_name}' to finish after barge-in while draining the stream queue; "
        "cancelling the task."
    )
    if context.cancelled():
        return
    yield _build_empty_final_result_event()
    _set_grpc_span_attributes(span, action_call, method_name="WebhookStream")


async def _await_barge_in_run_task(run_task: asyncio.Task[Any], action_name: str, deadline: float) -> None:
    """Let an interrupted action finish until its time is over."""
    remaining = deadline - time.monotonic()
    try:
        if remaining <= 0:
            raise TimeoutError
        await asyncio.wait_for(run_task, timeout=remaining)
    except TimeoutError:
        logger.warning(
            f"Action '{action_name}' did not finish within the barge-in timeout; cancelling the task."
        )
        await _cancel(run_task)
    except asyncio.CancelledError:
        logger.debug(
            f"WebhookStream cancelled while waiting for action '{action_name}' to finish after barge-in."
        )
    except Exception as error:
        logger.exception(
            f"Unexpected error while waiting for action '{action_name}' to finish after barge-in: {error}"
        )


async def _cancel(run_task: asyncio.Future[Any]) -> None:
    run_task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await run_task


def _resolve_stream_barge_in_timeout_seconds(timeout_seconds: float | None) -> float:
    """Give the time an interrupted action has: the one given, else the environment's, else the default."""
    if timeout_seconds is not None:
        return timeout_seconds
    name = ACTION_SERVER_STREAM_BARGE_IN_TIMEOUT_SECONDS_ENV_VAR
    default = DEFAULT_STREAM_BARGE_IN_TIMEOUT_SECONDS
    asked = os.getenv(name, default)
    try:
        seconds = float(asked)
    except ValueError:
        logger.warning(
            f"Cannot convert environment variable '{name}' to float ('{asked}'); using default ({default}s)."
        )
        return default
    if seconds <= 0:
        logger.warning(
            f"Environment variable '{name}' must be positive ('{asked}'); using default ({default}s)."
        )
        return default
    return seconds


def _convert_metadata_to_multidict(metadata: Metadata | None) -> MultiDict | None:
    return MultiDict(metadata) if metadata else None


def _build_chunk_event(
    chunk_payload: dict[str, Any], response_id: str
) -> action_webhook_pb2.WebhookStreamEvent:
    """Make the event of a piece; fields that the message does not have are left out."""
    fields = {name: chunk_payload[name] for name in _CHUNK_FIELDS if name in chunk_payload}
    chunk = ParseDict(fields, action_webhook_pb2.Chunk(response_id=response_id))
    return action_webhook_pb2.WebhookStreamEvent(chunk=chunk)


def _build_empty_final_result_event() -> action_webhook_pb2.WebhookStreamEvent:
    """Make the last event of an action that had no time to finish."""
    return action_webhook_pb2.WebhookStreamEvent(final_result=action_webhook_pb2.WebhookResponse())


def _build_final_result_event(result: Any) -> action_webhook_pb2.WebhookStreamEvent | None:
    """Make the event of a result; None for a call that named no action."""
    if not result:
        return None
    response = ParseDict(result.model_dump(), action_webhook_pb2.WebhookResponse())
    return action_webhook_pb2.WebhookStreamEvent(final_result=response)


def _handle_stream_error_event(
    exc: Any, action_name: str, context: aio.ServicerContext
) -> action_webhook_pb2.WebhookStreamEvent:
    """Make the event of an error, and end the call with it."""
    _explain(exc, context)
    return action_webhook_pb2.WebhookStreamEvent(
        error=action_webhook_pb2.StreamError(action_name=action_name, message=str(exc))
    )


def _explain(error: Any, context: aio.ServicerContext) -> None:
    """Write into the call's status what went wrong."""
    if isinstance(error, ActionExecutionRejection):
        logger.debug(error)
        failed = ActionExecutionFailed(action_name=error.action_name, message=error.message)
        code, details = grpc.StatusCode.INTERNAL, failed.model_dump_json()
    elif isinstance(error, ActionNotFoundException):
        logger.error(error)
        code, details = grpc.StatusCode.NOT_FOUND, _describe_missing(error, ResourceNotFoundType.ACTION)
    elif isinstance(error, ActionMissingDomainException):
        logger.error(error)
        code, details = grpc.StatusCode.NOT_FOUND, _describe_missing(error, ResourceNotFoundType.DOMAIN)
    else:
        logger.error(error)
        code, details = grpc.StatusCode.INTERNAL, str(error)
    context.set_code(code)
    context.set_details(details)


def _describe_missing(
    error: ActionNotFoundException | ActionMissingDomainException, kind: ResourceNotFoundType
) -> str:
    missing = ResourceNotFound(action_name=error.action_name, message=error.message, resource_type=kind)
    return missing.model_dump_json()


def _set_grpc_span_attributes(span: Any, action_call: dict[str, Any], method_name: str) -> None:
    set_span_attributes(span, action_call)
    if span.is_recording():
        span.set_attribute("grpc.method", method_name)


def _get_signal_name(signal_number: int) -> str:
    return signal.Signals(signal_number).name


def _initialise_interrupts(server: aio.Server) -> None:
    """Stop the server when the process is asked to stop."""

    async def stop(received: int) -> None:
        logger.info(f"Received {_get_signal_name(received)} signal.Stopping gRPC server...")
        await server.stop(NO_GRACE_PERIOD)
        logger.info("gRPC server stopped.")

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: asyncio.create_task(stop(signal.SIGINT)))
    loop.add_signal_handler(signal.SIGTERM, lambda: asyncio.create_task(stop(signal.SIGTERM)))


def _initialise_health_service(server: aio.Server) -> None:
    """Say in `grpc.health.v1` that the server runs."""
    servicer = health.HealthServicer(
        experimental_non_blocking=True,
        experimental_thread_pool=futures.ThreadPoolExecutor(max_workers=10),
    )
    servicer.set(GRPC_ACTION_SERVER_NAME, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)


def _initialise_action_service(
    server: aio.Server, action_executor: ActionExecutor, auto_reload: bool, endpoints: str
) -> None:
    """Let the server answer calls with the executor's actions."""
    tracer_provider = get_tracer_provider(endpoints)
    servicer = GRPCActionServerWebhook(action_executor, auto_reload, tracer_provider)
    action_webhook_pb2_grpc.add_ActionServiceServicer_to_server(servicer, server)


def _initialise_port(
    server: aio.Server,
    port: int = DEFAULT_SERVER_PORT,
    ssl_server_cert: bytes | None = None,
    ssl_server_cert_key: bytes | None = None,
    ssl_ca_cert: bytes | None = None,
) -> None:
    """Listen, with TLS if there are a certificate and a key; with a CA, callers need a certificate of it."""
    if not ssl_server_cert or not ssl_server_cert_key:
        logger.info(f"Starting gRPC server without SSL on port {port}")
        server.add_insecure_port(f"[::]:{port}")
        return
    logger.info(f"Starting gRPC server with SSL support on port {port}")
    credentials = grpc.ssl_server_credentials(
        private_key_certificate_chain_pairs=[(ssl_server_cert_key, ssl_server_cert)],
        root_certificates=ssl_ca_cert,
        require_client_auth=bool(ssl_ca_cert),
    )
    server.add_secure_port(f"[::]:{port}", server_credentials=credentials)


def _initialise_grpc_server(
    action_executor: ActionExecutor,
    port: int = DEFAULT_SERVER_PORT,
    max_number_of_workers: int = 10,
    ssl_server_cert: bytes | None = None,
    ssl_server_cert_key: bytes | None = None,
    ssl_ca_cert: bytes | None = None,
    auto_reload: bool = False,
    endpoints: str = DEFAULT_ENDPOINTS_PATH,
) -> aio.Server:
    """Make a server, which does not yet run."""
    server = aio.server(
        futures.ThreadPoolExecutor(max_workers=max_number_of_workers), compression=grpc.Compression.Gzip
    )
    _initialise_health_service(server)
    _initialise_action_service(server, action_executor, auto_reload, endpoints)
    _initialise_port(server, port, ssl_server_cert, ssl_server_cert_key, ssl_ca_cert)
    return server


async def run_grpc(
    action_executor: ActionExecutor,
    port: int = DEFAULT_SERVER_PORT,
    ssl_server_cert_path: str | None = None,
    ssl_server_cert_key_file_path: str | None = None,
    ssl_ca_file_path: str | None = None,
    auto_reload: bool = False,
    endpoints: str = DEFAULT_ENDPOINTS_PATH,
) -> None:
    """Serve the executor's actions until the process is stopped."""
    max_number_of_workers = number_of_sanic_workers()
    paths = (ssl_server_cert_path, ssl_server_cert_key_file_path, ssl_ca_file_path)
    certificate, key, authority = (file_as_bytes(path) if path else None for path in paths)
    server = _initialise_grpc_server(
        action_executor,
        port,
        max_number_of_workers,
        certificate,
        key,
        authority,
        auto_reload,
        endpoints,
    )
    _initialise_interrupts(server)
    await server.start()
    logger.info(f"gRPC Server started on port {port}")
    await server.wait_for_termination()
