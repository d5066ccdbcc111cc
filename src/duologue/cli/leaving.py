"""Ends the process, even if a custom action never returns."""

import os
import sys
import threading
import time
from typing import NoReturn

ACTION_THREADS = "duologue-action"
"""How the names of the threads begin that run the actions of a project."""
LAST_SECONDS = 1.0


def leave(code: int) -> NoReturn:
    """Exit with this code.

    Python waits at its end for every thread, and a thread cannot be stopped from outside. Turns are stored or given up
    by now, so an action that still runs is left behind.
    """
    if _wait_for_actions():
        sys.exit(code)
    import logging

    logging.getLogger(__name__).warning("action.left_behind")
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _wait_for_actions() -> bool:
    """Whether they all ended within a moment."""
    deadline = time.monotonic() + LAST_SECONDS
    running = [thread for thread in threading.enumerate() if thread.name.startswith(ACTION_THREADS)]
    for thread in running:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in running)
