"""`duologue train`: a project becomes a model archive."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

from duologue.cli.checked_project import (
    count_problems,
    file_options,
    read_checked_project,
    show_problems,
    take_data,
)
from duologue.cli.failure import CommandError
from duologue.cli.later_options import refused_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import MODELS_FOLDER, has_project, require_project, require_writable
from duologue.core.errors import DefinitionError

if TYPE_CHECKING:
    from duologue.ports.sentence_encoder import SentenceEncoder
    from duologue.project.definition import AssistantDefinition
    from duologue.project.problems import Problems
    from duologue.project.project_reader import ProjectReading
    from duologue.training.parts import Part
    from duologue.training.trained_model import TrainedModel
    from duologue.training.trainer import TrainingOptions

PARTS: "tuple[Part, ...]" = ("nlu", "core")
_PLACE = click.Path(path_type=Path)
NEEDS_TRAINING = 1
IS_FORCED = 8
"""Exit codes of `--dry-run`; scripts know them from Rasa."""
_SAYS = {
    "nlu": "there are no examples, or `pipeline` names nothing that learns from them",
    "core": "there are no stories or rules, or `policies` names nothing that learns from them",
}


def _told(*names: str, note: str, takes_value: bool = True) -> Callable[..., Callable[..., object]]:
    """An option that Rasa's scripts pass and that does nothing here; `note` says why."""

    def tell(_: click.Context, __: click.Parameter, value: object) -> None:
        if value:
            click.echo(f"Note: {max(names, key=len)} has no effect. {note}", err=True)

    if takes_value:
        return click.option(
            *names, hidden=True, expose_value=False, callback=tell, is_flag=False, flag_value="1"
        )
    return click.option(*names, hidden=True, expose_value=False, callback=tell, is_flag=True)


class _Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    parts: "tuple[Part, ...]"
    models: Path
    name: str | None
    force: bool
    threads: int | None
    augmentation: int | None


@click.command("train", cls=LoggedCommand)
@click.argument("names", nargs=-1, metavar="[nlu|core] [PROJECT]", type=_PLACE)
@click.option("--project", "project_option", type=_PLACE, help="The assistant's folder, if not named first.")
@file_options
@click.option(
    "-u", "--nlu", type=_PLACE, help="With `nlu`: the file or folder of examples, instead of --data."
)
@click.option(
    "-s", "--stories", type=_PLACE, help="With `core`: the file or folder of stories, instead of --data."
)
@click.option("--out", type=_PLACE, help="The folder for the archive. [default: models]")
@click.option("--fixed-model-name", help="The archive's name, instead of one made from the time.")
@click.option(
    "--force", is_flag=True, help="Train everything anew, and write an archive even if nothing changed."
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say whether there is anything to do, and do nothing: exit code 0 for no, 1 for yes, 8 with --force.",
)
@click.option(
    "--num-threads",
    type=click.IntRange(min=1),
    help="Threads that training may use. [default: all, 8 at most]",
)
@click.option(
    "--augmentation",
    type=click.IntRange(min=0),
    help="How many stories are put behind others, so that policies see longer ones; 0 = none. [default: 50]",
)
@click.option("--skip-validation", is_flag=True, help="Check only that the files can be read.")
@click.option("--fail-on-validation-warnings", is_flag=True, help="Let a warning stop it like an error.")
@click.option(
    "--validation-max-history",
    type=click.IntRange(min=1),
    help="How many turns back stories must differ; without it, all the way.",
)
@_told("--endpoints", note="An archive does not hold the endpoints; give them to `duologue run`.")
@_told("--persist-nlu-data", note="The archive always holds the data.", takes_value=False)
@_told("--debug-plots", note="`duologue visualize` draws stories.", takes_value=False)
@_told("--finetune", note="What has changed is trained anew, which takes seconds; what has not is reused.")
@_told("--epoch-fraction", note="There are no epochs to share out: see --finetune.")
@refused_option("--remote-storage", why="Copy the archive yourself.")
@refused_option("--sub-agents", why="")
def train_model(  # one parameter for each option, as click hands them over
    *,
    names: tuple[Path, ...],
    project_option: Path | None,
    config: Path | None,
    domain: tuple[Path, ...],
    data: tuple[Path, ...],
    nlu: Path | None,
    stories: Path | None,
    out: Path | None,
    fixed_model_name: str | None,
    force: bool,
    dry_run: bool,
    num_threads: int | None,
    augmentation: int | None,
    skip_validation: bool,
    fail_on_validation_warnings: bool,
    validation_max_history: int | None,
) -> int:
    """Check the assistant in PROJECT (by default the current folder), train it, and write its model archive.

    `nlu` trains only what reads intents and entities, `core` only the policies. What has not changed since it was
    last trained is reused. If nothing at all has changed since the latest archive, that one stays.
    """
    if fixed_model_name and Path(fixed_model_name).name != fixed_model_name:
        raise CommandError("--fixed-model-name is a name without folders; name the folder with --out.")
    names, data = take_data(names, data)
    parts, project = _split_names(names)
    folder = require_project(project, project_option)
    given = tuple(path for path in (nlu, stories) if path is not None)
    reading, problems = read_checked_project(
        folder, config, domain, given or data, is_checked=not skip_validation
    )
    if not skip_validation and reading.is_whole:
        from duologue.cli.story_findings import check_stories

        problems.extend(check_stories(reading, validation_max_history))
    definition = _require_sound(reading, problems, warnings_count=fail_on_validation_warnings)
    wishes = _Wishes(
        parts=parts,
        models=out or folder / MODELS_FOLDER,
        name=fixed_model_name,
        force=force,
        threads=num_threads,
        augmentation=augmentation,
    )
    try:
        return _train(definition, folder, wishes, problems, is_dry=dry_run)
    except DefinitionError as error:
        _explain_refusal(error, reading)


