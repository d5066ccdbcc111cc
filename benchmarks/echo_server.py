"""The floor of every server measurement: the same web server and framework, and nothing behind them."""

import sys

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def echo(request: Request) -> Response:
    body = msgspec.json.decode(await request.body())
    reply = [{"recipient_id": body["sender"], "text": body["message"]}]
    return Response(msgspec.json.encode(reply), media_type="application/json")


async def tell_readiness(_: Request) -> Response:
    return Response(b'{"status": "ready"}', media_type="application/json")


def serve(port: int) -> None:
    routes = [Route("/webhooks/rest/webhook", echo, methods=["POST"]), Route("/ready", tell_readiness)]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
