"""The way to an action server over gRPC."""

import contextlib
from collections.abc import AsyncIterable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import grpc
import grpc.aio
import msgspec
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2

from duologue.testing.conformance.actions.answers import (
    Answer,
    Json,
    Outcome,
    Streamed,
    StreamEvent,
    StreamStep,
)
from duologue.testing.conformance.actions.door import (
    CALL_SECONDS,
    LeaveError,
    Listener,
    MismatchError,
    Transport,
    UnreachableError,
)
from duologue.wire.grpc import messages

FEATURES_NAME = "duologue-features"
HEALTH_NAMES = ("", "ActionServer")
_SERVICE = "/action_server_webhook.ActionService/"
_FOREIGN_TRACKER = frozenset(field.name for field in messages.Tracker.DESCRIPTOR.fields)
_FOREIGN_DOMAIN = frozenset(field.name for field in messages.Domain.DESCRIPTOR.fields)
_LARGEST = 64 * 1024 * 1024


class GrpcDoor:
    """Speaks to the server at `HOST:PORT`; with TLS if authorities or a certificate are given."""

    transport = Transport.GRPC

    def __init__(
        self,
        address: str,
        *,
        authorities: bytes | None = None,
        certificate: bytes | None = None,
        key: bytes | None = None,
    ) -> None:
        self._address = address
        options = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
        if authorities is None and certificate is None:
            self._channel = grpc.aio.insecure_channel(address, options)
        else:
            credentials = grpc.ssl_channel_credentials(authorities, key, certificate)
            self._channel = grpc.aio.secure_channel(address, credentials, options)

    async def find_features(self) -> frozenset[str]:
        call = self._open("Actions", messages.ActionsResponse)(
            messages.ActionsRequest(), timeout=CALL_SECONDS
        )
        try:
            await call
        except grpc.aio.AioRpcError as error:
            raise MismatchError(f"The rpc Actions ends in {error.code().name}: {error.details()}.") from error
        return _read_features(await call.initial_metadata())

    async def check_health(self) -> None:
        method: Any = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=_serialize,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        for name in HEALTH_NAMES:
            try:
                answer = await method(health_pb2.HealthCheckRequest(service=name), timeout=CALL_SECONDS)
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAVAILABLE:
                    raise UnreachableError(
                        f"Nobody answers at {self._address}: {error.details()}."
                    ) from error
                raise MismatchError(
                    f"grpc.health.v1 ends in {error.code().name} for the service {name!r}: {error.details()}."
                ) from error
            if answer.status != health_pb2.HealthCheckResponse.SERVING:
                raise MismatchError(
                    f"grpc.health.v1 says {answer.status} of the service {name!r}, not SERVING."
                )

    async def list_actions(self) -> list[str]:
        try:
            answer = await self._open("Actions", messages.ActionsResponse)(
                messages.ActionsRequest(), timeout=CALL_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            raise MismatchError(f"The rpc Actions ends in {error.code().name}: {error.details()}.") from error
        listed = [_to_json(item) for item in answer.actions]
        if not all(isinstance(item.get("name"), str) for item in listed):
            raise MismatchError(f"The rpc Actions answers {listed}, where every action has a `name`.")
        return [item["name"] for item in listed]

    async def call(self, body: Json, *, key: str | None = None) -> Answer:
        return await self._call(make_request(body), metadata=_make_metadata(key))

    async def call_compressed(self, body: Json) -> Answer:
        """Run an action; the message travels compressed."""
        return await self._call(make_request(body), compression=grpc.Compression.Gzip)

    # Options of the call, passed on.
    async def _call(self, request: Message, **options: Any) -> Answer:
        method = self._open("Webhook", messages.WebhookResponse)
        call = method(request, timeout=CALL_SECONDS, **options)
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            return _read_error(error)
        return _read_result(answer, _read_features(await call.initial_metadata()))

    async def stream(
        self, body: Json, listener: Listener | None = None, *, key: str | None = None
    ) -> Streamed:
        method = self._channel.unary_stream(
            f"{_SERVICE}WebhookStream",
            request_serializer=_serialize,
            response_deserializer=messages.WebhookStreamEvent.FromString,
        )
        call: Any = method(make_request(body), metadata=_make_metadata(key), timeout=CALL_SECONDS)
        try:
            return await _hear(call, listener)
        finally:
            call.cancel()

    async def acknowledge(self, response_id: str) -> None:
        method = self._open("AckStreamChunks", empty_pb2.Empty)
        try:
            await method(messages.StreamChunkAck(response_id=response_id), timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise MismatchError(
                f"The rpc AckStreamChunks ends in {error.code().name}: {error.details()}."
            ) from error

    async def can_stream(self) -> bool:
        """Say whether the server has `WebhookStream` at all."""
        streamed = await self.stream({"sender_id": "conformance", "tracker": {"sender_id": "conformance"}})
        return streamed.answer.outcome is not Outcome.NO_SUCH_CALL

    async def close(self) -> None:
        await self._channel.close()

    # The methods of a channel have no types of their own.
    def _open(self, name: str, answer: type[Message]) -> Any:
        return self._channel.unary_unary(
            f"{_SERVICE}{name}",
            request_serializer=_serialize,
            response_deserializer=answer.FromString,
        )


async def _hear(call: AsyncIterable[Any], listener: Listener | None) -> Streamed:
    events: list[StreamEvent] = []
    answer: Answer | None = None
    try:
        async for message in call:
            event = _read_event(message)
            events.append(event)
            if event.step is StreamStep.RESULT:
                answer = _read_result(message.final_result, frozenset())
            if listener is not None:
                await listener(event)
    except LeaveError:
        return Streamed(events=tuple(events), answer=Answer(outcome=Outcome.NOTHING, status="CANCELLED"))
    except grpc.aio.AioRpcError as error:
        return Streamed(events=tuple(events), answer=_read_error(error))
    if answer is None:
        answer = Answer(outcome=Outcome.NOTHING, status="OK")
    return Streamed(events=tuple(events), answer=answer)


def make_request(body: Json) -> messages.WebhookRequest:
    """A call's JSON as the message; members that the message has no place for stay out."""
    request = messages.WebhookRequest(
        next_action=body.get("next_action", ""),
        sender_id=body.get("sender_id", ""),
        version=body.get("version", ""),
    )
    ParseDict(_select(body.get("tracker") or {}, _FOREIGN_TRACKER), request.tracker)
    if (domain := body.get("domain")) is not None:
        # Set even if it is empty, so that an empty domain is not the same as none.
        request.domain.SetInParent()
        lists = {
            name: [_wrap(item) for item in domain.get(name, [])]
            for name in ("intents", "entities", "actions")
        }
        ParseDict(_select({**domain, **lists}, _FOREIGN_DOMAIN), request.domain)
    if (digest := body.get("domain_digest")) is not None:
        request.domain_digest = digest
    return request


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


def _select(members: Mapping[str, Any], known: Iterable[str]) -> Json:
    return {name: value for name, value in members.items() if name in known and value is not None}


def _wrap(item: Any) -> Json:
    return {"string_value": item} if isinstance(item, str) else {"dict_value": item}


def _make_metadata(key: str | None) -> tuple[tuple[str, str], ...]:
    return () if key is None else (("idempotency-key", quote(key, safe="/")),)


def _read_result(answer: Any, features: frozenset[str]) -> Answer:
    return Answer(
        outcome=Outcome.RESULT,
        status="OK",
        events=tuple(_to_json(event) for event in answer.events),
        responses=tuple(_to_json(response) for response in answer.responses),
        features=features,
    )


def _read_error(error: grpc.aio.AioRpcError) -> Answer:
    details: Json = {}
    with contextlib.suppress(msgspec.MsgspecError):
        details = msgspec.json.decode((error.details() or "").encode(), type=Json)
    name = details.get("action_name")
    match error.code(), details.get("resource_type"):
        case grpc.StatusCode.NOT_FOUND, "ACTION":
            outcome = Outcome.UNKNOWN_ACTION
        case grpc.StatusCode.NOT_FOUND, "DOMAIN":
            outcome = Outcome.NEEDS_DOMAIN
        case grpc.StatusCode.INTERNAL, _ if name is not None:
            outcome = Outcome.REJECTED
        case grpc.StatusCode.UNIMPLEMENTED, _:
            outcome = Outcome.NO_SUCH_CALL
        case _:
            outcome = Outcome.FAILED
    return Answer(
        outcome=outcome,
        status=error.code().name,
        action_name=name,
        text=str(details.get("message") or error.details() or ""),
        # An answer without a body carries its metadata at its end.
        features=_read_features([*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())]),
    )


def _read_event(message: Any) -> StreamEvent:
    kind = message.WhichOneof("event")
    if kind is None:
        raise MismatchError(
            "A message of a stream has none of chunk_start, chunk, chunk_end, final_result, error."
        )
    step = StreamStep(kind)
    content = getattr(message, kind)
    response_id = getattr(content, "response_id", "")
    piece = _to_json(content) if step is StreamStep.PIECE else {}
    piece.pop("response_id", None)
    return StreamEvent(step=step, response_id=response_id, piece=piece)


def _read_features(metadata: Iterable[tuple[str, str | bytes]] | None) -> frozenset[str]:
    pairs = dict(metadata or ())
    return frozenset(str(pairs.get(FEATURES_NAME, "")).split())


def _to_json(message: Message) -> Json:
    return MessageToDict(message, preserving_proto_field_name=True)
