"""Who may come in: counts what is under way, and turns newcomers away while the server closes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from duologue.serving.errors import CutOffError, ServerClosingError, TooSlowError


class Admission:
    """The state of a server's door."""

    def __init__(self, *, seconds: float) -> None:
        """`seconds`: how long anything may take."""
        self.is_parting = False
        """Clients are asked to close their connections; requests are taken as ever."""
        self.is_draining = False
        """Load balancers are told to send nothing more; requests are still taken."""
        self.is_closing = False
        """What is new is refused."""
        self._seconds = seconds
        self._under_way: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @contextlib.asynccontextmanager
    async def admit(self) -> AsyncGenerator[None, None]:
        """Inside it something is under way.

        Raises:
            ServerClosingError: the server takes nothing new.
            CutOffError: it closed before this was done.
            TooSlowError: it took too long and was cut off.
        """
        if self.is_closing:
            raise self.describe_refusal()
        limit = asyncio.timeout(self._seconds)
        self._under_way.add(limit)
        self._idle.clear()
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            raise (self.describe_cut() if self.is_closing else self.describe_timeout(self._seconds)) from None
        finally:
            self._under_way.discard(limit)
            if not self._under_way:
                self._idle.set()

    def describe_refusal(self) -> ServerClosingError:
        return ServerClosingError("The server is shutting down; send the request again in a moment.")

    def describe_cut(self) -> CutOffError:
        return CutOffError(
            "The server is shutting down before the request was done; send it again in a moment."
        )

    def describe_timeout(self, seconds: float) -> TooSlowError:
        return TooSlowError(f"The request was not done within {seconds:g} seconds, and was cut off.")

    def begin_parting(self) -> None:
        """From now on each answer is the last one on its connection."""
        self.is_parting = True

    def begin_draining(self) -> None:
        """From now on the server says that it is not ready."""
        self.is_parting = self.is_draining = True

    def begin_closing(self) -> None:
        """From now on what is new is refused."""
        self.is_parting = self.is_draining = self.is_closing = True

    async def wait_until_idle(self, seconds: float) -> bool:
        """Whether everything under way ended within the time."""
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
