"""The options that both kinds of tests take: which project and tests, when to end, and where machines read the results."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from duologue.cli.later_options import ignored_option, refused_option

C = TypeVar("C", bound=Callable[..., object])
_FILE = click.Path(dir_okay=False, path_type=Path)
_AS_IT_IS = "The tests run against the folder as it is."


def test_options(command: C) -> C:
    """Adds `targets`, `--project`, `--fail-fast`, `--endpoints`, and the options of a trained model, which say why not."""
    options = [
        click.argument("targets", nargs=-1, metavar="[FILE|FOLDER|FILE::TEST]..."),
        click.option(
            "--project",
            type=click.Path(path_type=Path),
            help="The assistant's folder. [default: the current one]",
        ),
        click.option("--fail-fast", is_flag=True, help="Begin no more tests after the first that fails."),
        click.option(
            "--endpoints",
            type=click.Path(path_type=Path),
            help="Stores, actions and models. [default: endpoints.yml]",
        ),
        ignored_option("-m", "--model", why=_AS_IT_IS),
        refused_option("--remote-storage", why=_AS_IT_IS),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def report_options(command: C) -> C:
    """Adds `--junit` and `--json`."""
    options = [
        click.option("--junit", type=_FILE, help="Write JUnit XML to a file."),
        click.option("--json", type=_FILE, help="Write everything as JSON to a file."),
    ]
    for option in reversed(options):
        command = option(command)
    return command
