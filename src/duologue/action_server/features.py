"""Says in every answer what this server does beyond the protocol."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duologue.action_server.service import FEATURES_NAME


def format_features(features: frozenset[str]) -> str:
    """The features as a header has them."""
    return " ".join(sorted(features))


class FeaturesHeader:
    """ASGI middleware that adds the header."""

    def __init__(self, app: ASGIApp, *, features: frozenset[str]) -> None:
        self.app = app
        self._header = (FEATURES_NAME.encode(), format_features(features).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), self._header]}
            await send(message)

        await self.app(scope, receive, send_with_header)
