"""The action server as an ASGI application."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duologue.action_server.features import FeaturesHeader
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.service import ActionService
from duologue.action_server.webhook import Webhook, format_json
from duologue.core.errors import DuologueError
from duologue.serving.admission import Admission
from duologue.serving.failure_body import describe_http_error
from duologue.serving.middleware import make_middleware
from duologue.serving.readiness import Readiness

_READINESS_SECONDS = 1.0
"""How long an answer of the store of results to the question whether it is ready counts."""


async def _do_nothing() -> None:
    """For a server without a store."""


def build_app(
    service: ActionService,
    options: ActionServingOptions,
    *,
    admission: Admission | None = None,
    check_store: Callable[[], Awaitable[None]] = _do_nothing,
    is_echoing: bool = False,
) -> Starlette:
    """All routes of an action server.

    Args:
        admission: the state of the server's door.
        check_store: raises if results cannot be remembered now.
        is_echoing: tell the whole body of a failed call back, as servers of Rasa do.
    """
    admission = admission or Admission(seconds=options.response_seconds)
    readiness = Readiness(check_store, who="The store of results", seconds=_READINESS_SECONDS)
    webhook = Webhook(service, admission, largest_body=options.largest_body, is_echoing=is_echoing)

    async def tell_health(_: Request) -> Response:
        return format_json({"status": "ok"}, 200)

    async def tell_readiness(_: Request) -> Response:
        if admission.is_draining:
            return format_json({"error": "The server is shutting down."}, 503, {"Connection": "close"})
        try:
            await readiness.check()
        except DuologueError as error:
            return format_json({"error": str(error)}, 503)
        return format_json({"status": "ready"}, 200)

    async def list_actions(_: Request) -> Response:
        return format_json([{"name": name} for name in service.names()], 200)

    return Starlette(
        routes=[
            Route("/health", tell_health),
            Route("/ready", tell_readiness),
            Route("/actions", list_actions),
            Route("/webhook", webhook.answer, methods=["POST"]),
        ],
        middleware=[
            Middleware(FeaturesHeader, features=service.features),
            *make_middleware(admission, options),
        ],
        exception_handlers={HTTPException: _answer_http_error, Exception: _answer_unexpected_error},
    )


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return format_json(
        {"error": describe_http_error(request, error)}, error.status_code, dict(error.headers or {})
    )


async def _answer_unexpected_error(_: Request, __: Exception) -> Response:
    return format_json({"error": "The action server failed on this request; its log says why."}, 500)
