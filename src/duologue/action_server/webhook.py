"""`POST /webhook`: a call comes in, its action runs, and what came of it goes out."""

import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from duologue.action_server.call_limits import TooManyCallsError
from duologue.action_server.request_body import InvalidBodyError, parse_call
from duologue.action_server.service import IDEMPOTENCY_NAME, ActionService
from duologue.core.errors import StorageUnavailableError
from duologue.sdk.errors import (
    ActionExecutionRejection,
    ActionFailedError,
    ActionMissingDomain,
    ActionNotFound,
)
from duologue.serving.admission import Admission
from duologue.serving.errors import CutOffError, ServerClosingError, TooSlowError
from duologue.serving.failure_body import RETRY_AFTER_SECONDS
from duologue.telemetry.action_spans import open_webhook_span
from duologue.telemetry.spans import mark_failed
from duologue.wire.encoding import encode_json

_log = logging.getLogger(__name__)

_RETRY = {"Retry-After": RETRY_AFTER_SECONDS}
_QUOTED = ("next_action", "sender_id")
"""What of a failed call is told back: what names it, and nothing of what people said."""


class Webhook:
    """Answers calls."""

    def __init__(
        self, service: ActionService, admission: Admission, *, largest_body: int, is_echoing: bool = False
    ) -> None:
        """`is_echoing`: tell the whole body of a failed call back, as servers of Rasa do."""
        self._service = service
        self._admission = admission
        self._largest_body = largest_body
        self._is_echoing = is_echoing

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        try:
            call = parse_call(body, request.headers.get("content-encoding", ""), self._largest_body)
        except InvalidBodyError as error:
            _log.info("action_server.invalid_call", extra={"reason": str(error)})
            return format_json({"error": str(error)}, error.status)
        if (key := request.headers.get(IDEMPOTENCY_NAME)) and not call.get("idempotency_key"):
            call["idempotency_key"] = unquote(key)
        with open_webhook_span(call, request.headers):
            return await self._answer_call(call)

    async def _answer_call(self, call: dict[str, Any]) -> Response:
        began = time.perf_counter()
        try:
            async with self._admission.admit():
                result = await self._service.run(call)
            response = format_json(result, 200)
        except Exception as error:
            response = self._answer_failure(call, error)
            if response.status_code >= 500:
                mark_failed(type(error).__name__)
        _log.info(
            "action_server.call",
            extra={
                "action": call.get("next_action"),
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - began) * 1000, 1),
            },
        )
        return response

    def _answer_failure(self, call: Mapping[str, Any], error: Exception) -> Response:
        name = call.get("next_action")
        match error:
            case ActionExecutionRejection():
                return _format_refusal(error.message, error.action_name, 400)
            case ActionNotFound():
                _log.warning("action_server.unknown_action", extra={"finding": error.message})
                return _format_refusal(error.message, error.action_name, 404)
            case ActionMissingDomain():
                return _format_refusal(error.message, error.action_name, 449)
            case TooManyCallsError() | ActionFailedError(__cause__=StorageUnavailableError()):
                # The second: its result could not have been remembered.
                return self._refuse(call, error, _RETRY)
            case TooSlowError() | CutOffError() if not self._may_be_repeated(call):
                # 503 would say that nothing was run.
                _log.error("action_server.call_cut_off", extra={"action": name, "reason": str(error)})
                return format_json({"error": str(error), "action_name": name}, 500)
            case TooSlowError() | ServerClosingError():
                return self._refuse(call, error, {**_RETRY, "Connection": "close"})
            case _:
                return self._answer_unexpected(call, error)

    def _may_be_repeated(self, call: Mapping[str, Any]) -> bool:
        """Whether the same call once more does nothing twice."""
        return "idempotency" in self._service.features and bool(call.get("idempotency_key"))

    def _refuse(self, call: Mapping[str, Any], error: Exception, headers: dict[str, str]) -> Response:
        _log.warning(
            "action_server.call_refused", extra={"action": call.get("next_action"), "reason": str(error)}
        )
        return format_json({"error": str(error)}, 503, headers)

    def _answer_unexpected(self, call: Mapping[str, Any], error: Exception) -> Response:
        name = call.get("next_action")
        _log.error("action_server.action_failed", exc_info=error, extra={"action": name})
        quoted = call if self._is_echoing else {key: call.get(key) for key in _QUOTED}
        return format_json(
            {"error": describe_failure(error), "action_name": name, "request_body": quoted}, 500
        )


def describe_failure(error: Exception) -> str:
    """The words of the author's exception; its kind if it has none."""
    cause = error.__cause__ or error
    return str(cause) or type(cause).__name__


def format_json(body: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(encode_json(body), status_code=status, headers=headers, media_type="application/json")


def _format_refusal(message: str, action_name: str, status: int) -> Response:
    return format_json({"error": message, "action_name": action_name}, status)
