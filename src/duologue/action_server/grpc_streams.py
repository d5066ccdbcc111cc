"""What an action streams, written to its caller piece by piece, until the caller says that nobody listens."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from duologue.sdk.dispatcher import CollectingDispatcher, Message
from duologue.wire.grpc.calls import format_chunk
from duologue.wire.grpc.messages import ChunkEnd, ChunkStart, WebhookStreamEvent

Write = Callable[[WebhookStreamEvent], Awaitable[None]]


class OpenStreams:
    """The streamed messages that are being said right now, by their ids."""

    def __init__(self) -> None:
        self._streams: dict[str, StreamedCall] = {}

    def add(self, response_id: str, stream: "StreamedCall") -> None:
        self._streams[response_id] = stream

    def discard(self, response_id: str) -> None:
        self._streams.pop(response_id, None)

    def leave(self, response_id: str) -> bool:
        """Nobody listens to this message any more; False if it is said already."""
        stream = self._streams.get(response_id)
        if stream is None:
            return False
        stream.leave()
        return True


class StreamedCall:
    """One call of an action whose messages are streamed.

    A piece is taken when the transport has taken it: an action that says more than its caller reads has to wait.
    """

    def __init__(self, write: Write, streams: OpenStreams) -> None:
        self.dispatcher = CollectingDispatcher(self._take)
        self.left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once the listener has left."""
        self.is_interrupted = False
        """Whether an event was cut off on its way to the caller, after which no other one can go there."""
        self._write_event = write
        self._streams = streams
        self._response_id = ""
        # An action may stream from several tasks, and a stream takes one piece at a time.
        self._turn = asyncio.Lock()

    def leave(self) -> None:
        """Nobody listens any more: the action is told, and what it still says is dropped."""
        self.dispatcher.cancel_stream()
        if not self.left.done():
            self.left.set_result(None)

    def close(self) -> None:
        """The call is over."""
        self._streams.discard(self._response_id)

    async def write(self, event: WebhookStreamEvent) -> None:
        """Hand an event over, unless one before it never got through."""
        if self.is_interrupted:
            return
        self.is_interrupted = True
        await self._write_event(event)
        self.is_interrupted = False

    async def _take(self, piece: Message) -> None:
        async with self._turn:
            if self.left.done():
                # An action that begins another message is told again.
                self.dispatcher.cancel_stream()
                return
            match piece["event"]:
                case "stream_start":
                    await self._begin()
                case "stream_end":
                    self._streams.discard(self._response_id)
                    await self.write(WebhookStreamEvent(chunk_end=ChunkEnd(response_id=self._response_id)))
                case _:
                    await self.write(WebhookStreamEvent(chunk=format_chunk(self._response_id, piece)))

    async def _begin(self) -> None:
        self._streams.discard(self._response_id)
        self._response_id = uuid.uuid4().hex
        self._streams.add(self._response_id, self)
        await self.write(WebhookStreamEvent(chunk_start=ChunkStart(response_id=self._response_id)))
