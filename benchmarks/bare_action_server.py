"""The floor of every remote action: a server of the same kind that answers each call with the same bytes, unread."""

import asyncio
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = b'{"events":[{"event":"slot","name":"total","value":1.0}],"responses":[]}'
METHOD = "/bare.Bare/Call"


async def answer(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")


async def tell_readiness(_: Request) -> Response:
    return Response(b"{}", media_type="application/json")


def serve_http(port: int) -> None:
    routes = [Route("/webhook", answer, methods=["POST"]), Route("/health", tell_readiness)]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning", access_log=False)


async def serve_grpc(port: int) -> None:
    """The same over gRPC, for any bytes."""
    import grpc

    async def reply(request: bytes, context: object) -> bytes:
        return ANSWER

    handler = grpc.unary_unary_rpc_method_handler(reply)  # without serializers: bytes as they are
    service, _, name = METHOD.lstrip("/").partition("/")
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {name: handler}),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    if sys.argv[1] == "grpc":
        asyncio.run(serve_grpc(int(sys.argv[2])))
    else:
        serve_http(int(sys.argv[2]))
