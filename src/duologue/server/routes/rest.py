"""The HTTP side of the REST channel, plain and streamed."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from duologue.channels.rest import RestChannel
from duologue.server.reception import Reception
from duologue.server.streamed_turn import StreamedTurn

YES_WORDS = {"true", "1", "yes", "on"}


def make_rest_routes(reception: Reception, channel: RestChannel) -> list[Route]:
    async def tell_health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def receive(request: Request) -> Response | StreamedTurn:
        message = channel.parse(await request.body(), request.headers)
        if request.query_params.get("stream", "").lower() in YES_WORDS:
            return StreamedTurn(reception, channel, message)
        report = await reception.handle(message)
        body = channel.format(message.conversation_id, report.replies)
        return Response(body, media_type="application/json")

    return [
        Route("/webhooks/rest/", tell_health),
        Route("/webhooks/rest/webhook", receive, methods=["POST"]),
    ]
