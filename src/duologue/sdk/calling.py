"""Call an author's function where it does no harm: plain ones in a worker thread, `async` ones on the loop."""

import asyncio
import contextvars
import inspect
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

import msgspec

_workers: contextvars.ContextVar[Executor | None] = contextvars.ContextVar(
    "duologue_sdk_workers", default=None
)


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    value: Any = None
    error: BaseException | None = None


# What authors' functions take and give is theirs to choose, hence `Any`.
async def call_author(function: Callable[..., Any], *args: Any) -> Any:
    """Call an author's function with the current call's context, and wait for what it gives."""
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    value = await _call_in_thread(function, *args)
    return await value if inspect.isawaitable(value) else value


def has_workers() -> bool:
    """Say whether an executor of ours runs the current action, and plain functions have threads of their own."""
    return _workers.get() is not None


@contextmanager
def workers_for_plain_functions(workers: Executor) -> Generator[None, None, None]:
    """Let plain functions called in this task run on these threads."""
    token = _workers.set(workers)
    try:
        yield
    finally:
        _workers.reset(token)


async def _call_in_thread(function: Callable[..., Any], *args: Any) -> Any:
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()

    def call() -> _Outcome:
        return context.run(_call_and_catch, function, args)

    outcome = await loop.run_in_executor(_workers.get(), call)
    if outcome.error is not None:
        raise outcome.error
    return outcome.value


def _call_and_catch(function: Callable[..., Any], args: tuple[Any, ...]) -> _Outcome:
    try:
        return _Outcome(value=function(*args))
    except StopIteration as error:
        # A coroutine may not raise it, and a future never hands it on: `next(…)` on nothing would hang the turn.
        stopped = RuntimeError("next() found nothing; give it a default: next(…, None)")
        stopped.__cause__ = error
        return _Outcome(error=stopped.with_traceback(error.__traceback__))
    except (Exception, SystemExit) as error:
        return _Outcome(error=error)
