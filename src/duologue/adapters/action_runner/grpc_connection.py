"""The methods of one action server over one channel."""

import grpc

from duologue.adapters.action_runner.grpc_channel import open_channel
from duologue.adapters.action_runner.grpc_failures import refuse_connection
from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.wire.grpc.messages import ActionsResponse, StreamChunkAck
from duologue.wire.grpc.methods import (
    ACK_STREAM_CHUNKS,
    ACTIONS,
    JSON_WEBHOOK,
    JSON_WEBHOOK_STREAM,
    WEBHOOK,
    WEBHOOK_STREAM,
)

Metadata = tuple[tuple[str, str], ...]

_ACK_SECONDS = 5.0


class CallMethods:
    """The two ways in which a server is called. Calls go out and answers come in as bytes: most of a call is encoded
    already, and an answer may be of any size."""

    def __init__(self, channel: grpc.aio.Channel, run: str, stream: str) -> None:
        self.run = channel.unary_unary(run, _pass, _pass)
        self.stream = channel.unary_stream(stream, _pass, _pass)
        self.can_stream = True
        """False once the server said that it has no such method: servers older than that are told by trying."""


class GrpcConnection:
    """What can be called on a server, as far as it is known."""

    def __init__(self, options: ActionServerOptions) -> None:
        self.channel = open_channel(options)
        self.methods = CallMethods(self.channel, WEBHOOK, WEBHOOK_STREAM)
        self.json_methods = CallMethods(self.channel, JSON_WEBHOOK, JSON_WEBHOOK_STREAM)
        self.takes_json = True
        """False once the server said that it does not have `json_methods`."""
        self.list = self.channel.unary_unary(ACTIONS, _pass, ActionsResponse.FromString)
        self._acknowledge = self.channel.unary_unary(ACK_STREAM_CHUNKS, _pass, _pass)

    async def require_ready(self, action_name: str) -> None:
        """Return when there is a connection; what fails later than that may have reached the server.

        Raises:
            AttemptError: there is none to be had.
        """
        while (state := self.channel.get_state(try_to_connect=True)) is not grpc.ChannelConnectivity.READY:
            if state in {grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN}:
                raise refuse_connection(action_name)
            # A server that was started anew may be a newer one.
            self.methods.can_stream = self.json_methods.can_stream = self.takes_json = True
            await self.channel.wait_for_state_change(state)

    async def acknowledge(self, response_id: str, metadata: Metadata) -> None:
        """Say that a streamed message is not listened to any more."""
        request = StreamChunkAck(response_id=response_id).SerializeToString()
        await self._acknowledge(request, timeout=_ACK_SECONDS, metadata=metadata)


def _pass(content: bytes) -> bytes:
    return content
