"""The assistant that `run` and `shell` open: a project folder as it is, or a trained archive."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from duologue.cli.failure import CommandError
from duologue.cli.project_folder import MODELS_FOLDER, choose_folder, has_project, require_project

if TYPE_CHECKING:
    from duologue.runtime.assistant import Assistant

ENDPOINTS_NAMES = ("endpoints.yml", "endpoints.yaml")
CREDENTIALS_NAMES = ("credentials.yml", "credentials.yaml")


class ChosenAssistant(msgspec.Struct, frozen=True, kw_only=True):
    """Where an assistant comes from."""

    folder: Path
    """The project's folder: its actions, endpoints and credentials are looked for here."""
    archive: Path | None = None
    endpoints: Path | None = None

    @property
    def source(self) -> Path:
        return self.archive or self.folder


def choose_assistant(
    project: Path | None, project_option: Path | None, model: Path | None, endpoints: Path | None
) -> ChosenAssistant:
    """What the options name: `--model`, else the project, else the latest archive in its `models` folder.

    Raises:
        CommandError: there is nothing to open.
    """
    folder = choose_folder(project, project_option).absolute()
    endpoints = require_file(endpoints, "--endpoints") or find_file(folder, ENDPOINTS_NAMES)
    if model is not None:
        return ChosenAssistant(folder=folder, archive=_require_archive(model), endpoints=endpoints)
    if not has_project(folder) and (folder / MODELS_FOLDER).is_dir():
        return ChosenAssistant(
            folder=folder, archive=_require_archive(folder / MODELS_FOLDER), endpoints=endpoints
        )
    return ChosenAssistant(folder=require_project(project, project_option).absolute(), endpoints=endpoints)


def make_opener(
    chosen: ChosenAssistant, *, shows_progress: bool = True
) -> "Callable[[], Awaitable[Assistant]]":
    """A function that opens the assistant, to be called inside the event loop.

    Of several processes at one terminal none shows its progress.
    """

    async def open_chosen() -> "Assistant":
        from duologue.cli.progress import show_progress
        from duologue.runtime.opening import ProjectPlaces, open_assistant
        from duologue.runtime.settings import Settings

        with show_progress("Opening the assistant") if shows_progress else nullcontext():
            settings = Settings.from_environment()
            places = ProjectPlaces(endpoints=chosen.endpoints)
            return await open_assistant(chosen.source, settings, places=places, folder=chosen.folder)

    return open_chosen


def find_file(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def require_file(path: Path | None, option: str) -> Path | None:
    if path is not None and not path.is_file():
        raise CommandError(f"There is no file {path}, which {option} names.")
    return path.absolute() if path else None


def _require_archive(model: Path) -> Path:
    from duologue.project.archive import find_latest_archive

    if not model.exists():
        raise CommandError(f"There is no model at {model}; make one with `duologue train`.")
    archive = find_latest_archive(model) if model.is_dir() else model
    if archive is None:
        raise CommandError(f"There is no model in {model}; make one with `duologue train`.")
    return archive
