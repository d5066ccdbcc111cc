"""The transaction of one call that its action shares with the store of results."""

from typing import Any, Protocol, runtime_checkable


class OpenTransaction(Protocol):
    """Work in the store's database that ends with the call's result."""

    @property
    def connection(self) -> Any:
        """The driver's own connection."""
        ...

    async def finish(self, result: bytes, *, now: float, keep: float) -> bool:
        """Commit it with the result; False, and nothing is committed, if somebody else has taken the call.

        Raises:
            StorageUnavailableError: there is no telling whether it was committed.
        """
        ...

    async def cancel(self) -> None:
        """Undo it."""
        ...


@runtime_checkable
class TransactionalStore(Protocol):
    """A result store whose database may hold the project's own tables."""

    async def begin_effects(self, key: str, fence: int) -> OpenTransaction:
        """Begin a transaction for the holder of a key.

        Raises:
            StorageUnavailableError: it cannot be had now.
        """
        ...


class CallTransaction:
    """The transaction of one call, begun when the action asks for it."""

    def __init__(self, store: TransactionalStore, key: str, fence: int) -> None:
        self._store = store
        self._key = key
        self._fence = fence
        self._open: OpenTransaction | None = None

    async def begin(self) -> Any:
        """The connection of the open transaction."""
        if self._open is None:
            self._open = await self._store.begin_effects(self._key, self._fence)
        return self._open.connection

    async def cancel(self) -> None:
        """Undo what was done in it, if anything was."""
        if self._open is not None:
            transaction, self._open = self._open, None
            await transaction.cancel()

    def take(self) -> OpenTransaction | None:
        """The open transaction, for whoever ends it; None if the action wants none."""
        transaction, self._open = self._open, None
        return transaction
