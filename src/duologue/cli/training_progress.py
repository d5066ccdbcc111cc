"""What training shows while it goes on: a line for each step that ended, and on a terminal the one under way."""

import contextlib
import sys
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from duologue.project.problems import Problem
    from duologue.training.progress import Tell, TrainingNews

_WIDTH = 34


def format_news(news: "TrainingNews") -> str | None:
    """One line; None for what is shown on a terminal only."""
    from duologue.training.progress import Note, StepBegun, StepReused, StepTrained

    match news:
        case StepBegun():
            return None
        case StepTrained():
            return f"{news.part:5}{news.name:{_WIDTH}}trained in {news.seconds:.1f} s"
        case StepReused():
            return f"{news.part:5}{news.name:{_WIDTH}}unchanged, reused"
        case Note():
            return f"{news.part:5}Note: {news.text}"


@contextlib.contextmanager
def show_training(said: "Iterable[Problem]" = ()) -> "Generator[Tell, None, None]":
    """Show what is told while the block runs, on stderr; notes that say what a check has said are left out."""
    sentences = tuple(problem.message for problem in said)
    with _show_all() as tell:

        def tell_news(news: "TrainingNews") -> None:
            from duologue.training.progress import Note

            if not (isinstance(news, Note) and any(sentence in news.text for sentence in sentences)):
                tell(news)

        yield tell_news


@contextlib.contextmanager
def _show_all() -> "Generator[Tell, None, None]":
    if not sys.stderr.isatty():
        yield _write_line
        return
    from rich.console import Console

    with Console(stderr=True).status("Training") as status:

        def tell(news: "TrainingNews") -> None:
            from duologue.training.progress import StepBegun

            if isinstance(news, StepBegun):
                status.update(f"Training {news.name}")
            line = format_news(news)
            if line is not None:
                status.console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield tell


def _write_line(news: "TrainingNews") -> None:
    line = format_news(news)
    if line is not None:
        click.echo(line, err=True)
