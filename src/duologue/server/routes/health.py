"""For whoever watches the process: `/health` says it lives, `/ready` that it can take a message now."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from duologue.core.errors import DuologueError
from duologue.server.failure_body import format_error, format_failure
from duologue.server.reception import Reception
from duologue.serving.readiness import Readiness


def make_health_routes(reception: Reception, readiness: Readiness) -> list[Route]:
    async def tell_health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def tell_readiness(_: Request) -> Response:
        if reception.is_draining:
            return format_failure(
                503, "ShuttingDown", "The server is shutting down.", {"Connection": "close"}
            )
        try:
            await readiness.check()
        except DuologueError as error:
            return format_error(error)
        return JSONResponse({"status": "ready"})

    return [Route("/health", tell_health), Route("/ready", tell_readiness)]
