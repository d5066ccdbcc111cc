"""Reads a project, checks it, and shows what is wrong."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from duologue.cli.progress import show_progress
from duologue.cli.project_folder import has_project

if TYPE_CHECKING:
    from duologue.project.problems import Problem, Problems
    from duologue.project.project_reader import ProjectReading

C = TypeVar("C", bound=Callable[..., object])
PLACE = click.Path(path_type=Path)


def file_options(command: C) -> C:
    """Adds `--config`, `--domain` and `--data`: places that differ from the usual ones."""
    options = [
        click.option("-c", "--config", type=PLACE, help="The configuration. [default: config.yml]"),
        click.option(
            "-d", "--domain", type=PLACE, multiple=True, help="A domain file or folder. May be repeated."
        ),
        click.option("--data", type=PLACE, multiple=True, help="A data file or folder. May be repeated."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def take_data(names: tuple[Path, ...], data: tuple[Path, ...]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Rasa takes several places behind one `--data`; those behind the first stand here among the names."""
    more = tuple(name for name in names if data and name.exists() and not has_project(name))
    return tuple(name for name in names if name not in more), (*data, *more)


def read_checked_project(
    folder: Path,
    config: Path | None,
    domain: Iterable[Path],
    data: Iterable[Path],
    *,
    is_checked: bool = True,
) -> "tuple[ProjectReading, Problems]":
    """The project and all that is wrong with it; without the checks only what makes it unreadable."""
    from duologue.project.problems import Problems
    from duologue.project.project_reader import read_project
    from duologue.runtime.settings import Settings

    with show_progress("Reading the project"):
        reading = read_project(
            folder,
            config=_resolve(config) if config else None,
            domain=[_resolve(path) for path in domain] or None,
            data=[_resolve(path) for path in data] or None,
            environment=Settings.from_environment().variables,
        )
    problems = Problems(reading.problems)
    if is_checked:
        from duologue.project.checks import validate_project

        with show_progress("Checking the project"):
            problems.extend(validate_project(reading))
    return reading, problems


def _resolve(path: Path) -> Path:
    # A path on the command line counts from where one stands; if nothing is there, from the project.
    return path.absolute() if path.exists() else path


def show_problems(problems: "Iterable[Problem]", *, is_error_output: bool) -> None:
    """One problem a line, as editors and terminals make them clickable."""
    for problem in problems:
        click.echo(problem.format(), err=is_error_output)


def count_problems(problems: "Problems") -> str:
    """`2 errors, 1 warning`."""
    return f"{_count(len(problems.errors), 'error')}, {_count(len(problems.warnings), 'warning')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
