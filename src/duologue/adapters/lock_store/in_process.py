"""Locks among the turns of one process: the embedded default."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, suppress
from itertools import count
from types import TracebackType

from duologue.core.ids import ConversationId
from duologue.ports.lock_store import LockHold, LockStore

_Waiters = deque[asyncio.Future[None]]


class InProcessLockStore:
    """A lock store of one process and one event loop."""

    def __init__(self) -> None:
        # An entry is a lock that is held, with those who wait for it; nobody waits for most of them.
        self._held: dict[ConversationId, _Waiters | None] = {}
        self._fences = count(1)

    def hold(self, conversation_id: ConversationId) -> AbstractAsyncContextManager[LockHold]:
        return _Hold(self._held, self._fences, conversation_id)

    async def close(self) -> None:
        """Nothing to do: whoever holds a lock or waits for one finishes as usual."""


class _Hold:
    __slots__ = ("_conversation_id", "_fences", "_held")

    def __init__(
        self,
        held: dict[ConversationId, _Waiters | None],
        fences: Iterator[int],
        conversation_id: ConversationId,
    ) -> None:
        self._held = held
        self._fences = fences
        self._conversation_id = conversation_id

    async def __aenter__(self) -> LockHold:
        if self._conversation_id not in self._held:
            self._held[self._conversation_id] = None
        else:
            await self._wait()
        return LockHold(fence=next(self._fences))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    async def _wait(self) -> None:
        waiters = self._held[self._conversation_id]
        if waiters is None:
            waiters = self._held[self._conversation_id] = deque()
        turn_has_come = asyncio.get_running_loop().create_future()
        waiters.append(turn_has_come)
        try:
            await turn_has_come
        except asyncio.CancelledError:
            if turn_has_come.cancelled():
                with suppress(ValueError):
                    waiters.remove(turn_has_come)
            else:  # the lock was handed over in the moment of the cancellation
                self._release()
            raise

    def _release(self) -> None:
        # The lock goes straight to the next in line, so that nobody can slip in between.
        waiters = self._held[self._conversation_id]
        while waiters:
            turn_has_come = waiters.popleft()
            if not turn_has_come.done():
                turn_has_come.set_result(None)
                return
        del self._held[self._conversation_id]


async def open_store() -> LockStore:
    """A new store with no lock held."""
    return InProcessLockStore()
