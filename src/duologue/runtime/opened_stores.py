"""The stores of a project without its assistant, for work on conversations."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from duologue.core.errors import DefinitionError
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.project.endpoints import Endpoints
from duologue.project.endpoints_reader import read_endpoints
from duologue.runtime.opening import ProjectProblemsError
from duologue.runtime.settings import Settings
from duologue.runtime.stores import find_tracker_kind, open_lock_store, open_tracker_store


class OpenedStores(msgspec.Struct, frozen=True, kw_only=True):
    """The stores that a project's endpoints name."""

    tracker_store: TrackerStore
    lock_store: LockStore


def read_project_endpoints(folder: Path, path: Path | None, settings: Settings) -> Endpoints:
    """What the endpoints file says; without a file everything is as it is by default.

    Raises:
        ProjectProblemsError: the file has errors.
    """
    if path is None:
        return Endpoints()
    reading = read_endpoints(path, root=folder, environment=settings.variables)
    if reading.problems.has_errors:
        raise ProjectProblemsError(reading.problems.errors)
    return reading.endpoints


@asynccontextmanager
async def open_stores(folder: Path, endpoints: Endpoints, settings: Settings) -> AsyncGenerator[OpenedStores]:
    """The stores, for as long as the block runs.

    Raises:
        DefinitionError: the conversations are kept in the memory of the server, where nobody else sees them.
    """
    if find_tracker_kind(endpoints.tracker_store) == "memory":
        raise DefinitionError(
            "The endpoints name a tracker store in memory, which only the server itself can see; name another one."
        )
    async with AsyncExitStack() as stack:
        tracker_store = await open_tracker_store(endpoints.tracker_store, folder, settings)
        stack.push_async_callback(tracker_store.close)
        lock_store = await open_lock_store(endpoints.lock_store, folder, settings)
        stack.push_async_callback(lock_store.close)
        yield OpenedStores(tracker_store=tracker_store, lock_store=lock_store)
