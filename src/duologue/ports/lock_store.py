"""One turn at a time for each conversation, in the order in which they came."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from duologue.core.ids import ConversationId


class LockHold(msgspec.Struct, kw_only=True):
    """A lock that is held."""

    fence: int
    """Grows with every hold of the same conversation, as long as the lock store remembers it: a system that is told
    the number can refuse whoever comes with a lower one."""
    is_lost: bool = False
    """The lock store could not keep the lock for us; somebody else may hold it by now."""


class LockStore(Protocol):
    """Keeps turns of one conversation in order. Saves wasted work; correctness never rests on it."""

    def hold(self, conversation_id: ConversationId) -> AbstractAsyncContextManager[LockHold]:
        """Hold the conversation's lock inside the `async with`.

        Fair: waiters get it in the order in which they began to wait. Different conversations never wait for
        each other. A waiter that is cancelled leaves the queue without disturbing the others.

        A lock store that cannot be reached costs time and order among processes, and raises nothing: the lock is then
        held in this process only.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
