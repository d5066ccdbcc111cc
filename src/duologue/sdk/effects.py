"""A transaction that an action shares with the store of results: its effect and its result are kept together, or neither."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from duologue.sdk.errors import SdkError


class NoSharedTransactionError(SdkError):
    """`effect_transaction` was asked for where there is no store to share one with."""


class TransactionSource(Protocol):
    """Gives the running call its transaction. The connection is the driver's, hence `Any`."""

    async def begin(self) -> Any:
        """The connection of the call's transaction, which begins when it is asked for first."""
        ...

    async def cancel(self) -> None:
        """Undo what was done in it."""
        ...


_source: ContextVar[TransactionSource | None] = ContextVar("duologue_sdk_transactions", default=None)


@asynccontextmanager
async def effect_transaction() -> AsyncGenerator[Any]:
    """Do something in the database of remembered results that is committed together with the call's result.

    Gives a `sqlite3.Connection` or an `asyncpg.Connection`, whichever database the action server remembers in. Leave
    commit and rollback alone: all is committed when the action returns, and undone when it raises. An error that
    leaves the block undoes it at once, so that an action which catches it may still answer something.
    """
    source = _source.get()
    if source is None:
        raise NoSharedTransactionError(
            "There is no transaction to share here: start the action server with --remember sqlite:///… or"
            " postgresql://…, and use it in actions that are remembered."
        )
    connection = await source.begin()
    try:
        yield connection
    except BaseException:
        await source.cancel()
        raise


@contextmanager
def offered_transactions(source: TransactionSource | None) -> Generator[None]:
    """Let `effect_transaction` use this source in all that runs inside; for servers, and for tests of actions."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
