"""Names the actions that hold the event loop up, and with it everybody else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
LATE_SECONDS = 1.0
"""A loop that comes back so late was held up by somebody's code."""


async def watch_loop(
    list_actions: Callable[[], list[str]],
    *,
    read_clock: Callable[[], float],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Look until cancelled. `list_actions` gives the actions that ran since it was last asked."""
    while True:
        before = read_clock()
        await pause(LOOK_SECONDS)
        late = read_clock() - before - LOOK_SECONDS
        actions = list_actions()
        if late >= LATE_SECONDS and actions:
            _log.warning(
                "action_server.loop_blocked",
                extra={
                    "seconds": round(late, 1),
                    "actions": ", ".join(actions),
                    "finding": "An `async` action among these calls something that blocks; await it, or write a plain "
                    "`def run`, which gets a thread.",
                },
            )
