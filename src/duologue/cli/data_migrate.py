"""`duologue data migrate`: a project of Rasa 1 or 2 becomes one of today."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.checked_project import show_problems
from duologue.cli.failure import FAILED, CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options, require_project

if TYPE_CHECKING:
    from duologue.project.migration.project_migration import Migration

_BACKUPS = Path(".duologue") / "before-migration"


@click.command("migrate", cls=LoggedCommand)
@project_options
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the project there and leave the files as they are."
)
@click.option(
    "-d", "--domain", type=click.Path(path_type=Path), help="Migrate only this domain file or folder."
)
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit with 1 if anything would.")
def migrate_project(
    *,
    project: Path | None,
    project_option: Path | None,
    out: Path | None,
    domain: Path | None,
    dry_run: bool,
) -> int:
    """Rewrite the assistant in PROJECT (by default the current folder) in the format of today.

    Domains and configurations of Rasa 1 and 2, and Markdown or JSON of Rasa 1. Files are changed in place, and the
    originals kept in `.duologue/before-migration`.
    """
    from duologue.project.migration.project_migration import plan_migration

    folder = require_project(project, project_option).absolute()
    migration = plan_migration(folder)
    if domain is not None:
        migration = _keep_below(migration, domain.absolute() if domain.exists() else folder / domain)
    show_problems(migration.problems, is_error_output=True)
    if migration.problems.has_errors:
        raise CommandError("Nothing is migrated: the project has errors.")
    if not migration.changes:
        click.echo("Nothing to migrate: the project is written in the format of today.")
        return 0
    if dry_run:
        _show(migration, folder, verb="would change")
        return FAILED
    if out is not None:
        _write_copy(migration, folder, out.absolute())
    else:
        _write_in_place(migration, folder)
    _show(migration, folder, verb="changed")
    return 0


def _keep_below(migration: "Migration", place: Path) -> "Migration":
    """Only the changes at or below a path."""
    from msgspec.structs import replace

    if not place.exists():
        raise CommandError(f"There is no {place}.")
    return replace(
        migration,
        changes=tuple(change for change in migration.changes if change.path.is_relative_to(place)),
        unchanged=tuple(path for path in migration.unchanged if path.is_relative_to(place)),
    )


def _show(migration: "Migration", folder: Path, *, verb: str) -> None:
    for change in migration.changes:
        shown = change.path.relative_to(folder)
        click.echo(f"{shown}: {verb}." if change.text is not None else f"{shown}: replaced.")
    for note in migration.notes:
        click.echo(f"Note: {note}")


def _write_copy(migration: "Migration", folder: Path, out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        raise CommandError(f"The folder {out} is not empty; name another.")
    for path in migration.unchanged:
        _write(out / path.relative_to(folder), path.read_bytes())
    for change in migration.changes:
        if change.text is not None:
            _write(out / change.path.relative_to(folder), change.text.encode())


def _write_in_place(migration: "Migration", folder: Path) -> None:
    """Every original is safe before the first file is changed."""
    backup = _choose_backup(folder)
    for change in migration.changes:
        if change.path.exists():
            _write(backup / change.path.relative_to(folder), change.path.read_bytes())
    for change in migration.changes:
        if change.text is not None:
            _write(change.path, change.text.encode())
        else:
            change.path.unlink()
    click.echo(f"The originals are in {backup.relative_to(folder)}.")


def _choose_backup(folder: Path) -> Path:
    first = folder / _BACKUPS
    numbered = (first.with_name(f"{first.name}-{number}") for number in range(2, 1000))
    return next(path for path in (first, *numbered) if not path.exists())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
