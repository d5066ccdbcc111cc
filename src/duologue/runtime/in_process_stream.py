"""What an action of this process streams, handed to its listener piece by piece."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from duologue.adapters.action_runner.answer import check_response, require_plain
from duologue.ports.action_runner import ReplyStream
from duologue.sdk.dispatcher import CollectingDispatcher, Message
from duologue.wire.members import is_object


class StreamedAction:
    """The dispatcher of one call, whose pieces go to the listener until nobody listens any more."""

    def __init__(self, action_name: str, replies: ReplyStream) -> None:
        self.dispatcher = CollectingDispatcher(self._take)
        self._action_name = action_name
        self._replies = replies
        self._is_left = False
        # An action may stream from several tasks; the listener takes one piece after the other.
        self._turn = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def listened_to(self) -> AsyncGenerator[CollectingDispatcher, None]:
        """While inside, the action is told as soon as the listener leaves."""
        watching = asyncio.create_task(self._watch())
        try:
            yield self.dispatcher
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    async def _watch(self) -> None:
        await self._replies.wait_until_left()
        self._is_left = True
        self.dispatcher.cancel_stream()

    async def _take(self, piece: Message) -> None:
        async with self._turn:
            if self._is_left:
                # An action that begins another message is told again.
                self.dispatcher.cancel_stream()
                return
            match piece["event"]:
                case "stream_start":
                    await self._replies.begin()
                case "stream_end":
                    await self._replies.end()
                case _:
                    await self._replies.add(check_response(self._make_plain(piece)))

    def _make_plain(self, piece: Message) -> Message:
        """The piece as it would have come over the network: a copy, since an author may go on with their own."""
        plain = require_plain(self._action_name, piece)
        assert is_object(plain)
        return {name: value for name, value in plain.items() if name != "event"}
