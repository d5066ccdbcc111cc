"""Where messages enter the assistant: counts the turns under way and turns newcomers away while closing."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from duologue.core.messages import UserMessage
from duologue.dialogue.turn import Deliver, TurnReport
from duologue.server.errors import ServerClosingError, TurnTimeoutError
from duologue.server.served_assistant import ServedAssistant

ReportListener = Callable[[TurnReport], None]


class Reception:
    """The only way from a route to the assistant."""

    def __init__(
        self, assistant: ServedAssistant, *, seconds: float, listeners: tuple[ReportListener, ...] = ()
    ) -> None:
        self.assistant = assistant
        self.is_parting = False
        """Clients are asked to close their connections; messages are taken as ever."""
        self.is_draining = False
        """Load balancers are told to send nothing more; messages are still taken."""
        self.is_closing = False
        """New messages are refused."""
        self._seconds = seconds
        self._listeners = listeners
        self._under_way: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def handle(self, message: UserMessage, deliver: Deliver | None = None) -> TurnReport:
        """Run a turn; the listeners hear of it once it is stored.

        Raises:
            ServerClosingError: the server takes no new message.
            TurnTimeoutError: the turn took too long and was cut off.
        """
        async with self._turn():
            report = await self.assistant.handle(message, deliver)
        for listener in self._listeners:
            listener(report)
        return report

    def begin_parting(self) -> None:
        """From now on each answer is the last one on its connection."""
        self.is_parting = True

    def begin_draining(self) -> None:
        """From now on the server says that it is not ready."""
        self.is_parting = self.is_draining = True

    def begin_closing(self) -> None:
        """From now on new messages are refused."""
        self.is_parting = self.is_draining = self.is_closing = True

    async def wait_until_idle(self, seconds: float) -> bool:
        """Whether every turn under way ended within the time."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def cut_off(self) -> None:
        """Tell those who still wait for an answer that there will be none."""
        for limit in self._under_way:
            limit.reschedule(asyncio.get_running_loop().time())

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None, None]:
        if self.is_closing:
            raise ServerClosingError("The server is shutting down; send the message again in a moment.")
        limit = asyncio.timeout(self._seconds)
        self._under_way.add(limit)
        self._idle.clear()
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            if self.is_closing:
                raise ServerClosingError(
                    "The server is shutting down before the turn was done; send the message again."
                ) from None
            raise TurnTimeoutError(
                f"No answer within {self._seconds:g} seconds; the turn was cut off."
            ) from None
        finally:
            self._under_way.discard(limit)
            if not self._under_way:
                self._idle.set()
