"""From a folder or an archive on disk to an assistant that answers."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from duologue.core.errors import DefinitionError
from duologue.flows.flow import Flows
from duologue.ports.action_runner import ActionRunner
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.project.archive import read_archive
from duologue.project.checks import validate_project
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import ActionEndpoint, Endpoints, TypedEndpoint
from duologue.project.endpoints_reader import read_endpoints
from duologue.project.problems import Problem, Problems
from duologue.project.project_reader import read_project
from duologue.runtime.adapter_table import ACTION_RUNNERS, LOCK_STORES, TRACKER_STORES, load_adapter
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant, build_understander
from duologue.runtime.settings import Settings
from duologue.understanding.ladder import Ladder

STATE_FOLDER = ".duologue"
"""Folder in a project for what the assistant keeps, such as its conversations."""
_DEFAULT_DATABASE = "conversations.db"
_DEFAULT_ACTIONS = "actions"

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
) -> Assistant:
    """An assistant from a project folder, or from a model archive.

    Args:
        path: the project's folder, or an archive file.
        folder: where actions and endpoints are; by default the project, for an archive the current folder.
        tracker_store: instead of the one that the endpoints name.

    Raises:
        ProjectProblemsError: the project has errors.
        DefinitionError: anything else that cannot work as it is written.
    """
    places = places or ProjectPlaces()
    root, definition = _load(path, folder, settings, places)
    _refuse_classic(definition)
    endpoints = _read_endpoints(root, settings, places)
    actions = open_actions(endpoints.action_endpoint, root, definition, settings)
    await _name_missing_actions(definition, actions)
    return build_assistant(
        definition,
        understander=warm_up(build_understander(definition, Flows(definition.flows))),
        tracker_store=tracker_store or await open_tracker_store(endpoints.tracker_store, root),
        lock_store=await open_lock_store(endpoints.lock_store),
        actions=actions,
        settings=settings,
    )


def warm_up(ladder: Ladder) -> Ladder:
    """Make the ladder ready beside the start of the server, so that neither waits for the other."""
    threading.Thread(target=ladder.warm_up, name="duologue-warm-up", daemon=True).start()
    return ladder


def _load(
    path: Path, folder: Path | None, settings: Settings, places: ProjectPlaces
) -> tuple[Path, AssistantDefinition]:
    if path.is_file():
        return folder or Path.cwd(), read_archive(path)[0]
    return folder or path, read_definition(path, settings, places)


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


def _refuse_classic(definition: AssistantDefinition) -> None:
    if definition.is_classic:
        raise DefinitionError(
            "This is a classic project (intents, stories, rules or forms, and no flows); this release runs flows only."
        )
    data = definition.training_data
    parts = [
        name
        for name, has_any in (
            ("stories", data.stories),
            ("rules", data.rules),
            ("forms", definition.domain.forms),
        )
        if has_any
    ]
    if parts:
        _log.warning("project.partly_supported", extra={"not_run": ", ".join(parts), "run": "flows"})


def _read_endpoints(root: Path, settings: Settings, places: ProjectPlaces) -> Endpoints:
    given = places.endpoints
    path = root / (given or "endpoints.yml")
    if given is None and not path.exists():
        return Endpoints()
    reading = read_endpoints(path, root=root, environment=settings.variables)
    if reading.problems.has_errors:
        raise ProjectProblemsError(reading.problems.errors)
    for warning in reading.problems.warnings:
        _log.info("endpoints.warning", extra={"finding": warning.format()})
    return reading.endpoints


def open_actions(
    endpoint: ActionEndpoint | None, root: Path, definition: AssistantDefinition, settings: Settings
) -> ActionRunner | None:
    """Where custom actions run: the module named, else the URL named, else the project's package `actions`."""
    module = endpoint.actions_module if endpoint else None
    if module is None and endpoint is not None and endpoint.service.url:
        return _open_action_server(endpoint, settings)
    has_code = (root / _DEFAULT_ACTIONS).is_dir() or (root / f"{_DEFAULT_ACTIONS}.py").is_file()
    if module is None and not has_code:
        return None
    if module == _DEFAULT_ACTIONS and not has_code:
        if definition.domain.actions:
            _log.warning("actions.no_code", extra={"module": module, "folder": str(root)})
        return None
    opener = load_adapter(ACTION_RUNNERS, "in_process", what="action runner")
    return opener(module or _DEFAULT_ACTIONS, root, timeout=settings.action_timeout)


def _open_action_server(endpoint: ActionEndpoint, settings: Settings) -> ActionRunner:
    service = endpoint.service
    url = service.url or ""
    scheme = url.split("://", 1)[0].casefold()
    opener = load_adapter(ACTION_RUNNERS, scheme, what="action endpoint")
    params = dict(service.params)
    if service.token:
        params[service.token_name] = service.token
    auth = (service.basic_auth.username, service.basic_auth.password) if service.basic_auth else None
    return opener(
        url,
        timeout=settings.action_timeout,
        headers=dict(service.headers),
        params=params,
        auth=auth,
        cafile=service.cafile,
    )


async def _name_missing_actions(definition: AssistantDefinition, actions: ActionRunner | None) -> None:
    declared = set(definition.domain.actions)
    if not declared:
        return
    known: frozenset[str] | None = await actions.list_actions() if actions is not None else frozenset()
    if known is None:
        _log.warning("actions.unknown", extra={"reason": "the action server did not list its actions"})
        return
    missing = sorted(declared - known)
    if missing:
        _log.warning("actions.missing", extra={"missing": ", ".join(missing)})


async def open_tracker_store(endpoint: TypedEndpoint | None, root: Path) -> TrackerStore:
    """The tracker store that the endpoints name; by default a SQLite file in the project's state folder."""
    kind = (endpoint.type or "sql").casefold() if endpoint else "sql"
    options = endpoint.options if endpoint else {}
    if kind in {"memory", "in_memory", "inmemory"}:
        return await load_adapter(TRACKER_STORES, "memory", what="tracker store")()
    if kind == "sql":
        kind = str(options.get("dialect", "sqlite")).split("+")[0].casefold()
    opener = load_adapter(TRACKER_STORES, kind, what="tracker store")
    return await opener(_find_database(options, root))


def _find_database(options: dict[str, object], root: Path) -> Path:
    name = options.get("db")
    if isinstance(name, str) and name:
        return root / name
    state = root / STATE_FOLDER
    state.mkdir(exist_ok=True)
    ignore = state / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return state / _DEFAULT_DATABASE


async def open_lock_store(endpoint: TypedEndpoint | None) -> LockStore:
    """The lock store that the endpoints name; by default one in this process."""
    kind = (endpoint.type or "in_memory").casefold() if endpoint else "in_memory"
    return await load_adapter(LOCK_STORES, kind, what="lock store")()
