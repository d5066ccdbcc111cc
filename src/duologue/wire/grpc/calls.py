"""Calls, answers and streamed pieces as messages of gRPC, and as the JSON that they are over HTTP."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec
from google.protobuf.struct_pb2 import Struct

from duologue.core.values import OpenData
from duologue.wire.grpc.event_memory import read_event
from duologue.wire.grpc.messages import (
    Chunk,
    Domain,
    Tracker,
    WebhookRequest,
    WebhookResponse,
)
from duologue.wire.grpc.structs import encode_length, encode_struct, read_struct
from duologue.wire.members import is_object

CHUNK_FIELDS = ("text", "image", "custom", "attachment", "buttons", "elements")


def encode_call(
    body: Mapping[str, Any], *, events: Iterable[bytes], domain: bytes | None, digest: str | None
) -> bytes:
    """The call as the bytes of a `WebhookRequest`; its largest parts are encoded already, and joined as they are.

    `events` are as `encode_struct` made them, `domain` as `encode_domain` did, and None leaves it out.
    """
    tracker = [_format_tracker(body["tracker"]).SerializeToString()]
    for event in events:
        tracker += (_EVENTS, encode_length(len(event)), event)
    request = [_format_head({**body, "domain_digest": digest}).SerializeToString()]
    request += _encode_field(_TRACKER, b"".join(tracker))
    if domain is not None:
        # Also where it is empty: an empty domain is not the same as none.
        request += _encode_field(_DOMAIN, domain)
    return b"".join(request)


# Where fields begin that hold a message: the number of the field, shifted, and the wire type 2.
_TRACKER = bytes([WebhookRequest.TRACKER_FIELD_NUMBER << 3 | 2])
_DOMAIN = bytes([WebhookRequest.DOMAIN_FIELD_NUMBER << 3 | 2])
_EVENTS = bytes([Tracker.EVENTS_FIELD_NUMBER << 3 | 2])


def _encode_field(start: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    return start, encode_length(len(content)), content


def _format_head(body: Mapping[str, Any]) -> WebhookRequest:
    request = WebhookRequest(
        next_action=body.get("next_action") or "",
        sender_id=body.get("sender_id") or "",
        version=body.get("version") or "",
    )
    if (digest := body.get("domain_digest")) is not None:
        request.domain_digest = digest
    return request


def _format_tracker(data: Mapping[str, Any]) -> Tracker:
    tracker = Tracker(sender_id=data["sender_id"], paused=bool(data.get("paused")))
    _fill(tracker.slots, data.get("slots"))
    _fill(tracker.latest_message, data.get("latest_message"))
    for event in data.get("events") or ():
        tracker.events.add().MergeFromString(encode_struct(event))
    for frame in data.get("stack") or ():
        tracker.stack.add().MergeFromString(encode_struct(frame))
    for name in ("followup_action", "latest_action_name", "user_id"):
        if (value := data.get(name)) is not None:
            setattr(tracker, name, value)
    active_loop: OpenData = data.get("active_loop") or {}
    for name, value in active_loop.items():
        # The field holds nothing but texts; what is false or absent reads the same there.
        if value:
            tracker.active_loop[name] = value if isinstance(value, str) else str(value).lower()
    return tracker


def format_call(body: Mapping[str, Any]) -> WebhookRequest:
    """The JSON of a call as a message; what has no field there, such as the idempotency key, is left out."""
    request = _format_head(body)
    request.tracker.CopyFrom(_format_tracker({"sender_id": "", **(body.get("tracker") or {})}))
    if (domain := body.get("domain")) is not None:
        request.domain.CopyFrom(format_domain_message(domain))
    return request


def encode_domain(domain: Mapping[str, Any]) -> bytes:
    """The JSON of a domain as the bytes of a `Domain`."""
    return format_domain_message(domain).SerializeToString()


def format_domain_message(domain: Mapping[str, Any]) -> Domain:
    """The JSON of a domain as a message."""
    message = Domain()
    for name in ("config", "session_config", "slots", "responses", "forms"):
        if is_object(section := domain.get(name)):
            _fill(getattr(message, name), section)
    for name in ("intents", "entities", "actions"):
        for item in domain.get(name) or ():
            named = getattr(message, name).add()
            if is_object(item):
                _fill(named.dict_value, item)
            else:
                named.string_value = str(item)
    for item in domain.get("e2e_actions") or ():
        # The field holds objects only, and a text of an end-to-end story is none.
        _fill(message.e2e_actions.add(), item if is_object(item) else {"action_text": str(item)})
    return message


def parse_call(request: WebhookRequest) -> OpenData:
    """The call as its JSON, with a value for everything that a caller over HTTP would send."""
    call: OpenData = {
        "next_action": request.next_action,
        "sender_id": request.sender_id,
        "version": request.version,
        "tracker": _parse_tracker(request.tracker),
    }
    if request.HasField("domain_digest"):
        call["domain_digest"] = request.domain_digest
    if request.HasField("domain"):
        call["domain"] = _parse_domain(request.domain)
    return call


def _parse_tracker(tracker: Tracker) -> OpenData:
    parsed: OpenData = {
        "sender_id": tracker.sender_id,
        "slots": read_struct(tracker.slots),
        "latest_message": read_struct(tracker.latest_message),
        "events": [read_event(event) for event in tracker.events],
        "paused": tracker.paused,
        "followup_action": tracker.followup_action if tracker.HasField("followup_action") else None,
        "active_loop": dict(tracker.active_loop),
        "latest_action_name": tracker.latest_action_name if tracker.HasField("latest_action_name") else None,
        "stack": [read_struct(frame) for frame in tracker.stack],
    }
    if tracker.HasField("user_id"):
        parsed["user_id"] = tracker.user_id
    return parsed


class _Named(Protocol):
    """An `Intent`, `Entity` or `Action` of a domain."""

    string_value: str
    dict_value: Struct

    def HasField(self, field_name: Any, /) -> bool: ...  # noqa: N802


def _parse_domain(domain: Domain) -> OpenData:
    return {
        "config": read_struct(domain.config),
        "session_config": read_struct(domain.session_config),
        "intents": _parse_named(domain.intents),
        "entities": _parse_named(domain.entities),
        "slots": read_struct(domain.slots),
        "responses": read_struct(domain.responses),
        "actions": _parse_named(domain.actions),
        "forms": read_struct(domain.forms),
        "e2e_actions": [read_struct(item) for item in domain.e2e_actions],
    }


def _parse_named(items: Iterable[_Named]) -> list[object]:
    """Names and objects, as over HTTP."""
    return [
        read_struct(item.dict_value) if item.HasField("dict_value") else item.string_value for item in items
    ]


def format_answer(answer: Mapping[str, Any]) -> WebhookResponse:
    """The JSON of an answer as a message."""
    response = WebhookResponse()
    for event in answer.get("events") or ():
        response.events.add().MergeFromString(encode_struct(event))
    for message in answer.get("responses") or ():
        response.responses.add().MergeFromString(encode_struct(message))
    return response


def parse_answer_message(response: WebhookResponse) -> OpenData:
    """The answer as its JSON."""
    return {
        "events": [read_struct(event) for event in response.events],
        "responses": [read_struct(message) for message in response.responses],
    }


def format_chunk(response_id: str, piece: Mapping[str, Any]) -> Chunk:
    """A piece of a streamed message; what the protocol has no field for is left out."""
    chunk = Chunk(response_id=response_id)
    for name in ("text", "image", "attachment"):
        if (value := piece.get(name)) is not None:
            setattr(chunk, name, value if isinstance(value, str) else msgspec.json.encode(value).decode())
    if (custom := piece.get("custom")) is not None:
        _fill(chunk.custom, custom)
    for name in ("buttons", "elements"):
        for item in piece.get(name) or ():
            _fill(getattr(chunk, name).add(), item)
    return chunk


def parse_chunk(chunk: Chunk) -> OpenData:
    """The piece as a response of the protocol, with those fields that are set."""
    piece: OpenData = {
        name: value for name in ("text", "image", "attachment") if (value := getattr(chunk, name))
    }
    if chunk.HasField("custom"):
        piece["custom"] = read_struct(chunk.custom)
    for name in ("buttons", "elements"):
        if items := [read_struct(item) for item in getattr(chunk, name)]:
            piece[name] = items
    return piece


def _fill(message: Struct, data: object) -> None:
    if is_object(data):
        message.SetInParent()
        message.MergeFromString(encode_struct(data))
