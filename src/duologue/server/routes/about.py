"""Who is here: the hello at `/`, `/version` and `/status`."""

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

import duologue
from duologue.core.values import OpenData
from duologue.server.page_files import find_page_file, page_headers
from duologue.server.reception import Reception

OLDEST_COMPATIBLE_VERSION = "0.1.0"
"""The oldest version whose models and conversations this one reads."""


def make_about_routes(reception: Reception, *, model_file: str, is_page_shown: bool) -> list[Route]:
    async def greet(request: Request) -> Response:
        if is_page_shown and "text/html" in request.headers.get("accept", ""):
            return FileResponse(find_page_file("index.html"), headers=page_headers())
        return PlainTextResponse(f"Hello from Duologue: {duologue.__version__}", headers={"Vary": "Accept"})

    async def tell_version(_: Request) -> Response:
        return _json(
            {"version": duologue.__version__, "minimum_compatible_version": OLDEST_COMPATIBLE_VERSION}
        )

    async def tell_status(_: Request) -> Response:
        model_id = reception.assistant.model_id
        return _json({"model_id": model_id, "model_file": model_file, "num_active_training_jobs": 0})

    return [Route("/", greet), Route("/version", tell_version), Route("/status", tell_status)]


def _json(body: OpenData) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
