"""The options of commands that run test stories."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click
import msgspec

from duologue.cli.trained_parser import find_archives

C = TypeVar("C", bound=Callable[..., Any])
DEFAULT_RESULTS = Path("results")


class StoryWishes(msgspec.Struct, frozen=True, kw_only=True):
    """Which stories are run, and where the results go."""

    stories: tuple[Path, ...] = ()
    models: tuple[Path, ...] = ()
    """Archives; none for the project as it is, several are compared."""
    max_stories: int | None = None
    fail_fast: bool = False
    out: Path = DEFAULT_RESULTS
    plots: bool = True
    successes: bool = False
    errors: bool = True
    warnings: bool = True


class StoryChoices(TypedDict):
    """What `story_options` hands to a command."""

    stories: tuple[Path, ...]
    models: tuple[Path, ...]
    max_stories: int | None
    fail_fast: bool
    out: Path
    no_plot: bool
    successes: bool
    no_errors: bool
    no_warnings: bool


_OPTIONS = (
    click.option(
        "-s",
        "--stories",
        type=click.Path(path_type=Path),
        multiple=True,
        help="A file or folder of stories. May be repeated. [default: tests]",
    ),
    click.option("--max-stories", type=click.IntRange(min=1), help="Run no more stories than these."),
    click.option(
        "--fail-on-prediction-errors",
        "fail_fast",
        is_flag=True,
        help="End at the first step that comes out wrong.",
    ),
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default=DEFAULT_RESULTS,
        show_default=True,
        help="The folder for the results of stories.",
    ),
    click.option("--no-plot", is_flag=True, help="Draw no confusion matrix."),
    click.option("--successes", is_flag=True, help="Write the stories that held as well."),
    click.option("--no-errors", is_flag=True, help="Do not write the stories that failed."),
    click.option("--no-warnings", is_flag=True, help="Do not write the stories that came as a surprise."),
    click.option(
        "-m",
        "--model",
        "models",
        type=click.Path(path_type=Path),
        multiple=True,
        help="An archive, or a folder of which the latest is taken; several are compared. [default: the project as it is]",
    ),
)


def story_options(command: C) -> C:
    """Adds the options that say which stories are run and what is written about them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_wishes(folder: Path, choices: StoryChoices, *, takes_all: bool = False) -> StoryWishes:
    """What the options ask for; `takes_all` stands for every archive of a folder that is named.

    Raises:
        CommandError: an archive is not there.
    """
    return StoryWishes(
        stories=choices["stories"],
        models=find_archives(choices["models"], folder, takes_all=takes_all),
        max_stories=choices["max_stories"],
        fail_fast=choices["fail_fast"],
        out=choices["out"],
        plots=not choices["no_plot"],
        successes=choices["successes"],
        errors=not choices["no_errors"],
        warnings=not choices["no_warnings"],
    )
