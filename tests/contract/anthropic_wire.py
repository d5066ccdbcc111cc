"""Anthropic's API as a scripted model server speaks it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from duologue.testing.model_replies import ReceivedRequest, ScriptedReply

_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


class AnthropicWire:
    """Messages, streamed, and models."""

    path = ""
    stream_type = "text/event-stream"

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> ReceivedRequest:
        data: dict[str, Any] = json.loads(body) if body else {}
        parts = path.strip("/").split("/")
        is_about_models = parts[:2] == ["v1", "models"]
        system = data.get("system", [])
        output = data.get("output_config", {}).get("format", {})
        return ReceivedRequest(
            kind="answer" if path == "/v1/messages" else "models" if is_about_models else "other",
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=data,
            api_key=headers.get("x-api-key", ""),
            model=str(data.get("model", "")) or ("/".join(parts[2:]) if is_about_models else ""),
            prefix="".join(block["text"] for block in system),
            prompt="\n".join(message["content"] for message in data.get("messages", [])),
            schema=output.get("schema"),
            max_tokens=data.get("max_tokens"),
            temperature=data.get("temperature"),
            is_streamed=bool(data.get("stream")),
        )

    def write_start(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        usage = reply.usage
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": reply.model or request.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {
                "input_tokens": usage.input_tokens - usage.cached_tokens,
                "cache_read_input_tokens": usage.cached_tokens,
                "cache_creation_input_tokens": 0,
                "output_tokens": 1,
            },
        }
        block = {"type": "text", "text": ""}
        return (
            _write_event("message_start", message=message)
            + _write_event("content_block_start", index=0, content_block=block)
            + _write_event("ping")
        )

    def write_piece(self, request: ReceivedRequest, reply: ScriptedReply, text: str) -> bytes:
        return _write_event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def write_end(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        delta = {"stop_reason": _REASONS[reply.finish_reason], "stop_sequence": None}
        return (
            _write_event("content_block_stop", index=0)
            + _write_event("message_delta", delta=delta, usage={"output_tokens": reply.usage.output_tokens})
            + _write_event("message_stop")
        )

    def write_whole(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        return b"{}"

    def write_error(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        error = {"type": reply.error_code or "invalid_request_error", "message": reply.error}
        return json.dumps({"type": "error", "error": error}).encode()

    def write_models(self, request: ReceivedRequest, models: Sequence[str]) -> bytes:
        found = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2025-01-01T00:00:00Z"}
            for name in models
        ]
        return json.dumps(found[0] if request.model and found else {"data": found}).encode()

    def write_embeddings(
        self, request: ReceivedRequest, vectors: Sequence[Sequence[float]], tokens: int
    ) -> bytes:
        return b"{}"


def _write_event(kind: str, **members: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n".encode()
