"""Shows how far long work has come: a bar on a terminal, nothing in a pipe."""

import contextlib
import sys
from collections.abc import Callable, Generator

Advance = Callable[[int], None]


@contextlib.contextmanager
def show_progress_bar(text: str, total: int | None) -> Generator[Advance]:
    """While the block runs, a bar stands on the terminal of stderr; it is told how many are done so far."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done: progress.update(task, completed=done)
