"""A turn whose replies reach the client one by one, as soon as each is said."""

import asyncio
import contextlib

from starlette.types import Receive, Scope, Send

from duologue.channels.rest import RestChannel
from duologue.core.errors import DuologueError
from duologue.core.messages import BotMessage, ReplyPiece, UserMessage
from duologue.server.failure_body import format_error
from duologue.server.reception import Reception

STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class StreamedTurn:
    """An ASGI response that runs the turn itself, and cancels it when the client leaves."""

    def __init__(self, reception: Reception, channel: RestChannel, message: UserMessage) -> None:
        self._reception = reception
        self._channel = channel
        self._message = message
        self._is_started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        turn = asyncio.create_task(self._run(scope, receive, send))
        departure = asyncio.create_task(_wait_for_departure(receive))
        try:
            await asyncio.wait({turn, departure}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (turn, departure):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await departure
            with contextlib.suppress(asyncio.CancelledError):
                await turn

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def deliver(reply: BotMessage | ReplyPiece) -> None:
            await self._start(send)
            lines = self._channel.format_lines(self._message.conversation_id, reply)
            await send({"type": "http.response.body", "body": lines, "more_body": True})

        try:
            report = await self._reception.handle(self._message, deliver)
        except DuologueError as error:
            # Once lines are out the status cannot change; an unfinished body tells the client that it failed.
            if not self._is_started:
                await format_error(error)(scope, receive, send)
            return
        if not self._is_started:
            for reply in report.replies:
                await deliver(reply)
        await self._start(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        if not self._is_started:
            self._is_started = True
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})


async def _wait_for_departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
