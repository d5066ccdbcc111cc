"""The one shape of every failure that a server answers with."""

from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import duologue
from duologue.core.values import OpenData

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


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Exception handler for what routing and the limits raise."""
    assert isinstance(error, HTTPException)
    message = describe_http_error(request, error)
    reason = REASONS.get(HTTPStatus(error.status_code), "BadRequest")
    return format_failure(error.status_code, reason, message, dict(error.headers or {}))


def describe_http_error(request: Request, error: HTTPException) -> str:
    """One sentence for what routing and the limits raise."""
    match HTTPStatus(error.status_code):
        case HTTPStatus.NOT_FOUND:
            return f"There is nothing at {request.url.path}."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"{request.url.path} does not take {request.method}."
        case _:
            return error.detail


async def answer_unexpected_error(_: Request, __: Exception) -> Response:
    """Exception handler for our own mistakes; the log has the traceback."""
    return format_failure(500, "InternalError", "The server failed on this request; its log says why.")
