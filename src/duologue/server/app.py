"""The server as an ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from duologue.channels.rest import RestChannel
from duologue.core.errors import DuologueError
from duologue.server.connection_closing import ConnectionClosing
from duologue.server.failure_body import answer_error, answer_http_error, answer_unexpected_error
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.readiness import Readiness
from duologue.server.reception import Reception
from duologue.server.request_limits import RequestLimits
from duologue.server.routes.about import make_about_routes
from duologue.server.routes.health import make_health_routes
from duologue.server.routes.page import make_page_routes
from duologue.server.routes.rest import make_rest_routes


def build_app(reception: Reception, options: ServerOptions, updates: PageUpdates | None = None) -> Starlette:
    """Every route that the options ask for; `updates` feeds the demo page."""
    return Starlette(
        routes=_make_routes(reception, options, updates),
        middleware=_make_middleware(reception, options),
        exception_handlers={
            HTTPException: answer_http_error,
            DuologueError: answer_error,
            Exception: answer_unexpected_error,
        },
    )


def _make_routes(
    reception: Reception, options: ServerOptions, updates: PageUpdates | None
) -> list[BaseRoute]:
    routes: list[BaseRoute] = [
        *make_about_routes(reception, model_file=options.model_file, is_page_shown=options.is_page_shown),
        *make_health_routes(
            reception, Readiness(reception.assistant.check_health, seconds=options.readiness_seconds)
        ),
    ]
    if RestChannel.name in options.channels:
        routes += make_rest_routes(reception, RestChannel())
    if options.is_page_shown and updates is not None:
        routes += make_page_routes(reception.assistant, updates)
    return routes


def _make_middleware(reception: Reception, options: ServerOptions) -> list[Middleware]:
    limits = Middleware(RequestLimits, largest_body=options.largest_body, seconds=options.request_seconds)
    closing = Middleware(ConnectionClosing, reception=reception)
    if not options.cors_origins:
        return [closing, limits]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(options.cors_origins),
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["Retry-After"],
    )
    return [closing, cors, limits]
