"""What a run of tests shows while it goes on: failures as they come, and a bar where somebody watches."""

import contextlib
import logging
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from duologue.testing.e2e.report import CaseResult

_COLOURS = {"passed": "green", "failed": "red", "not judged": "yellow"}


class TestsBar(NamedTuple):
    """Where the run stands, and a way to write above that."""

    advance: Callable[[], None]
    """One more test has ended."""
    write: Callable[[str], None]


def show_result(result: "CaseResult", bar: TestsBar, *, is_verbose: bool) -> None:
    """Tests that passed are told only if everything is."""
    from duologue.testing.e2e.output.report_text import format_result

    if result.is_passed and not is_verbose:
        return
    head, *rest = format_result(result).split("\n")
    end = [""] if rest else []
    bar.write("\n".join([click.style(head, fg=_COLOURS[result.outcome]), *rest, *end]))


@contextlib.contextmanager
def open_bar(total: int) -> Generator[TestsBar, None, None]:
    """A bar that moves on a terminal; in a pipe or in CI only what is written."""
    if not sys.stderr.isatty():
        yield TestsBar(advance=lambda: None, write=click.echo)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    console = Console(stderr=True)

    def write_above(text: str) -> None:
        # Lines stay whole, so that a long one can be copied.
        console.print(Text.from_ansi(text), soft_wrap=True)

    columns = (TextColumn("Tests"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty())
    task = progress.add_task("tests", total=total)

    def advance() -> None:
        # Drawn from the first test on: what the opening of the assistant logs would tear it apart.
        progress.start()
        progress.advance(task)

    try:
        # Where the results go to a file, they must not be drawn into the terminal of the bar.
        yield TestsBar(advance=advance, write=write_above if sys.stdout.isatty() else click.echo)
    finally:
        progress.stop()


@contextlib.contextmanager
def count_tests(total: int) -> Generator[Callable[[], None], None, None]:
    """The bar alone, for a run that tells its results by `click.echo`."""
    with open_bar(total) as bar:
        yield bar.advance


@contextlib.contextmanager
def keep_failed_turns_quiet() -> Generator[None, None, None]:
    """Leave turns that fail out of the log, unless more than warnings is asked for: the report tells of them."""
    ours = logging.getLogger("duologue")
    engine = logging.getLogger("duologue.dialogue")
    before = engine.level
    if ours.getEffectiveLevel() > logging.INFO:
        engine.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        engine.setLevel(before)
