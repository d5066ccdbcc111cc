"""`duologue train`: a project becomes a model archive."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.checked_project import count_problems, file_options, read_checked_project, show_problems
from duologue.cli.failure import FAILED, CommandError
from duologue.cli.later_options import ignored_flag, ignored_option, refused_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import MODELS_FOLDER, project_options, require_project

if TYPE_CHECKING:
    from duologue.project.definition import AssistantDefinition

NO_TRAINING = "A project of flows is not trained by examples."


@click.command("train", cls=LoggedCommand)
@project_options
@file_options
@click.option("--out", type=click.Path(path_type=Path), help="The folder for the archive. [default: models]")
@click.option("--fixed-model-name", help="The archive's name, instead of one made from the time.")
@click.option("--force", is_flag=True, help="Write an archive even if nothing has changed.")
@click.option(
    "--dry-run", is_flag=True, help="Say whether there is anything to do (exit code 1), and do nothing."
)
@click.option("--skip-validation", is_flag=True, help="Check only that the files can be read.")
@click.option("--fail-on-validation-warnings", is_flag=True, help="Let a warning stop it like an error.")
@ignored_option("--num-threads", why="")
@ignored_option("--augmentation", why=NO_TRAINING)
@ignored_option("--validation-max-history", why="")
@ignored_option("--endpoints", why="An archive does not hold the endpoints; give them to `duologue run`.")
@ignored_flag("--persist-nlu-data", why="The archive always holds the data.")
@ignored_flag("--debug-plots", why="")
@refused_option("--finetune", why=NO_TRAINING)
@refused_option("--epoch-fraction", why=NO_TRAINING)
@refused_option("--remote-storage", why="Copy the archive yourself.")
@refused_option("--sub-agents", why="")
def train_model(  # one parameter for each option, as click hands them over
    *,
    project: Path | None,
    project_option: Path | None,
    config: Path | None,
    domain: tuple[Path, ...],
    data: tuple[Path, ...],
    out: Path | None,
    fixed_model_name: str | None,
    force: bool,
    dry_run: bool,
    skip_validation: bool,
    fail_on_validation_warnings: bool,
) -> int:
    """Check the assistant in PROJECT (by default the current folder) and write its model archive.

    An archive holds everything that the project's files say. If nothing has changed since the latest one, it stays.
    """
    _refuse_parts(project)
    folder = require_project(project, project_option)
    reading, problems = read_checked_project(folder, config, domain, data, is_checked=not skip_validation)
    show_problems(problems, is_error_output=True)
    if problems.has_errors or reading.definition is None:
        raise CommandError(f"Nothing is trained: {count_problems(problems)}.")
    if fail_on_validation_warnings and problems.warnings:
        raise CommandError(f"Nothing is trained, because warnings count: {count_problems(problems)}.")

    latest = None if force else _find_same(reading.definition, out or folder / MODELS_FOLDER)
    if latest is not None:
        click.echo(f"Nothing has changed since {latest}.")
        return 0
    if dry_run:
        click.echo("There is something to train.")
        return FAILED
    click.echo(
        f"Model written to {_write(reading.definition, out or folder / MODELS_FOLDER, fixed_model_name)}."
    )
    return 0


def _refuse_parts(project: Path | None) -> None:
    if project in (Path("nlu"), Path("core")) and not project.is_dir():
        raise CommandError(
            f"Training `{project}` alone is not supported yet; `duologue train` makes the whole model."
        )


def _find_same(definition: "AssistantDefinition", models: Path) -> Path | None:
    """The latest archive, if it holds exactly this definition."""
    from duologue.project.archive import ArchiveError, describe_definition, find_latest_archive, read_archive

    latest = find_latest_archive(models)
    if latest is None:
        return None
    try:
        _, metadata = read_archive(latest)
    except ArchiveError:
        return None
    return latest if metadata == describe_definition(definition) else None


def _write(definition: "AssistantDefinition", models: Path, name: str | None) -> Path:
    from duologue.cli.progress import show_progress
    from duologue.project.archive import write_archive

    with show_progress("Writing the model"):
        return write_archive(definition, models, trained_at=datetime.now(UTC), name=name)
