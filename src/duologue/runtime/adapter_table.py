"""Adapters by the names that endpoints files use; each is imported only when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from duologue.core.errors import DefinitionError

TRACKER_STORES: Mapping[str, str] = {
    "memory": "duologue.adapters.tracker_store.memory:open_store",
    "sqlite": "duologue.adapters.tracker_store.sqlite:open_store",
}
LOCK_STORES: Mapping[str, str] = {
    "in_memory": "duologue.adapters.lock_store.in_process:open_store",
}
ACTION_RUNNERS: Mapping[str, str] = {
    "in_process": "duologue.runtime.in_process_actions:InProcessActionRunner.open",
}
ACTION_SERVERS: Mapping[str, str] = {
    "http": "duologue.adapters.action_runner.http:HttpActionRunner",
    "https": "duologue.adapters.action_runner.http:HttpActionRunner",
}


def load_adapter(
    table: Mapping[str, str], name: str, *, what: str
) -> Any:  # the opener of any adapter; each table's values share a signature
    """The opener of the adapter of that name.

    Raises:
        DefinitionError: there is none; the text lists what there is.
    """
    place = table.get(name)
    if place is None:
        known = ", ".join(sorted(table))
        raise DefinitionError(
            f"endpoints.yml asks for {name!r} as {what}, which this release does not have; it has: {known}."
        )
    module, _, attributes = place.partition(":")
    found: Any = import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    return found
