"""AWS Bedrock's Converse API, with its binary stream of events, as a scripted model server speaks it."""

import json
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from duologue.testing.model_replies import ReceivedRequest, ScriptedReply

_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "content_filtered"}
_PLACE = re.compile(r"/model/(?P<model>.+)/(?P<verb>converse-stream|invoke)$")
_KEY = re.compile(r"Credential=(?P<key>[^/]+)/")
_ERRORS = {
    400: "ValidationException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}


class BedrockWire:
    """Conversations, streamed, and Titan's and Cohere's embeddings."""

    path = ""
    stream_type = "application/vnd.amazon.eventstream"

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> ReceivedRequest:
        data: dict[str, Any] = json.loads(body) if body else {}
        place = _PLACE.match(unquote(path))
        key = _KEY.search(headers.get("authorization", ""))
        limits = data.get("inferenceConfig", {})
        structure = data.get("outputConfig", {}).get("textFormat", {}).get("structure", {})
        named = structure.get("jsonSchema", {})
        is_answer = place is not None and place["verb"] == "converse-stream"
        return ReceivedRequest(
            kind="answer" if is_answer else "embeddings" if place else "other",
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=data,
            api_key=key["key"] if key else "",
            model=place["model"] if place else "",
            prefix="".join(block.get("text", "") for block in data.get("system", [])),
            prompt="".join(block["text"] for part in data.get("messages", []) for block in part["content"]),
            texts=tuple(data.get("texts", [data["inputText"]] if "inputText" in data else [])),
            schema=json.loads(named["schema"]) if named else None,
            max_tokens=limits.get("maxTokens"),
            temperature=limits.get("temperature"),
            is_streamed=is_answer,
        )

    def write_start(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        return _write_event("messageStart", {"role": "assistant"})

    def write_piece(self, request: ReceivedRequest, reply: ScriptedReply, text: str) -> bytes:
        return _write_event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})

    def write_end(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        usage = reply.usage
        counts = {
            "inputTokens": usage.input_tokens - usage.cached_tokens,
            "cacheReadInputTokens": usage.cached_tokens,
            "outputTokens": usage.output_tokens,
            "totalTokens": usage.input_tokens + usage.output_tokens,
        }
        return (
            _write_event("contentBlockStop", {"contentBlockIndex": 0})
            + _write_event("messageStop", {"stopReason": _REASONS[reply.finish_reason]})
            + _write_event("metadata", {"usage": counts, "metrics": {"latencyMs": 5}})
        )

    def write_whole(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        return b"{}"

    def write_error(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        code = _ERRORS.get(reply.status, "InternalServerException")
        return json.dumps({"message": reply.error, "__type": code}).encode()

    def write_models(self, request: ReceivedRequest, models: Sequence[str]) -> bytes:
        return b"{}"

    def write_embeddings(
        self, request: ReceivedRequest, vectors: Sequence[Sequence[float]], tokens: int
    ) -> bytes:
        if "texts" in request.body:
            return json.dumps({"embeddings": {"float": [list(vector) for vector in vectors]}}).encode()
        return json.dumps({"embedding": list(vectors[0]), "inputTextTokenCount": tokens}).encode()


def _write_event(kind: str, payload: Mapping[str, Any]) -> bytes:
    """One message: lengths, their checksum, headers, payload, checksum of all of it."""
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in (
            (":event-type", kind),
            (":content-type", "application/json"),
            (":message-type", "event"),
        )
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))
