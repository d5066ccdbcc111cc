"""The services around an assistant, opened as its endpoints name them."""

import logging
from pathlib import Path

from duologue.core.errors import DefinitionError
from duologue.ports.action_runner import ActionRunner
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.project.definition import AssistantDefinition
from duologue.project.endpoints import ActionEndpoint, Endpoints, TypedEndpoint
from duologue.runtime.adapter_table import (
    ACTION_RUNNERS,
    ACTION_SERVERS,
    LOCK_STORES,
    TRACKER_STORES,
    load_adapter,
)
from duologue.runtime.settings import Settings

STATE_FOLDER = ".duologue"
"""Folder in a project for what the assistant keeps, such as its conversations."""
_DEFAULT_DATABASE = "conversations.db"
_DEFAULT_ACTIONS = "actions"
_MEMORY_NAMES = frozenset({"memory", "in_memory", "inmemory"})
_NOT_USED_YET = (
    "event_broker",
    "nlg",
    "models",
    "vector_store",
    "mcp_servers",
    "tracing",
    "metrics",
    "timer_store",
    "secrets_manager",
    "privacy",
    "interaction_handling",
)

_log = logging.getLogger(__name__)


def name_unused(endpoints: Endpoints) -> None:
    """Say which services the file names and this release passes over."""
    unused = [name for name in _NOT_USED_YET if getattr(endpoints, name)]
    if unused:
        _log.warning("endpoints.not_used", extra={"not_used": ", ".join(unused)})


def open_actions(
    endpoint: ActionEndpoint | None, root: Path, definition: AssistantDefinition, settings: Settings
) -> ActionRunner | None:
    """Where custom actions run: the module named, else the URL named, else the project's package `actions`."""
    module = endpoint.actions_module if endpoint else None
    if module is None and endpoint is not None and endpoint.service.url:
        return _open_action_server(endpoint, root, settings)
    has_code = (root / _DEFAULT_ACTIONS).is_dir() or (root / f"{_DEFAULT_ACTIONS}.py").is_file()
    if module is None and not has_code:
        return None
    if module == _DEFAULT_ACTIONS and not has_code:
        if definition.domain.actions:
            _log.warning("actions.no_code", extra={"actions_module": module, "folder": str(root)})
        return None
    opener = load_adapter(ACTION_RUNNERS, "in_process", what="the action runner")
    return opener(module or _DEFAULT_ACTIONS, root, timeout=settings.action_timeout)


def _open_action_server(endpoint: ActionEndpoint, root: Path, settings: Settings) -> ActionRunner:
    service = endpoint.service
    url = service.url or ""
    scheme, separator, _ = url.partition("://")
    # An address without a scheme is refused by the HTTP runner, which tells what one looks like.
    opener = load_adapter(
        ACTION_SERVERS, scheme.casefold() if separator else "http", what="the action server"
    )
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
        cafile=str(root / service.cafile) if service.cafile else None,
    )


async def name_missing_actions(definition: AssistantDefinition, actions: ActionRunner | None) -> None:
    """Say which actions the domain declares and nothing can run; a flow that comes to one of them fails."""
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
    name = options.get("db")
    if kind == "sql":
        kind = str(options.get("dialect") or "sqlite").split("+")[0].casefold()
    if kind in _MEMORY_NAMES or (kind == "sqlite" and name == ":memory:"):
        return await load_adapter(TRACKER_STORES, "memory", what="the tracker store")()
    opener = load_adapter(TRACKER_STORES, kind, what="the tracker store")
    path = root / name if isinstance(name, str) and name else _make_state_folder(root) / _DEFAULT_DATABASE
    return await opener(path)


def _make_state_folder(root: Path) -> Path:
    folder = root / STATE_FOLDER
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise DefinitionError(
            f"The folder {folder} for the conversations cannot be made ({error.strerror}); make {root} writable, or"
            " name another place in endpoints.yml, such as `tracker_store: {type: sql, db: /data/conversations.db}`."
        ) from error
    return folder


async def open_lock_store(endpoint: TypedEndpoint | None) -> LockStore:
    """The lock store that the endpoints name; by default one in this process."""
    kind = (endpoint.type or "in_memory").casefold() if endpoint else "in_memory"
    return await load_adapter(LOCK_STORES, kind, what="the lock store")()
