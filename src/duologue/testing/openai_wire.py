"""OpenAI's API, and Azure's paths of it, as a scripted model server speaks it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from duologue.core.values import OpenData
from duologue.testing.model_replies import ReceivedRequest, ScriptedReply

_KINDS: Mapping[str, Literal["answer", "embeddings", "models"]] = {
    "chat/completions": "answer",
    "completions": "answer",
    "embeddings": "embeddings",
    "models": "models",
}
_CREATED = 1_700_000_000


class OpenAiWire:
    """Chat completions, completions, embeddings and models; under `/v1` or under the path of an Azure deployment."""

    path = "/v1"
    stream_type = "text/event-stream"

    def read(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> ReceivedRequest:
        place, deployment, model = _split_path(path)
        data = _read_object(body)
        messages = [_to_object(message) for message in data.get("messages", [])]
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        texts = data.get("input", [])
        return ReceivedRequest(
            kind=_KINDS.get(place, "other"),
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=data,
            api_key=headers.get("api-key", bearer),
            model=deployment or model or str(data.get("model", "")),
            prefix=_join_texts(messages, "system"),
            prompt=_join_texts(messages, "user") if messages else str(data.get("prompt", "")),
            texts=tuple([texts] if isinstance(texts, str) else texts),
            schema=_find_schema(data),
            max_tokens=data.get("max_completion_tokens", data.get("max_tokens")),
            temperature=data.get("temperature"),
            is_streamed=bool(data.get("stream")),
        )

    def write_start(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        if not _is_chat(request):
            return b""
        return _write_event(request, reply, [_choose({"role": "assistant", "content": ""})])

    def write_piece(self, request: ReceivedRequest, reply: ScriptedReply, text: str) -> bytes:
        choice = _choose({"content": text}) if _is_chat(request) else _choose_text(text)
        return _write_event(request, reply, [choice])

    def write_end(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        reason = reply.finish_reason
        choice = _choose({}, reason) if _is_chat(request) else _choose_text("", reason)
        end = _write_event(request, reply, [choice])
        if _to_object(request.body.get("stream_options")).get("include_usage"):
            end += _write_event(request, reply, [], usage=_count(reply))
        return end + b"data: [DONE]\n\n"

    def write_whole(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        text, reason = reply.whole_text, reply.finish_reason
        if _is_chat(request):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": reason}
        else:
            choice = _choose_text(text, reason)
        return json.dumps(
            {**_head(request, reply, piece=False), "choices": [choice], "usage": _count(reply)}
        ).encode()

    def write_error(self, request: ReceivedRequest, reply: ScriptedReply) -> bytes:
        error = {
            "message": reply.error,
            "type": "invalid_request_error" if reply.status < 500 else "server_error",
            "param": reply.error_field or None,
            "code": reply.error_code or None,
        }
        return json.dumps({"error": error}).encode()

    def write_models(self, request: ReceivedRequest, models: Sequence[str]) -> bytes:
        found = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "test"} for name in models]
        return json.dumps(found[0] if request.model and found else {"object": "list", "data": found}).encode()

    def write_embeddings(
        self, request: ReceivedRequest, vectors: Sequence[Sequence[float]], tokens: int
    ) -> bytes:
        data = [
            {"object": "embedding", "index": place, "embedding": list(vector)}
            for place, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return json.dumps({"object": "list", "data": data, "model": request.model, "usage": usage}).encode()


def _split_path(path: str) -> tuple[str, str, str]:
    """The place within the API, the Azure deployment and the model that the path names."""
    parts = path.strip("/").split("/")
    if parts[:2] == ["openai", "deployments"]:
        return "/".join(parts[3:]), parts[2] if len(parts) > 2 else "", ""
    parts = parts[parts.index("v1") + 1 :] if "v1" in parts else parts
    if parts[:1] == ["models"]:
        return "models", "", "/".join(parts[1:])
    return "/".join(parts), "", ""


def _read_object(body: bytes) -> OpenData:
    try:
        return _to_object(json.loads(body or b"{}"))
    except ValueError:
        return {}


def _to_object(value: Any) -> OpenData:  # whatever JSON the client sent
    return dict(value) if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownArgumentType]


def _join_texts(messages: Sequence[Mapping[str, Any]], role: str) -> str:
    return "\n".join(str(message.get("content", "")) for message in messages if message.get("role") == role)


def _find_schema(data: OpenData) -> OpenData | None:
    named = _to_object(data.get("response_format")).get("json_schema")
    return _to_object(named).get("schema")


def _is_chat(request: ReceivedRequest) -> bool:
    return request.path.endswith("chat/completions")


def _choose(delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": reason}


def _choose_text(text: str, reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}


def _count(reply: ScriptedReply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def _head(request: ReceivedRequest, reply: ScriptedReply, *, piece: bool) -> dict[str, Any]:
    kind = "chat.completion" if _is_chat(request) else "text_completion"
    return {
        "id": "scripted-1",
        "object": f"{kind}.chunk" if piece and _is_chat(request) else kind,
        "created": _CREATED,
        "model": reply.model or request.model,
    }


def _write_event(
    request: ReceivedRequest,
    reply: ScriptedReply,
    choices: Sequence[Mapping[str, Any]],
    usage: Mapping[str, Any] | None = None,
) -> bytes:
    event = {**_head(request, reply, piece=True), "choices": choices, "usage": usage}
    return b"data: " + json.dumps(event).encode() + b"\n\n"