def _split_names(names: tuple[Path, ...]) -> "tuple[tuple[Part, ...], Path | None]":
    """The parts that are named, by default all, and the project."""
    parts: tuple[Part, ...] = tuple(
        part for part in PARTS if names[:1] == (Path(part),) and not has_project(names[0])
    )
    others = names[1:] if parts else names
    if len(others) > 1:
        raise CommandError(f"Two folders are named, {others[0]} and {others[1]}; name one.")
    return parts or PARTS, others[0] if others else None


def _require_sound(
    reading: "ProjectReading", problems: "Problems", *, warnings_count: bool
) -> "AssistantDefinition":
    show_problems(problems, is_error_output=True)
    if problems.has_errors or reading.definition is None:
        raise CommandError(f"Nothing is trained: {count_problems(problems)}.")
    if warnings_count and problems.warnings:
        raise CommandError(f"Nothing is trained, because warnings count: {count_problems(problems)}.")
    return reading.definition


def _explain_refusal(error: DefinitionError, reading: "ProjectReading") -> NoReturn:
    """Show at file and line what training found, where it can be told.

    Raises:
        CommandError: always.
    """
    from duologue.cli.story_findings import describe_findings, locate_component
    from duologue.dialogue.policies.finding import ContradictionError

    if isinstance(error, ContradictionError):
        show_problems(describe_findings(error.findings, reading), is_error_output=True)
        raise CommandError("Nothing is trained: rules and stories do not go together.") from None
    problem = locate_component(str(error), reading)
    if problem is None:
        raise error
    show_problems([problem], is_error_output=True)
    raise CommandError("Nothing is trained: 1 error.") from error


def _train(
    definition: "AssistantDefinition", folder: Path, wishes: _Wishes, problems: "Problems", *, is_dry: bool
) -> int:
    from duologue.training.author_modules import make_importable
    from duologue.training.opening import find_encoder
    from duologue.training.parts import Part, list_parts
    from duologue.training.threads import count_threads
    from duologue.training.trainer import TrainingOptions, fingerprint_model

    make_importable(folder, definition)
    parts: tuple[Part, ...] = tuple(part for part in list_parts(definition) if part in wishes.parts)
    if not parts and len(wishes.parts) == 1:
        raise CommandError(f"There is nothing to train for `{wishes.parts[0]}`: {_SAYS[wishes.parts[0]]}.")
    threads = wishes.threads or count_threads()
    encoder = find_encoder(definition, threads=threads) if "nlu" in parts else None
    options = TrainingOptions(
        parts=parts, threads=threads, augmentation=wishes.augmentation, reuses=not wishes.force
    )
    fingerprints = fingerprint_model(definition, encoder=encoder, options=options)
    latest = None if wishes.force else _find_same(definition, fingerprints, wishes.models)
    if latest is not None and (is_dry or wishes.name is None or latest == _name_target(wishes)):
        click.echo(f"Nothing has changed since {latest}.")
        return 0
    if is_dry:
        click.echo("Training is forced." if wishes.force else "There is something to train.")
        return IS_FORCED if wishes.force else NEEDS_TRAINING
    require_writable(wishes.models)
    trained = _train_parts(definition, folder, encoder, options, problems)
    click.echo(f"Model written to {_write(definition, trained, wishes)}.")
    return 0


def _train_parts(
    definition: "AssistantDefinition",
    folder: Path,
    encoder: "SentenceEncoder | None",
    options: "TrainingOptions",
    said: "Problems",
) -> "TrainedModel":
    from duologue.cli.training_progress import show_training
    from duologue.runtime.stores import STATE_FOLDER
    from duologue.training.opening import CACHE_FOLDER
    from duologue.training.trainer import train_model as train
    from duologue.training.training_cache import TrainingCache

    cache = TrainingCache(folder / STATE_FOLDER / CACHE_FOLDER)
    try:
        with show_training(said) as tell:
            return train(definition, cache=cache, encoder=encoder, options=options, tell=tell)
    except KeyboardInterrupt:
        click.echo("Interrupted; no model is written, and what was trained so far is kept.", err=True)
        raise


def _find_same(definition: "AssistantDefinition", fingerprints: dict[str, str], models: Path) -> Path | None:
    """The latest archive, if it holds exactly this definition and what would be trained from it."""
    from duologue.project.archive import (
        ArchiveError,
        describe_definition,
        find_latest_archive,
        read_metadata,
    )

    latest = find_latest_archive(models)
    if latest is None:
        return None
    try:
        metadata = read_metadata(latest)
    except ArchiveError:
        return None
    return latest if metadata == describe_definition(definition, fingerprints) else None


def _name_target(wishes: _Wishes) -> Path:
    from duologue.project.archive import ARCHIVE_SUFFIX

    return wishes.models / f"{(wishes.name or '').removesuffix(ARCHIVE_SUFFIX)}{ARCHIVE_SUFFIX}"


def _write(definition: "AssistantDefinition", trained: "TrainedModel", wishes: _Wishes) -> Path:
    from duologue.cli.progress import show_progress
    from duologue.project.archive import describe_definition, write_archive
    from duologue.project.archive_names import make_archive_name

    now = datetime.now(UTC)
    name = wishes.name
    if name is None and len(wishes.parts) == 1:
        model_id = describe_definition(definition, trained.fingerprints).model_id
        name = f"{wishes.parts[0]}-{make_archive_name(model_id, now)}"
    with show_progress("Writing the model"):
        return write_archive(
            definition,
            wishes.models,
            trained_at=now,
            name=name,
            files=trained.files,
            trained=trained.fingerprints,
        )
