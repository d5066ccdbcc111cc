"""The server as an ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from duologue.channels.rest import RestChannel
from duologue.core.errors import DuologueError
from duologue.server.failure_body import answer_error
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from duologue.server.routes.about import make_about_routes
from duologue.server.routes.health import make_health_routes
from duologue.server.routes.page import make_page_routes
from duologue.server.routes.rest import make_rest_routes
from duologue.server.trace_door import TraceDoor
from duologue.serving.failure_body import answer_http_error, answer_unexpected_error
from duologue.serving.middleware import make_middleware
from duologue.serving.readiness import Readiness


def build_app(reception: Reception, options: ServerOptions, updates: PageUpdates | None = None) -> Starlette:
    """Every route that the options ask for; `updates` feeds the demo page."""
    return Starlette(
        routes=_make_routes(reception, options, updates),
        middleware=[*make_middleware(reception, options), Middleware(TraceDoor)],
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
            reception,
            Readiness(
                reception.assistant.check_health, who="The tracker store", seconds=options.readiness_seconds
            ),
        ),
    ]
    if RestChannel.name in options.channels:
        routes += make_rest_routes(reception, RestChannel())
    if options.is_page_shown and updates is not None:
        routes += make_page_routes(reception.assistant, updates)
    return routes
