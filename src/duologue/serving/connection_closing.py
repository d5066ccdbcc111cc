"""Asks clients to leave: while the server prepares to end, every answer closes its connection."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duologue.serving.admission import Admission

CLOSE = (b"connection", b"close")


class ConnectionClosing:
    """ASGI middleware that adds `Connection: close` to answers as soon as the server parts from its clients."""

    def __init__(self, app: ASGIApp, *, admission: Admission) -> None:
        self.app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_farewell(message: Message) -> None:
            if message["type"] == "http.response.start" and self._admission.is_parting:
                headers = [header for header in message.get("headers", []) if header[0] != CLOSE[0]]
                message = {**message, "headers": [*headers, CLOSE]}
            await send(message)

        await self.app(scope, receive, send_farewell)
