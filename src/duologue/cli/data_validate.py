"""`duologue data validate`: every check of a project, and an exit code that says how it went."""

from pathlib import Path

import click

from duologue.cli.checked_project import (
    count_problems,
    file_options,
    read_checked_project,
    show_problems,
    take_data,
)
from duologue.cli.failure import FAILED, CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import has_project, require_project
from duologue.cli.story_findings import check_stories

PARTS = ("flows", "stories", "translations")


@click.command("validate", cls=LoggedCommand)
@click.argument(
    "names", nargs=-1, metavar="[flows|stories|translations] [PROJECT]", type=click.Path(path_type=Path)
)
@click.option("--project", "project_option", type=click.Path(path_type=Path), help="The assistant's folder.")
@file_options
@click.option("--fail-on-warnings", is_flag=True, help="Exit with 1 on warnings too.")
@click.option(
    "--max-history",
    type=click.IntRange(min=1),
    help="How many turns back stories must differ; without it, all the way.",
)
def validate_data(
    *,
    names: tuple[Path, ...],
    project_option: Path | None,
    config: Path | None,
    domain: tuple[Path, ...],
    data: tuple[Path, ...],
    fail_on_warnings: bool,
    max_history: int | None,
) -> int:
    """Check the assistant in PROJECT (by default the current folder).

    Each problem is one line: file, line, what is wrong and how to mend it. The exit code is 0 if there is no error,
    1 otherwise. `translations` adds what is not translated; `flows` and `stories` are always checked.
    """
    names, data = take_data(names, data)
    folder = require_project(_find_project(names), project_option)
    reading, problems = read_checked_project(folder, config, domain, data)
    from duologue.project.checks import validate_surroundings, validate_translations

    problems.extend(validate_surroundings(reading))
    if reading.is_whole:
        problems.extend(check_stories(reading, max_history))
    if Path("translations") in names:
        problems.extend(validate_translations(reading))
    show_problems(problems, is_error_output=False)
    if problems.has_errors or (fail_on_warnings and problems.warnings):
        click.echo(f"{count_problems(problems)}.", err=True)
        return FAILED
    click.echo(
        f"The project is valid: {count_problems(problems)}." if len(problems) else "The project is valid."
    )
    return 0


def _find_project(names: tuple[Path, ...]) -> Path | None:
    """The name that is no part; `flows` is a folder only if there is an assistant in it."""
    projects = [name for name in names if str(name) not in PARTS or has_project(name)]
    if len(projects) > 1:
        raise CommandError(f"Two folders are named, {projects[0]} and {projects[1]}; name one.")
    return projects[0] if projects else None
