"""One turn at a time for each conversation, in the order in which they came."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from duologue.core.ids import ConversationId


class LockStore(Protocol):
    """Keeps turns of one conversation in order. Saves wasted work; correctness never rests on it."""

    def hold(self, conversation_id: ConversationId) -> AbstractAsyncContextManager[None]:
        """Hold the conversation's lock inside the `async with`.

        Fair: waiters get it in the order in which they began to wait. Different conversations never wait for
        each other. A waiter that is cancelled leaves the queue without disturbing the others.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
