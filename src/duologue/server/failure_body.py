"""The one shape of every failure that the server answers with."""

from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import duologue
from duologue.channels.errors import BadRequestError
from duologue.core.errors import DuologueError, StorageUnavailableError
from duologue.core.values import OpenData
from duologue.runtime.assistant import ClosingError
from duologue.server.errors import ServerClosingError, TurnTimeoutError

RETRY_AFTER_SECONDS = "2"
# Not the phrases of the standard library: they change with the version of Python.
REASONS = {
    HTTPStatus.NOT_FOUND: "NotFound",
    HTTPStatus.METHOD_NOT_ALLOWED: "MethodNotAllowed",
    HTTPStatus.REQUEST_TIMEOUT: "RequestTimeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PayloadTooLarge",
}


class FailureBody(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of a failure; clients of Rasa know it."""

    version: str = duologue.__version__
    status: str = "failure"
    reason: str
    message: str
    details: OpenData = {}
    help: str | None = None
    code: int


def format_failure(code: int, reason: str, message: str, headers: dict[str, str] | None = None) -> Response:
    body = FailureBody(reason=reason, message=message, code=code)
    return Response(
        msgspec.json.encode(body), status_code=code, headers=headers, media_type="application/json"
    )


def format_error(error: DuologueError) -> Response:
    """The answer to an error that was raised on purpose."""
    retry = {"Retry-After": RETRY_AFTER_SECONDS}
    match error:
        case BadRequestError():
            return format_failure(400, "BadRequest", str(error))
        case StorageUnavailableError():
            return format_failure(503, "StorageUnavailable", str(error), retry)
        case ServerClosingError() | ClosingError():
            return format_failure(503, "ShuttingDown", str(error), {**retry, "Connection": "close"})
        case TurnTimeoutError():
            return format_failure(503, "TurnTimeout", str(error), retry)
        case _:
            return format_failure(
                500, "InternalError", "The server failed on this request; its log says why."
            )


async def answer_error(_: Request, error: Exception) -> Response:
    """Exception handler for every `DuologueError`."""
    assert isinstance(error, DuologueError)
    return format_error(error)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Exception handler for what routing and the limits raise."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    message = error.detail
    if status is HTTPStatus.NOT_FOUND:
        message = f"There is nothing at {request.url.path}."
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"{request.url.path} does not take {request.method}."
    reason = REASONS.get(status, "BadRequest")
    return format_failure(error.status_code, reason, message, dict(error.headers or {}))


async def answer_unexpected_error(_: Request, __: Exception) -> Response:
    """Exception handler for our own mistakes; the log has the traceback."""
    return format_failure(500, "InternalError", "The server failed on this request; its log says why.")
