"""The service of the action protocol: what a caller uses, and what a server answers with."""

# pyright: basic
# ruff: noqa: N802, PLR0917 - names and parameters are those that the compiler of protocol buffers gives.
# Both kinds of servers and channels of grpc pass through here, which comes without types.

from typing import Any

import grpc
from google.protobuf import empty_pb2

from . import action_webhook_pb2 as messages

_SERVICE = "action_server_webhook.ActionService"

# Method -> the message it takes, the message it gives, and whether it gives many.
_METHODS: dict[str, tuple[Any, Any, bool]] = {
    "Webhook": (messages.WebhookRequest, messages.WebhookResponse, False),
    "WebhookStream": (messages.WebhookRequest, messages.WebhookStreamEvent, True),
    "AckStreamChunks": (messages.StreamChunkAck, empty_pb2.Empty, False),
    "Actions": (messages.ActionsRequest, messages.ActionsResponse, False),
}


class ActionServiceStub:
    """Calls an action server over a channel."""

    def __init__(self, channel: Any) -> None:
        self.Webhook = _open(channel, "Webhook")
        self.WebhookStream = _open(channel, "WebhookStream")
        self.AckStreamChunks = _open(channel, "AckStreamChunks")
        self.Actions = _open(channel, "Actions")


class ActionServiceServicer:
    """Answers calls; a server overrides each method."""

    def Webhook(self, request: Any, context: Any) -> Any:
        """Run one action."""
        return _refuse(context)

    def WebhookStream(self, request: Any, context: Any) -> Any:
        """Run one action; what it streams comes while it runs."""
        return _refuse(context)

    def AckStreamChunks(self, request: Any, context: Any) -> Any:
        """Hear that nobody listens any more to a streamed message."""
        return _refuse(context)

    def Actions(self, request: Any, context: Any) -> Any:
        """List the actions."""
        return _refuse(context)


def add_ActionServiceServicer_to_server(servicer: Any, server: Any) -> None:
    """Let a server answer calls with this object."""
    handlers = {}
    for name, (request, response, gives_many) in _METHODS.items():
        make = grpc.unary_stream_rpc_method_handler if gives_many else grpc.unary_unary_rpc_method_handler
        handlers[name] = make(
            getattr(servicer, name),
            request_deserializer=request.FromString,
            response_serializer=response.SerializeToString,
        )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
    server.add_registered_method_handlers(_SERVICE, handlers)


class ActionService:
    """Calls an action server once, without a channel of one's own."""

    @staticmethod
    def Webhook(
        request: Any,
        target: str,
        options: Any = (),
        channel_credentials: Any = None,
        call_credentials: Any = None,
        insecure: bool = False,
        compression: Any = None,
        wait_for_ready: bool | None = None,
        timeout: float | None = None,
        metadata: Any = None,
    ) -> Any:
        """Run one action."""
        return _call_once(
            "Webhook",
            request,
            target,
            options,
            channel_credentials,
            insecure,
            call_credentials,
            compression,
            wait_for_ready,
            timeout,
            metadata,
        )

    @staticmethod
    def WebhookStream(
        request: Any,
        target: str,
        options: Any = (),
        channel_credentials: Any = None,
        call_credentials: Any = None,
        insecure: bool = False,
        compression: Any = None,
        wait_for_ready: bool | None = None,
        timeout: float | None = None,
        metadata: Any = None,
    ) -> Any:
        """Run one action; what it streams comes while it runs."""
        return _call_once(
            "WebhookStream",
            request,
            target,
            options,
            channel_credentials,
            insecure,
            call_credentials,
            compression,
            wait_for_ready,
            timeout,
            metadata,
        )

    @staticmethod
    def AckStreamChunks(
        request: Any,
        target: str,
        options: Any = (),
        channel_credentials: Any = None,
        call_credentials: Any = None,
        insecure: bool = False,
        compression: Any = None,
        wait_for_ready: bool | None = None,
        timeout: float | None = None,
        metadata: Any = None,
    ) -> Any:
        """Say that nobody listens any more to a streamed message."""
        return _call_once(
            "AckStreamChunks",
            request,
            target,
            options,
            channel_credentials,
            insecure,
            call_credentials,
            compression,
            wait_for_ready,
            timeout,
            metadata,
        )

    @staticmethod
    def Actions(
        request: Any,
        target: str,
        options: Any = (),
        channel_credentials: Any = None,
        call_credentials: Any = None,
        insecure: bool = False,
        compression: Any = None,
        wait_for_ready: bool | None = None,
        timeout: float | None = None,
        metadata: Any = None,
    ) -> Any:
        """List the actions."""
        return _call_once(
            "Actions",
            request,
            target,
            options,
            channel_credentials,
            insecure,
            call_credentials,
            compression,
            wait_for_ready,
            timeout,
            metadata,
        )


def _open(channel: Any, name: str) -> Any:
    request, response, gives_many = _METHODS[name]
    open_method = channel.unary_stream if gives_many else channel.unary_unary
    return open_method(
        f"/{_SERVICE}/{name}",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
        _registered_method=True,
    )


def _call_once(name: str, request: Any, target: str, *given: Any) -> Any:
    takes, gives, gives_many = _METHODS[name]
    experimental: Any = grpc.experimental  # pyright: ignore[reportAttributeAccessIssue] - grpc has it all the same
    call = experimental.unary_stream if gives_many else experimental.unary_unary
    return call(
        request,
        target,
        f"/{_SERVICE}/{name}",
        takes.SerializeToString,
        gives.FromString,
        *given,
        _registered_method=True,
    )


def _refuse(context: Any) -> Any:
    context.set_code(grpc.StatusCode.UNIMPLEMENTED)
    context.set_details("Method not implemented!")
    raise NotImplementedError("Method not implemented!")
