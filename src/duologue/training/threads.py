"""How many threads training may use, the libraries of linear algebra among them."""

import contextlib
import os
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

_MOST = 8
"""More do not make training faster."""
_LINEAR_ALGEBRA = ("numpy", "scipy.linalg")


def count_threads() -> int:
    """As many as this process may use at once."""
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        usable = os.cpu_count() or 1
    return max(1, min(usable, _MOST))


def calm_linear_algebra() -> AbstractContextManager[object]:
    """While the block runs, linear algebra keeps to one thread, where it can be told.

    Our matrices are small: its threads would wait for each other longer than they work, far longer on a busy
    machine, and the last digit of a sum could depend on their number.
    """
    for name in _LINEAR_ALGEBRA:
        # Only what is loaded can be told, and some of it is loaded late.
        with contextlib.suppress(ImportError):
            import_module(name)
    try:
        # A dependency of scikit-learn; where it is missing there is nothing heavy to tell.
        threadpoolctl: Any = import_module("threadpoolctl")
    except ImportError:
        return nullcontext()
    return threadpoolctl.threadpool_limits(limits=1)
