"""Shows that long work goes on: a spinner on a terminal, nothing in a pipe."""

import contextlib
import sys
from collections.abc import Generator


@contextlib.contextmanager
def show_progress(text: str) -> Generator[None, None, None]:
    """While the block runs, `text` turns on the terminal of stderr."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
