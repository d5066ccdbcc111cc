"""Plays one scripted reply to one client of a scripted model server, faults and all."""

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from duologue.testing.model_replies import Fault, ModelWire, ReceivedRequest, ScriptedReply

GARBAGE = b"\x00\xff\x16\x03 this is no HTTP \xfe\n\n"
_TRANSPORT = "duologue.transport"


class ClientGoneError(Exception):
    """The client went away before the answer was at its end."""


class BreakableProtocol(H11Protocol):
    """Hands the connection to the application, which can then break it as no HTTP server would."""

    def connection_made(self, transport: Any) -> None:  # as uvicorn has it
        super().connection_made(transport)
        serve: Any = self.app

        async def serve_with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            await serve({**scope, _TRANSPORT: transport}, receive, send)

        self.app = serve_with_transport


class ReplyPlayer:
    """Plays one reply to one client."""

    def __init__(
        self, wire: ModelWire, request: ReceivedRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._wire = wire
        self._request = request
        self._transport: asyncio.Transport = scope[_TRANSPORT]
        self._receive = receive
        self._send = send
        self._gone = asyncio.Event()

    async def play(self, reply: ScriptedReply) -> None:
        """Raises `ClientGoneError`."""
        watcher = asyncio.ensure_future(self._watch())
        try:
            await self._sleep(reply.delay)
            if reply.fault is not None and reply.fault_after is None:
                await self._break(reply.fault)
            elif reply.raw is not None or reply.status >= 400 or not self._request.is_streamed:
                await self._send_whole(reply)
            else:
                await self._send_stream(reply)
        finally:
            watcher.cancel()

    async def _watch(self) -> None:
        message: Message = {}
        while message.get("type") != "http.disconnect":
            message = await self._receive()
        self._gone.set()

    async def _sleep(self, seconds: float) -> None:
        """Wait, or find that the client has gone."""
        try:
            await asyncio.wait_for(self._gone.wait(), seconds)
        except TimeoutError:
            return
        raise ClientGoneError

    async def _send_whole(self, reply: ScriptedReply) -> None:
        if reply.raw is not None:
            body = reply.raw
        elif reply.status >= 400:
            body = self._wire.write_error(self._request, reply)
        else:
            body = self._wire.write_whole(self._request, reply)
        await self._send_head(reply, "application/json")
        await self._send_body(body, more=False)

    async def _send_stream(self, reply: ScriptedReply) -> None:
        await self._send_head(reply, self._wire.stream_type)
        await self._send_body(self._wire.write_start(self._request, reply))
        sent = 0
        pieces = reply.list_pieces()
        while True:
            for piece in pieces:
                if reply.fault is not None and sent == reply.fault_after:
                    await self._break(reply.fault)
                    return
                await self._sleep(reply.pause)
                await self._send_body(self._wire.write_piece(self._request, reply, piece))
                sent += 1
            if not reply.is_endless or not pieces:
                break
        if reply.fault is not None:
            await self._break(reply.fault)
            return
        await self._send_body(self._wire.write_end(self._request, reply), more=False)

    async def _break(self, fault: Fault) -> None:
        match fault:
            case Fault.STALL:
                await self._gone.wait()
                raise ClientGoneError
            case Fault.CUT:
                await self._send_body(b"", more=False)
            case Fault.CLOSE:
                self._transport.close()
            case Fault.RESET:
                linger = struct.pack("ii", 1, 0)
                self._transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, linger
                )
                self._transport.abort()
            case Fault.GARBAGE:
                self._transport.write(GARBAGE)
                self._transport.close()
        # Nothing can be said on this connection any more; uvicorn would complain that the answer is not complete.
        if fault is not Fault.CUT:
            await self._gone.wait()

    async def _send_head(self, reply: ScriptedReply, content_type: str) -> None:
        headers = {"content-type": reply.content_type or content_type, **reply.headers}
        await self._send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
        )

    async def _send_body(self, body: bytes, *, more: bool = True) -> None:
        if self._gone.is_set():
            raise ClientGoneError
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
