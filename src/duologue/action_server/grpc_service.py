"""The methods of `ActionService`, answered by the service that answers HTTP too."""

import asyncio
import logging
import time
from typing import Any
from urllib.parse import unquote

import grpc
from google.protobuf.empty_pb2 import Empty

from duologue.action_server.features import format_features
from duologue.action_server.grpc_failures import FailedStatus, describe_status
from duologue.action_server.grpc_streams import OpenStreams, StreamedCall
from duologue.action_server.request_body import InvalidBodyError
from duologue.action_server.request_body import parse_call as parse_json_call
from duologue.action_server.service import FEATURES_NAME, IDEMPOTENCY_NAME, ActionService
from duologue.sdk.errors import ActionExecutionRejection
from duologue.sdk.payloads import ActionResult
from duologue.serving.admission import Admission
from duologue.telemetry.action_spans import open_rpc_span
from duologue.telemetry.spans import mark_failed
from duologue.wire.grpc.calls import format_answer, parse_call
from duologue.wire.grpc.messages import (
    ActionsRequest,
    ActionsResponse,
    StreamChunkAck,
    StreamError,
    WebhookRequest,
    WebhookResponse,
    WebhookStreamEvent,
)
from duologue.wire.grpc.methods import JSON_FEATURE, JSON_SERVICE, SERVICE

_LARGE = 64 * 1024
"""Bytes of a call that is read beside the event loop."""

_CANCEL_SECONDS = 1.0
"""How long an action that was told to stop may hold up the end of its call."""
ANNOUNCED_FEATURE = "announced-calls"
"""Metadata is sent before an action runs: a call that is turned away without any was not run."""

_log = logging.getLogger(__name__)

Call = dict[str, Any]  # open JSON


