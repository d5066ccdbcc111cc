"""Serves a project's actions: in this process, or as one of several workers."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from functools import partial

from duologue.action_server.doors import ActionDoors
from duologue.action_server.opening import OpenedActions, open_actions
from duologue.action_server.options import ActionServingOptions
from duologue.action_server.ports import format_addresses, open_ports
from duologue.runtime.settings import Settings
from duologue.serving.errors import WorkersRefusedError
from duologue.serving.process import run_process
from duologue.serving.running import Obey
from duologue.serving.workers.link import WorkerPost
from duologue.serving.workers.parent import check_workers_possible, lead_workers
from duologue.serving.workers.worker import run_worker
from duologue.serving.workers.worker_process import WorkerCommand

_log = logging.getLogger(__name__)

CLOSE_SECONDS = 8.0
"""How long results, connections and traces may take to be put away at the end."""
Announce = Callable[[str], None]


def run_action_server(options: ActionServingOptions, settings: Settings, announce: Announce) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets the addresses once they answer.

    Raises:
        AddressUnusableError: a port is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for TLS are not what they should be.
        DefinitionError: the author's code cannot be imported.
    """
    with open_ports(options) as ports:
        serve = partial(serve_actions, options, settings)
        listeners = [port.listener for port in ports]
        run_process(serve, listeners, options.drain_seconds, lambda: announce(format_addresses(ports)))


def run_action_workers(
    command: WorkerCommand, options: ActionServingOptions, count: int, announce: Announce
) -> int:
    """Serve with `count` processes until told to stop; the exit code.

    Raises:
        WorkersRefusedError: this system has no such processes, or they would remember apart from each other.
    """
    check_workers_possible()
    if options.remember == "memory":
        raise WorkersRefusedError(
            "Several workers need a store of results that they share, not one in memory: name another, such as "
            "--remember sqlite:///results.db, or leave --workers out."
        )
    with open_ports(options) as ports, contextlib.ExitStack() as stack:
        shared = [stack.enter_context(contextlib.closing(port.share(count))) for port in ports]
        return lead_workers(command, shared, count, options, lambda: announce(format_addresses(ports)))


def run_action_worker(options: ActionServingOptions, settings: Settings, post: WorkerPost) -> None:
    """Serve on the parent's sockets until the parent says stop, or dies."""
    run_worker(partial(serve_actions, options, settings), options.drain_seconds, post)


async def serve_actions(
    options: ActionServingOptions,
    settings: Settings,
    listeners: Sequence[socket.socket],
    announce: Callable[[], None],
    obey: Obey,
) -> None:
    """Import the actions, serve them on the sockets, and let go of them at the end."""
    opened = await open_actions(options, settings)
    try:
        doors = ActionDoors(opened, options, listeners, announce)
        await doors.open()
        with obey(doors):
            await doors.serve()
    finally:
        await _close(opened)


async def _close(opened: OpenedActions) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await opened.close()
    except TimeoutError:
        _log.warning("action_server.close_timed_out", extra={"seconds": CLOSE_SECONDS})
