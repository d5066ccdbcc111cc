"""What the demo page asks for: its files, the assistant in short, and a conversation as it changes."""

from collections.abc import AsyncIterator

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from duologue.core.ids import ConversationId
from duologue.dialogue.turn import TurnReport
from duologue.server.conversation_view import ConversationView, build_view
from duologue.server.page_files import PAGE_FILES, find_page_file, page_headers
from duologue.server.page_updates import PageUpdates
from duologue.server.served_assistant import ServedAssistant
from duologue.server.suggestions import suggest_sentences
from duologue.wire.encoding import encode_json

MOST_EVENTS = 400
"""How far back the page looks."""
HEARTBEAT_SECONDS = 15.0


class AssistantView(msgspec.Struct, frozen=True, kw_only=True):
    """The assistant in short."""

    name: str
    model_id: str
    language: str
    suggestions: tuple[str, ...]


def make_page_routes(assistant: ServedAssistant, updates: PageUpdates) -> list[BaseRoute]:
    async def serve_file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in PAGE_FILES:
            raise HTTPException(404)
        return FileResponse(find_page_file(name), headers=page_headers())

    async def tell_assistant(_: Request) -> Response:
        definition = assistant.definition
        view = AssistantView(
            name=definition.config.assistant_id,
            model_id=assistant.model_id,
            language=definition.config.language,
            suggestions=suggest_sentences(definition, assistant.flows),
        )
        return _json(encode_json(view))

    async def tell_conversation(request: Request) -> Response:
        conversation_id = ConversationId(request.path_params["conversation_id"])
        return _json(encode_json(await _load_view(assistant, conversation_id)))

    async def stream_conversation(request: Request) -> Response:
        conversation_id = ConversationId(request.path_params["conversation_id"])
        return StreamingResponse(
            _stream_views(assistant, updates, conversation_id),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return [
        Route("/demo/assistant", tell_assistant),
        Route("/demo/files/{name}", serve_file),
        Route("/demo/conversations/{conversation_id:path}/events", stream_conversation),
        Route("/demo/conversations/{conversation_id:path}", tell_conversation),
    ]


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _load_view(
    assistant: ServedAssistant, conversation_id: ConversationId, report: TurnReport | None = None
) -> ConversationView:
    state = report.state if report else await assistant.load_state(conversation_id)
    if state is None:
        return ConversationView(conversation_id=conversation_id)
    start = max(state.session.first_event, state.length - MOST_EVENTS)
    events = await assistant.load_events(conversation_id, start, state.length)
    milliseconds = report.milliseconds if report else None
    return build_view(
        state, events, flows=assistant.flows, domain=assistant.domain, milliseconds=milliseconds
    )


async def _stream_views(
    assistant: ServedAssistant, updates: PageUpdates, conversation_id: ConversationId
) -> AsyncIterator[bytes]:
    """Server-sent events: the view now, then after each turn; a comment now and then keeps proxies awake."""
    yield _format_event(await _load_view(assistant, conversation_id))
    async for report in updates.subscribe(conversation_id, heartbeat=HEARTBEAT_SECONDS):
        if report is None:
            yield b": still here\n\n"
        else:
            yield _format_event(await _load_view(assistant, conversation_id, report))


def _format_event(view: ConversationView) -> bytes:
    return b"event: turn\ndata: " + encode_json(view) + b"\n\n"
