"""The tracker store and the lock store, opened as the endpoints name them."""

import importlib
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.project.endpoints import TypedEndpoint
from duologue.project.problems import suggest_name
from duologue.runtime.adapter_table import (
    LOCK_STORE_OPTIONS,
    LOCK_STORES,
    TRACKER_STORE_OPTIONS,
    TRACKER_STORES,
    find_missing_extra,
    load_adapter,
)
from duologue.runtime.settings import Settings
from duologue.runtime.store_options import read_options
from duologue.runtime.waiting import open_when_reachable

STATE_FOLDER = ".duologue"
"""Folder in a project for what the assistant keeps, such as its conversations."""
_DEFAULT_DATABASE = "conversations.db"
_KINDS: Mapping[str, str] = {
    "in_memory": "memory",
    "inmemory": "memory",
    "postgres": "postgresql",
    "mariadb": "mysql",
    "mongo": "mongod",
    "mongodb": "mongod",
    "dynamodb": "dynamo",
}
_LOCK_KINDS: Mapping[str, str] = {
    "memory": "in_memory",
    "inmemory": "in_memory",
    "concurrent_redis": "redis",
}

Store = TypeVar("Store")

_log = logging.getLogger(__name__)


def find_tracker_kind(endpoint: TypedEndpoint | None) -> str:
    """The kind of tracker store that an entry names: `sqlite`, `postgresql`, `redis`, `memory` and so on."""
    kind = (endpoint.type or "sql").casefold() if endpoint else "sql"
    options = endpoint.options if endpoint else {}
    if kind == "sql":
        kind = str(options.get("dialect") or "sqlite").partition("+")[0].casefold()
    kind = _KINDS.get(kind, kind)
    return "memory" if kind == "sqlite" and options.get("db") == ":memory:" else kind


def find_lock_kind(endpoint: TypedEndpoint | None) -> str:
    """The kind of lock store that an entry names: `in_memory` or `redis`."""
    kind = (endpoint.type or "in_memory").casefold() if endpoint else "in_memory"
    return _LOCK_KINDS.get(kind, kind)


async def open_tracker_store(endpoint: TypedEndpoint | None, root: Path, settings: Settings) -> TrackerStore:
    """The tracker store that the endpoints name; by default a SQLite file in the project's state folder.

    Raises:
        DefinitionError: the entry cannot work as it is written, or the store refuses us.
        StorageUnavailableError: the store cannot be reached within the time that the settings give it.
    """
    kind = find_tracker_kind(endpoint)
    if kind == "memory":
        return await load_adapter(TRACKER_STORES, kind, what="the tracker store")()
    if kind == "sqlite":
        name = endpoint.options.get("db") if endpoint else None
        path = root / name if isinstance(name, str) and name else _make_state_folder(root) / _DEFAULT_DATABASE
        return await load_adapter(TRACKER_STORES, kind, what="the tracker store")(path)
    assert endpoint is not None, "another kind is named by an entry"
    sql = msgspec.structs.asdict(settings.sql)
    environment: OpenData = {
        **{name: value for name, value in sql.items() if value is not None},
        "iam_region": settings.aws.region if _has_identity(kind, settings) else None,
        "iam_cluster_name": settings.aws.redis_cluster,
        "endpoint_url": settings.aws.dynamodb_url,
    }
    if settings.aws.region:
        environment["region"] = settings.aws.region
    opener = _prepare(
        TRACKER_STORES,
        TRACKER_STORE_OPTIONS,
        kind,
        endpoint,
        root,
        what="tracker_store",
        environment=environment,
    )
    return await open_when_reachable(opener, settings.store_seconds, event="store.waiting")


async def open_lock_store(endpoint: TypedEndpoint | None, root: Path, settings: Settings) -> LockStore:
    """The lock store that the endpoints name; by default one in this process.

    Raises:
        DefinitionError: the entry cannot work as it is written, or the store refuses us.
    """
    kind = find_lock_kind(endpoint)
    if kind == "in_memory":
        return await load_adapter(LOCK_STORES, kind, what="the lock store")()
    assert endpoint is not None, "another kind is named by an entry"
    environment: OpenData = {
        "iam_region": settings.aws.region if settings.aws.has_redis_identity else None,
        "iam_cluster_name": settings.aws.redis_cluster,
        "lock_lifetime": settings.lock_lifetime,
    }
    opener = _prepare(
        LOCK_STORES, LOCK_STORE_OPTIONS, kind, endpoint, root, what="lock_store", environment=environment
    )
    return await open_when_reachable(opener, settings.store_seconds, event="store.waiting")


def _has_identity(kind: str, settings: Settings) -> bool:
    if kind == "redis":
        return settings.aws.has_redis_identity
    return kind in ("postgresql", "mysql") and settings.aws.has_rds_identity


def _prepare(
    table: Mapping[str, str],
    options_table: Mapping[str, str],
    kind: str,
    endpoint: TypedEndpoint,
    root: Path,
    *,
    what: str,
    environment: OpenData,
) -> Callable[[], Awaitable[Any]]:  # each table's stores share a type, which the caller gives it
    if kind not in table:
        if "." in kind:
            return _prepare_custom(endpoint, root, what=what)
        raise DefinitionError(
            f"{endpoint.find_place('dialect' if 'dialect' in endpoint.options else 'type')}: there is no {kind!r} for"
            f" `{what}`. {suggest_name(kind, table) or 'There is: ' + ', '.join(sorted(table)) + '.'}"
        )
    if extra := find_missing_extra(table, kind):
        raise DefinitionError(
            f"{endpoint.find_place('type')}: the {kind} {what.replace('_', ' ')} needs a package that is not"
            f" installed; run `pip install 'duologue[{extra}]'`."
        )
    options = read_options(
        load_adapter(options_table, kind, what=what), endpoint, what=what, environment=environment
    )
    opener = load_adapter(table, kind, what=what)
    return lambda: opener(options)


def _prepare_custom(endpoint: TypedEndpoint, root: Path, *, what: str) -> Callable[[], Awaitable[Any]]:
    """The project's own store: a function that is given the entry's options and returns the store."""
    path = endpoint.type or ""
    module, _, name = path.rpartition(".")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        opener = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise DefinitionError(
            f"{endpoint.find_place('type')}: {path} cannot be imported: {error}."
        ) from error
    if opener is None or hasattr(opener, "get_or_create_tracker") or hasattr(opener, "issue_ticket"):
        raise DefinitionError(
            f"{endpoint.find_place('type')}: {path} is not a {what.replace('_', ' ')} of Duologue; name a function"
            f" `async def {name if opener is None else 'open_store'}(options)` that returns an object with the"
            f" methods of `duologue.ports.{what}`."
        )
    return lambda: opener(dict(endpoint.options))


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
