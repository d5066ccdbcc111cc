"""Replies on their way to a channel that shows them as they are said."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

from duologue.core.errors import DuologueError
from duologue.core.messages import BotMessage, ReplyPiece
from duologue.dialogue.turn import Deliver

_log = logging.getLogger(__name__)


class ListenerLeftError(DuologueError):
    """Nobody is there any more to take a reply."""


class Delivery:
    """Hands the replies of one message to its channel, each once, even if the turn has to be run again."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._shown: list[BotMessage | ReplyPiece] = []
        self._ahead: deque[BotMessage | ReplyPiece] = deque()
        self._under_way: asyncio.Future[None] | None = None
        self._departure = asyncio.Event()

    def begin(self) -> None:
        """A run of the turn begins: what an earlier run has shown is not shown again."""
        self._ahead = deque(self._shown)

    def cut_off(self) -> None:
        """The listener has gone; a reply that is being handed over is given up."""
        self._departure.set()
        if self._under_way is not None:
            self._under_way.cancel()

    async def wait_until_left(self) -> None:
        """Return when the listener has gone."""
        await self._departure.wait()

    async def show(self, reply: BotMessage | ReplyPiece) -> None:
        """Hand a reply over, or a piece of one that is still being said.

        Raises:
            ListenerLeftError: nobody took it. Whatever else the channel raises is raised once.
        """
        if self._ahead and self._ahead[0] == reply:
            self._ahead.popleft()
            return
        self._ahead.clear()  # this run goes another way: from here on everything is new
        if self._departure.is_set():
            raise ListenerLeftError("The listener has left.")
        await self._hand_over(reply)
        self._shown.append(reply)

    async def repeat(self, replies: Iterable[BotMessage]) -> None:
        """Hand over the stored replies of a message that was answered before, as far as anybody listens."""
        try:
            for reply in replies:
                await self.show(reply)
        except ListenerLeftError:
            pass
        except Exception as error:  # as in a turn: the channel's trouble is not the conversation's
            _log.warning("delivery.failed", exc_info=error)

    async def _hand_over(self, reply: BotMessage | ReplyPiece) -> None:
        self._under_way = asyncio.ensure_future(self._deliver(reply))
        try:
            await self._under_way
        except asyncio.CancelledError:
            if self._departure.is_set() and not _is_cancelled():
                raise ListenerLeftError("The listener left while a reply was handed over.") from None
            raise
        except Exception:
            self._departure.set()
            raise
        finally:
            self._under_way = None


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
