"""Google's Gemini API as a scripted model server speaks it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from duologue.testing.model_replies import ReceivedRequest, ScriptedReply

_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_PLACE = re.compile(r"/v1(beta)?/models/(?P<model>[^:]+)(:(?P<verb>\w+))?$")
_KINDS: Mapping[str | None, Literal["answer", "models", "embeddings", "other"]] = {
    "streamGenerateContent": "answer",
    "batchEmbedContents": "embeddings",
    None: "models",
}


class GeminiWire:
    """Contents, streamed, embeddings, and models."""

    path = ""
    stream_type = "text/event-stream"

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> ReceivedRequest:
        data: dict[str, Any] = json.loads(body) if body else {}
        place = _PLACE.match(path)
        config = data.get("generationConfig", {})
        return ReceivedRequest(
            kind=_KINDS.get(place["verb"], "other") if place else "other",
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=data,
            api_key=headers.get("x-goog-api-key", ""),
            model=place["model"] if place else "",
            prefix=_join_texts([data["systemInstruction"]] if "systemInstruction" in data else []),
            prompt=_join_texts(data.get("contents", [])),
            texts=tuple(_join_texts([part["content"]]) for part in data.get("requests", [])),
            schema=config.get("responseJsonSchema"),
            max_tokens=config.get("maxOutputTokens"),
            temperature=config.get("temperature"),
            is_streamed=query.get("alt") == "sse",
        )

    def write_start(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        return b""

    def write_piece(self, request: ReceivedRequest, reply: ScriptedReply, text: str) -> bytes:
        return _write_chunk(request, reply, {"content": {"parts": [{"text": text}], "role": "model"}})

    def write_end(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        usage = {
            "promptTokenCount": reply.usage.input_tokens,
            "cachedContentTokenCount": reply.usage.cached_tokens,
            "candidatesTokenCount": reply.usage.output_tokens,
        }
        end = {"content": {"parts": [], "role": "model"}, "finishReason": _REASONS[reply.finish_reason]}
        return _write_chunk(request, reply, end, usageMetadata=usage)

    def write_whole(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        return b"{}"

    def write_error(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        error = {"code": reply.status, "message": reply.error, "status": reply.error_code}
        return json.dumps({"error": error}).encode()

    def write_models(self, request: ReceivedRequest, models: Sequence[str]) -> bytes:
        return json.dumps({"name": f"models/{request.model}"}).encode()

    def write_embeddings(
        self, request: ReceivedRequest, vectors: Sequence[Sequence[float]], tokens: int
    ) -> bytes:
        return json.dumps({"embeddings": [{"values": list(vector)} for vector in vectors]}).encode()


def _join_texts(contents: Sequence[Mapping[str, Any]]) -> str:
    return "".join(part["text"] for content in contents for part in content["parts"])


def _write_chunk(
    request: ReceivedRequest, reply: ScriptedReply, candidate: Mapping[str, Any], **members: Any
) -> bytes:
    chunk = {"candidates": [candidate], "modelVersion": reply.model or request.model, **members}
    return b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n"
