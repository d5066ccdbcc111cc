"""Waiting for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable

_PAUSE = 0.03


async def wait_until(
    is_true: Callable[[], Awaitable[bool]], seconds: float, describe: Callable[[], str]
) -> None:
    """Ask again and again until it is true.

    Raises:
        RuntimeError: it did not come true in that time; `describe` says what there is to see instead.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:  # another process sends no events
                if await is_true():
                    return
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise RuntimeError(f"{describe()} (after {seconds:g} s)") from None
