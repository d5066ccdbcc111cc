"""Where the trace of a request enters: what the request sets off belongs to the trace that its headers name."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from duologue.telemetry.propagation import enter_context

TRACE_HEADER = "traceparent"


class TraceDoor:
    """Lets the W3C trace context of a request be the current one while it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if TRACE_HEADER not in headers:
            await self._app(scope, receive, send)
            return
        with enter_context(headers):
            await self._app(scope, receive, send)
