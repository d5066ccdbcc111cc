"""Everything behind the doors of an action server: the project's code, its limits, and what is remembered."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from duologue.action_server.call_limits import BoundedCode
from duologue.action_server.loop_watch import watch_loop
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.reloading import ActionCode, ReloadingCode, import_actions
from duologue.action_server.service import ActionService, CallRunner
from duologue.project.endpoints_reader import read_endpoints
from duologue.runtime.remembering import RememberingRunner
from duologue.runtime.result_stores import (
    NOT_REMEMBERED,
    find_keep_seconds,
    open_result_store,
    outlives_processes,
)
from duologue.runtime.settings import Settings
from duologue.runtime.tracing import ACTIONS_SERVICE, open_project_tracing
from duologue.telemetry.export import Tracing

LONELY_SECONDS = 3.0
"""How long calls whose callers have left may go on when the server ends."""

_log = logging.getLogger(__name__)


async def do_nothing() -> None:
    """For a server without a store."""


class OpenedActions(msgspec.Struct, frozen=True, kw_only=True):
    """A service that answers, and how to let go of it."""

    service: ActionService
    close: Callable[[], Awaitable[None]]
    check_store: Callable[[], Awaitable[None]] = do_nothing
    """Raises `StorageUnavailableError` if results cannot be remembered now."""


async def open_actions(options: ActionServingOptions, settings: Settings) -> OpenedActions:
    """Import the project's actions and open what they are served with.

    Raises:
        DefinitionError: the author's code cannot be imported; the text names the file and line.
        StorageUnavailableError: the store of results cannot be reached.
    """
    load = partial(import_actions, options.module, options.folder, threads=options.threads)
    code = ReloadingCode(load, options.folder) if options.is_reloaded else load()
    _tell_names(code, options)
    bounded = BoundedCode(code, options.max_calls)
    try:
        remembering = await _open_remembering(bounded, options)
    except BaseException:
        code.close()
        raise
    tracing = _open_tracing(options, settings)
    watching = asyncio.create_task(watch_loop(bounded.list_recent, read_clock=time.monotonic))

    async def close() -> None:
        watching.cancel()
        if remembering is not None:
            await remembering.close(LONELY_SECONDS)
        await code.close_connections()
        code.close()
        if tracing is not None:
            await tracing.close()

    runner: CallRunner = remembering or bounded
    return OpenedActions(
        service=ActionService(runner, features=_name_features(options)),
        close=close,
        check_store=remembering.check_health if remembering is not None else do_nothing,
    )


def _tell_names(code: ActionCode, options: ActionServingOptions) -> None:
    names = code.names()
    _log.info("actions.imported", extra={"package": options.module, "actions": ", ".join(names)})
    if not names:
        finding = f"The module '{options.module}' has no action; derive classes from Action, or mark functions with @action."
        _log.warning("actions.none", extra={"finding": finding})


async def _open_remembering(code: BoundedCode, options: ActionServingOptions) -> RememberingRunner | None:
    if options.remember == NOT_REMEMBERED:
        return None
    store = await open_result_store(options.remember)
    remembering = RememberingRunner(
        code,
        store,
        keep_seconds=options.keep_seconds or find_keep_seconds(options.remember),
        lease_seconds=options.lease_seconds,
    )
    await remembering.start()
    return remembering


def _name_features(options: ActionServingOptions) -> frozenset[str]:
    # Who is told of it calls again after a cut, and must not meet a process that has forgotten.
    offered = {"idempotency": outlives_processes(options.remember), "streaming": options.has_grpc}
    return frozenset(name for name, is_offered in offered.items() if is_offered)


def _open_tracing(options: ActionServingOptions, settings: Settings) -> Tracing | None:
    """Traces as the endpoints say; what else they say is the assistant's affair, and may need secrets that we lack."""
    if options.endpoints is None:
        return None
    reading = read_endpoints(options.endpoints, root=options.folder, environment=settings.variables)
    for problem in reading.problems:
        _log.info("endpoints.problem", extra={"finding": problem.format()})
    return open_project_tracing(
        reading.endpoints.tracing,
        options.folder,
        service_name=settings.action_server.tracing_service_name or ACTIONS_SERVICE,
    )
