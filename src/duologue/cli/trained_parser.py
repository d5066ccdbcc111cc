"""The trained pipeline that `shell nlu` and `test nlu` ask: of a project as it is, or of an archive."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from duologue.cli.failure import CommandError

if TYPE_CHECKING:
    from duologue.project.definition import AssistantDefinition
    from duologue.understanding.text_parser import TextParser


def open_parser(
    folder: Path, model: Path | None, *, config: Path | None = None, domain: Iterable[Path] = ()
) -> "tuple[AssistantDefinition, TextParser]":
    """The assistant, and what reads texts for it; what has changed in a project is trained first.

    Raises:
        CommandError: there is no such model, or nothing that reads texts.
    """
    definition, parser = _open_archive(model, folder) if model else _open_project(folder, config, domain)
    if parser is None:
        raise CommandError(
            "There is no trained pipeline: the project has no examples, or no pipeline to learn."
        )
    return definition, parser


def find_archives(given: Sequence[Path], folder: Path, *, takes_all: bool = False) -> tuple[Path, ...]:
    """The archives that are meant: files, and of each folder the latest one or all of them.

    Args:
        folder: the project's; of its models all are taken if nothing is named.

    Raises:
        CommandError: there is none at a place.
    """
    from duologue.cli.project_folder import MODELS_FOLDER
    from duologue.project.archive import find_latest_archive, list_archives

    places = given or ((folder / MODELS_FOLDER,) if takes_all else ())
    found: list[Path] = []
    for place in places:
        latest = find_latest_archive(place)
        if latest is None:
            raise CommandError(f"There is no model at {place}; make one with `duologue train`.")
        found += list_archives(place) if takes_all and place.is_dir() else [latest]
    return tuple(dict.fromkeys(found))


def read_definition(folder: Path, config: Path | None, domain: Iterable[Path]) -> "AssistantDefinition":
    """The project, if it can be read at all."""
    from duologue.cli.checked_project import count_problems, read_checked_project, show_problems

    reading, problems = read_checked_project(folder, config, domain, (), is_checked=False)
    if problems.has_errors or reading.definition is None:
        show_problems(problems.errors, is_error_output=True)
        raise CommandError(f"The project cannot be used: {count_problems(problems)}.")
    return reading.definition


def _open_archive(model: Path, folder: Path) -> "tuple[AssistantDefinition, TextParser | None]":
    from duologue.project.archive import read_model
    from duologue.runtime.settings import Settings
    from duologue.training.author_modules import make_importable
    from duologue.training.opening import open_trained

    (archive,) = find_archives([model], folder)
    held = read_model(archive)
    make_importable(folder, held.definition)
    duckling_url = Settings.from_environment().duckling_url
    return held.definition, open_trained(held.files, held.definition, duckling_url=duckling_url).parser


def _open_project(
    folder: Path, config: Path | None, domain: Iterable[Path]
) -> "tuple[AssistantDefinition, TextParser | None]":
    from duologue.cli.training_progress import show_training
    from duologue.runtime.settings import Settings
    from duologue.runtime.stores import STATE_FOLDER
    from duologue.training.author_modules import make_importable
    from duologue.training.opening import CACHE_FOLDER, load_or_train

    definition = read_definition(folder, config, domain)
    make_importable(folder, definition)
    cache = folder / STATE_FOLDER / CACHE_FOLDER
    duckling_url = Settings.from_environment().duckling_url
    with show_training() as tell:
        model = load_or_train(
            definition, cache_folder=cache, parts=("nlu",), duckling_url=duckling_url, tell=tell
        )
    return definition, model.parser
