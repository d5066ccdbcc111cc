"""One streamed call: pieces go to the listener as they come, and the server is told when nobody listens any more."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

import grpc

from duologue.adapters.action_runner.answer import check_response
from duologue.adapters.action_runner.grpc_answer import Fail, MessageReader
from duologue.ports.action_runner import ReplyStream
from duologue.wire.grpc.calls import parse_chunk
from duologue.wire.grpc.messages import Chunk, WebhookResponse, WebhookStreamEvent
from duologue.wire.members import MalformedError

LEFT_SECONDS = 35.0
"""How long an action may go on after its listener has left; servers themselves give it 30 seconds."""

Acknowledge = Callable[[str], Awaitable[object]]
ByteStream: TypeAlias = "grpc.aio.UnaryStreamCall[bytes, bytes]"


class StreamReading:
    """Reads the events of one stream."""

    def __init__(
        self,
        replies: ReplyStream,
        reader: MessageReader,
        *,
        acknowledge: Acknowledge,
        fail: Fail,
        largest: int,
        patience: float,
    ) -> None:
        """`acknowledge` tells the server that a message is not listened to any more, by its id.

        `largest`: bytes of the whole stream. `patience`: seconds for the action to end after that.
        """
        self.has_shown = False
        """Whether the listener saw anything of it."""
        self._replies = replies
        self._reader = reader
        self._acknowledge = acknowledge
        self._fail = fail
        self._left_to_take = largest
        self._patience = patience
        self._response_id: str | None = None
        self._is_left = False
        self._acknowledged: set[str] = set()

    async def read(self, call: ByteStream) -> WebhookResponse:
        """The final result.

        Raises:
            grpc.aio.AioRpcError: the stream ended with a status that is not OK.
            ActionError: it is not what the protocol says.
        """
        watching = asyncio.create_task(self._watch())
        try:
            return await self._read_all(call, watching)
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    async def _read_all(self, call: ByteStream, watching: "asyncio.Task[None]") -> WebhookResponse:
        deadline = asyncio.timeout(None)
        watching.add_done_callback(lambda _: self._limit(deadline))
        result: WebhookResponse | None = None
        try:
            async with deadline:
                async for content in call:
                    if (given := await self._take(content)) is not None:
                        result = given
        except TimeoutError as error:
            if not deadline.expired():
                raise
            seconds = f"{self._patience:g} s"
            raise self._fail(f"went on for more than {seconds} after its listener had left") from error
        if result is None:
            raise self._fail("ended its stream without a result")
        await self._end()
        return result

    def _limit(self, deadline: asyncio.Timeout) -> None:
        if self._is_left and not deadline.expired():
            with suppress(RuntimeError):  # the stream has ended in the meantime
                deadline.reschedule(asyncio.get_running_loop().time() + self._patience)

    async def _watch(self) -> None:
        """Notice that the listener leaves, even while the action says nothing."""
        await self._replies.wait_until_left()
        self._is_left = True
        await self._tell()

    async def _tell(self) -> None:
        response_id = self._response_id
        if response_id is None or response_id in self._acknowledged:
            return
        self._acknowledged.add(response_id)
        with suppress(grpc.aio.AioRpcError, grpc.aio.UsageError):
            # A server that does not understand it goes on, and what it says is dropped here.
            await self._acknowledge(response_id)

    async def _take(self, content: bytes) -> WebhookResponse | None:
        self._left_to_take -= len(content)
        if self._left_to_take < 0:
            raise self._fail("streams more than an answer may have")
        event = await self._reader.read(WebhookStreamEvent, content, self._fail)
        match event.WhichOneof("event"):
            case "chunk_start":
                await self._begin(event.chunk_start.response_id)
            case "chunk":
                await self._add(event.chunk)
            case "chunk_end":
                await self._end()
            case "final_result":
                return event.final_result
            case _:  # an error, whose status follows; or something newer
                pass
        return None

    async def _begin(self, response_id: str) -> None:
        await self._end()
        self._response_id = response_id
        if self._is_left:
            await self._tell()
            return
        self.has_shown = True
        await self._replies.begin()

    async def _add(self, chunk: Chunk) -> None:
        if self._response_id is None:
            await self._begin(chunk.response_id)
        if self._is_left:
            return
        try:
            piece = check_response(parse_chunk(chunk))
        except MalformedError as error:
            raise self._fail(f"streams something that is of no use: {str(error).rstrip('.')}") from error
        await self._replies.add(piece)

    async def _end(self) -> None:
        if self._response_id is None:
            return
        self._response_id = None
        if not self._is_left:
            await self._replies.end()
