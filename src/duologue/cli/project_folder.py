"""Which assistant a command is about: a folder, or a model archive."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from duologue.cli.failure import CommandError

C = TypeVar("C", bound=Callable[..., object])

SIGNS_OF_A_PROJECT = ("domain.yml", "domain.yaml", "domain", "config.yml", "config.yaml")
MODELS_FOLDER = "models"


def project_options(command: C) -> C:
    """Adds PROJECT and `--project`; both name the assistant's folder."""
    named = click.option(
        "--project",
        "project_option",
        type=click.Path(path_type=Path),
        help="The assistant's folder, if not named first.",
    )
    first = click.argument("project", required=False, type=click.Path(path_type=Path))
    return first(named(command))


def require_project(project: Path | None, project_option: Path | None) -> Path:
    """The assistant's folder: the one that is named, else the current one.

    Raises:
        CommandError: there is no such folder, or no assistant in it.
    """
    folder = choose_folder(project, project_option)
    if not has_project(folder):
        shown = "The current folder" if folder == Path(".") else f"The folder {folder}"
        raise CommandError(f"{shown} holds no assistant (no domain.yml or config.yml); {_say_where(folder)}.")
    return folder


def require_writable(folder: Path) -> None:
    """Look whether results can go to a folder, before work begins that would be lost; nothing is made yet.

    Raises:
        CommandError: nothing can be written there.
    """
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CommandError(f"Nothing can be written to {folder}: {reason}.") from None


def _say_where(folder: Path) -> str:
    below = sorted(path for path in folder.iterdir() if path.is_dir() and has_project(path))
    if not below:
        return "name one's folder, or make one with `duologue init`"
    if len(below) == 1:
        return f"there is one in {below[0]}"
    return f"there are {len(below)} below it, such as {below[0]}"


def choose_folder(project: Path | None, project_option: Path | None) -> Path:
    if project and project_option and project != project_option:
        raise CommandError(f"Two folders are named, {project} and {project_option}; name one.")
    folder = project or project_option or Path(".")
    if not folder.exists():
        raise CommandError(f"There is no folder {folder}.")
    if not folder.is_dir():
        raise CommandError(f"{folder} is a file; name the assistant's folder.")
    return folder


def has_project(folder: Path) -> bool:
    return any((folder / name).exists() for name in SIGNS_OF_A_PROJECT)
