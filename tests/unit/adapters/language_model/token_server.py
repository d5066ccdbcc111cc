"""A stand-in for Entra ID: an endpoint behind TLS that hands out numbered tokens."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class TokenServer:
    """Hands out `token-1`, `token-2` …, and remembers who asked."""

    def __init__(self) -> None:
        self.port = 0
        self.lifetime = 3600
        self.delay = 0.0
        self.client_secret: str | None = None
        """What it asks for; None: anything will do."""
        self.paths: list[str] = []
        self.forms: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    async def give_token(self, request: Request) -> Response:
        self.paths.append(request.url.path)
        self.forms.append(dict(parse_qsl((await request.body()).decode())))
        await asyncio.sleep(self.delay)
        if self.client_secret not in (None, self.forms[-1].get("client_secret")):
            description = "AADSTS7000215: Invalid client secret provided. Trace ID: 1"
            return JSONResponse({"error": "invalid_client", "error_description": description}, 401)
        token = f"token-{len(self.forms)}"
        return JSONResponse({"token_type": "Bearer", "expires_in": self.lifetime, "access_token": token})


@asynccontextmanager
async def run_token_server(tls: ssl.SSLContext) -> AsyncGenerator[TokenServer]:
    """A server that runs as long as the block."""
    tokens = TokenServer()
    app = Starlette(routes=[Route("/{tenant}/oauth2/v2.0/token", tokens.give_token, methods=["POST"])])
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
    config.load()
    config.ssl = tls
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    tokens.port = listener.getsockname()[1]
    server.force_exit = True
    task = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        while not server.started:  # noqa: ASYNC110 uvicorn tells nobody when it has started
            await asyncio.sleep(0.005)
        yield tokens
    finally:
        server.should_exit = True
        await task
        listener.close()
