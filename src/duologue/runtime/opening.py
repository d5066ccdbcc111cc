"""From a folder or an archive on disk to an assistant that answers."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from duologue.core.errors import DefinitionError
from duologue.flows.flow import Flows
from duologue.ports.tracker_store import TrackerStore
from duologue.project.archive import read_model
from duologue.project.checks import validate_project
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import Endpoints
from duologue.project.endpoints_reader import read_endpoints
from duologue.project.problems import Problem, Problems
from duologue.project.project_reader import read_project
from duologue.runtime.action_listing import ActionListing
from duologue.runtime.assistant import Assistant, Closable
from duologue.runtime.background import prepare_background
from duologue.runtime.build import build_assistant
from duologue.runtime.knowledge import open_knowledge
from duologue.runtime.model_groups import ModelGroups
from duologue.runtime.project_models import WrapModels
from duologue.runtime.services import name_unused, open_actions
from duologue.runtime.settings import Settings
from duologue.runtime.stores import STATE_FOLDER, open_lock_store, open_tracker_store
from duologue.runtime.tracing import open_project_tracing
from duologue.runtime.understanding import open_understanding
from duologue.runtime.usable_models import UsableModels

if TYPE_CHECKING:
    from duologue.training.trained_model import ClassicModel

_ENDPOINTS_NAMES = ("endpoints.yml", "endpoints.yaml")

_log = logging.getLogger(__name__)


class ProjectProblemsError(DefinitionError):
    """A project cannot run as it is written; the text lists what is wrong, one finding a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.format() for problem in problems))
        self.problems = tuple(problems)


class ProjectPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """Where the parts of a project are, when not in the usual places; relative paths count from the folder."""

    config: Path | None = None
    domain: tuple[Path, ...] = ()
    data: tuple[Path, ...] = ()
    endpoints: Path | None = None


async def open_assistant(
    path: Path,
    settings: Settings,
    *,
    places: ProjectPlaces | None = None,
    folder: Path | None = None,
    tracker_store: TrackerStore | None = None,
    wrap_models: WrapModels | None = None,
) -> Assistant:
    """An assistant from a project folder, or from a model archive.

    Args:
        path: the project's folder, or an archive file.
        folder: where actions and endpoints are; by default the project, for an archive the current folder.
        tracker_store: instead of the one that the endpoints name.
        wrap_models: puts something in front of the language models, such as a recording.

    Raises:
        ProjectProblemsError: the project has errors.
        DefinitionError: anything else that cannot work as it is written.
    """
    places = places or ProjectPlaces()
    root, definition, files = _load(path, folder, settings, places)
    endpoints = _read_endpoints(root, settings, places)
    name_unused(endpoints)
    classic = await asyncio.to_thread(_open_classic, root, definition, files, settings)
    actions = await open_actions(endpoints.action_endpoint, root, definition, settings)
    models = _open_models(endpoints, settings, places, wrap_models)
    tracing = open_project_tracing(endpoints.tracing, root)
    opened: list[Closable] = [tracing] if tracing is not None else []
    try:
        listing = ActionListing(definition.domain.actions, actions)
        are_actions_known = await listing.check_at_start()
        understanding = open_understanding(
            definition,
            Flows(definition.flows),
            endpoints.model_groups,
            models,
            parser=classic.parser if classic else None,
            has_policies=classic is not None and classic.chooser is not None,
            vector_folder=root / STATE_FOLDER / "vectors",
            use_embeddings=settings.use_embeddings,
        )
        knowledge = open_knowledge(definition, models)
        await models.check()
        store = tracker_store or await open_tracker_store(endpoints.tracker_store, root, settings)
        opened.append(store)
        lock_store = await open_lock_store(endpoints.lock_store, root, settings)
    except BaseException:
        for one in opened:
            await one.close()
        await models.close()
        if actions is not None:
            await actions.close()
        raise
    understanding.start()
    if knowledge is not None:
        knowledge.start()
    assistant = build_assistant(
        definition,
        understander=understanding.ladder,
        chooser=classic.chooser if classic else None,
        tracker_store=store,
        lock_store=lock_store,
        actions=actions,
        settings=settings,
        language_models=understanding,
        knowledge=knowledge,
        tracing=tracing,
    )
    prepare_background(assistant, endpoints)
    if not are_actions_known:
        assistant.run_beside(listing)
    return assistant


def _open_models(
    endpoints: Endpoints, settings: Settings, places: ProjectPlaces, wrap: WrapModels | None
) -> UsableModels:
    if not settings.use_language_models:
        return UsableModels(None)
    file = str(places.endpoints or _ENDPOINTS_NAMES[0])
    models = ModelGroups(endpoints.model_groups, settings.variables, file=file)
    return UsableModels(
        wrap(models) if wrap else models,
        must_answer=settings.check_language_models,
        are_wrapped=wrap is not None,
    )


def _load(
    path: Path, folder: Path | None, settings: Settings, places: ProjectPlaces
) -> tuple[Path, AssistantDefinition, Mapping[str, bytes] | None]:
    """The project's folder, the definition, and of an archive what was trained."""
    if path.is_file():
        model = read_model(path)
        return folder or Path.cwd(), model.definition, model.files
    return folder or path, read_definition(path, settings, places), None


def _open_classic(
    root: Path, definition: AssistantDefinition, files: Mapping[str, bytes] | None, settings: Settings
) -> "ClassicModel | None":
    """What stories and examples teach: out of the archive, or trained now where the folder itself is opened."""
    data = definition.training_data
    if not (data.examples or data.stories or data.rules or definition.domain.forms):
        return None
    # An assistant that has flows alone starts without loading what trains.
    from duologue.training.author_modules import make_importable
    from duologue.training.opening import CACHE_FOLDER, load_or_train, open_trained

    make_importable(root, definition)
    if files:
        return open_trained(files, definition, duckling_url=settings.duckling_url)
    return load_or_train(
        definition,
        cache_folder=root / STATE_FOLDER / CACHE_FOLDER,
        duckling_url=settings.duckling_url,
    )


def read_definition(
    folder: Path, settings: Settings, places: ProjectPlaces | None = None
) -> AssistantDefinition:
    """Read and check a project; warnings go to the log.

    Raises:
        ProjectProblemsError: the project has errors.
    """
    places = places or ProjectPlaces()
    reading = read_project(
        folder,
        config=places.config,
        domain=places.domain or None,
        data=places.data or None,
        environment=settings.variables,
    )
    problems = Problems(reading.problems)
    if not problems.has_errors:
        problems.extend(validate_project(reading))
    if problems.has_errors or reading.definition is None:
        raise ProjectProblemsError(problems.errors)
    for warning in problems.warnings:
        _log.info("project.warning", extra={"finding": warning.format()})
    return reading.definition


def _read_endpoints(root: Path, settings: Settings, places: ProjectPlaces) -> Endpoints:
    given = places.endpoints
    path = root / given if given is not None else _find_endpoints(root)
    if path is None:
        return Endpoints()
    reading = read_endpoints(path, root=root, environment=settings.variables)
    if reading.problems.has_errors:
        raise ProjectProblemsError(reading.problems.errors)
    for warning in reading.problems.warnings:
        _log.info("endpoints.warning", extra={"finding": warning.format()})
    return reading.endpoints


def _find_endpoints(root: Path) -> Path | None:
    return next((root / name for name in _ENDPOINTS_NAMES if (root / name).exists()), None)