class GrpcActionService:
    """Answers calls over gRPC."""

    def __init__(self, service: ActionService, admission: Admission, *, barge_in_seconds: float) -> None:
        """`barge_in_seconds`: how long an action whose stream was left may take to end."""
        self._service = service
        self._admission = admission
        self._barge_in_seconds = barge_in_seconds
        self._streams = OpenStreams()
        features = service.features | {ANNOUNCED_FEATURE, JSON_FEATURE}
        self._features = ((FEATURES_NAME, format_features(features)),)

    def build_json_handler(self) -> grpc.GenericRpcHandler:
        """The same for calls that come as JSON."""
        return grpc.method_handlers_generic_handler(
            JSON_SERVICE,
            {
                "Webhook": grpc.unary_unary_rpc_method_handler(
                    self.run, _pass, WebhookResponse.SerializeToString
                ),
                "WebhookStream": grpc.unary_stream_rpc_method_handler(
                    self.stream, _pass, WebhookStreamEvent.SerializeToString
                ),
            },
        )

    def build_handler(self) -> grpc.GenericRpcHandler:
        """What a server calls for each request."""
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Webhook": grpc.unary_unary_rpc_method_handler(
                    self.run, WebhookRequest.FromString, WebhookResponse.SerializeToString
                ),
                "WebhookStream": grpc.unary_stream_rpc_method_handler(
                    self.stream, WebhookRequest.FromString, WebhookStreamEvent.SerializeToString
                ),
                "AckStreamChunks": grpc.unary_unary_rpc_method_handler(
                    self.acknowledge, StreamChunkAck.FromString, Empty.SerializeToString
                ),
                "Actions": grpc.unary_unary_rpc_method_handler(
                    self.list_actions, ActionsRequest.FromString, ActionsResponse.SerializeToString
                ),
            },
        )

    async def run(
        self,
        request: WebhookRequest | bytes,
        context: "grpc.aio.ServicerContext[Any, WebhookResponse]",
    ) -> WebhookResponse:
        """Run an action, and answer when it is done."""
        # A server that stops turns away what arrives in the same moment; the caller sees that nothing was run.
        await context.send_initial_metadata(self._features)
        call = await _read_call(request, context)
        began = time.perf_counter()
        response, status = WebhookResponse(), None
        with open_rpc_span("Webhook", call, _read_metadata(context)):
            try:
                async with self._admission.admit():
                    response = _format_result(await self._service.run(call))
            except Exception as error:
                status = _describe(call, error, unexpected=grpc.StatusCode.UNKNOWN)
                _set_status(context, status)
        _log_call(call, began, status)
        return response

    async def stream(
        self,
        request: WebhookRequest | bytes,
        context: "grpc.aio.ServicerContext[Any, WebhookStreamEvent]",
    ) -> None:
        """Run an action, hand over what it streams as it comes, and its result at the end."""
        await context.send_initial_metadata(self._features)
        call = await _read_call(request, context)
        began = time.perf_counter()
        status = None
        stream = StreamedCall(context.write, self._streams)
        with open_rpc_span("WebhookStream", call, _read_metadata(context)):
            try:
                async with self._admission.admit():
                    result = await self._run_streamed(call, stream)
                await stream.write(WebhookStreamEvent(final_result=result))
            except Exception as error:
                status = _describe(call, error, unexpected=grpc.StatusCode.INTERNAL)
                name = call["next_action"]
                await stream.write(
                    WebhookStreamEvent(error=StreamError(action_name=name, message=str(error)))
                )
                _set_status(context, status)
        _log_call(call, began, status)

    async def _run_streamed(self, call: Call, stream: StreamedCall) -> WebhookResponse:
        running = asyncio.create_task(self._service.run(call, stream.dispatcher))
        try:
            await asyncio.wait({running, stream.left}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await asyncio.wait({running}, timeout=self._barge_in_seconds)
            if running.done():
                return _format_result(running.result())
            _log.warning(
                "action_server.left_action_cancelled",
                extra={"action": call["next_action"], "seconds": self._barge_in_seconds},
            )
            return WebhookResponse()
        finally:
            stream.close()
            # Also where the caller is gone: nobody could be told what came of it.
            running.cancel()
            running.add_done_callback(_take_note)
            await asyncio.wait({running}, timeout=_CANCEL_SECONDS)

    async def acknowledge(
        self, request: StreamChunkAck, context: "grpc.aio.ServicerContext[StreamChunkAck, Empty]"
    ) -> Empty:
        """Take note that nobody listens any more to a message."""
        if not self._streams.leave(request.response_id):
            # The action may just have said its last word.
            _log.debug("action_server.stream_unknown", extra={"response_id": request.response_id})
        return Empty()

    async def list_actions(
        self, request: ActionsRequest, context: "grpc.aio.ServicerContext[ActionsRequest, ActionsResponse]"
    ) -> ActionsResponse:
        """List the actions."""
        await context.send_initial_metadata(self._features)
        response = ActionsResponse()
        for name in self._service.names():
            response.actions.add().update({"name": name})
        return response


def _take_note(task: asyncio.Task[ActionResult | None]) -> None:
    """How an action ended that was told to stop concerns nobody; not to ask would be a warning in the log."""
    if not task.cancelled():
        task.exception()


def _pass(content: bytes) -> bytes:
    return content


async def _read_call(request: WebhookRequest | bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> Call:
    if isinstance(request, bytes):
        return await _read_json(request, context)
    if request.ByteSize() > _LARGE:
        call = await asyncio.to_thread(parse_call, request)
    else:
        call = parse_call(request)
    if key := _read_metadata(context).get(IDEMPOTENCY_NAME):
        call["idempotency_key"] = unquote(key)
    return call


async def _read_json(body: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> Call:
    try:
        call = parse_json_call(body, "", len(body))
    except InvalidBodyError as error:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    # As messages do, which have a value for every field.
    call["next_action"] = call.get("next_action") or ""
    return call


def _read_metadata(context: "grpc.aio.ServicerContext[Any, Any]") -> dict[str, str]:
    return {name: value for name, value in context.invocation_metadata() or () if isinstance(value, str)}


def _format_result(result: ActionResult | None) -> WebhookResponse:
    return WebhookResponse() if result is None else format_answer(result)


def _describe(call: Call, error: Exception, *, unexpected: grpc.StatusCode) -> FailedStatus:
    status = describe_status(error, unexpected=unexpected)
    if not isinstance(error, ActionExecutionRejection):
        mark_failed(type(error).__name__)
    if status.is_unexpected:
        _log.error("action_server.action_failed", exc_info=error, extra={"action": call["next_action"]})
    return status


def _set_status(context: "grpc.aio.ServicerContext[Any, Any]", status: FailedStatus) -> None:
    context.set_code(status.code)
    context.set_details(status.details)


def _log_call(call: Call, began: float, status: FailedStatus | None) -> None:
    _log.info(
        "action_server.call",
        extra={
            "action": call["next_action"],
            "status": status.code.name if status else grpc.StatusCode.OK.name,
            "milliseconds": round((time.perf_counter() - began) * 1000, 1),
        },
    )
