"""Waiting for a store that cannot be reached yet: in many places everything is started at the same time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from duologue.core.errors import StorageUnavailableError

_PAUSE = 1.0
"""Seconds between two attempts."""

_log = logging.getLogger(__name__)

Store = TypeVar("Store")


async def open_when_reachable(opener: Callable[[], Awaitable[Store]], seconds: float, *, event: str) -> Store:
    """The store, once it can be reached; that it is waited for is logged once, as `event`.

    Raises:
        StorageUnavailableError: it cannot be reached within that time.
    """
    give_up = time.monotonic() + seconds
    is_told = False
    while True:
        try:
            return await opener()
        except StorageUnavailableError as error:
            if time.monotonic() + _PAUSE > give_up:
                raise
            if not is_told:
                _log.warning(event, extra={"reason": str(error), "seconds": seconds})
            is_told = True
        await asyncio.sleep(_PAUSE)
