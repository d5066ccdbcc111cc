"""Serves an assistant: in this process, or as one of several workers."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from duologue.server.app import build_app
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from duologue.server.served_assistant import ServedAssistant
from duologue.serving.http_server import CUT_OFF_SECONDS, HttpServer
from duologue.serving.listening import bind_port, check_certificate, format_url
from duologue.serving.process import run_process
from duologue.serving.running import Obey
from duologue.serving.workers.link import WorkerPost
from duologue.serving.workers.worker import run_worker

_log = logging.getLogger(__name__)

OpenAssistant = Callable[[], Awaitable[ServedAssistant]]
Announce = Callable[[str], None]


def run_server(open_assistant: OpenAssistant, options: ServerOptions, announce: Announce) -> None:
    """Open the assistant and serve it until SIGTERM or SIGINT; `announce` gets the URL once it answers.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for HTTPS are not what they should be.
    """
    check_certificate(options)
    with bind_port(options) as listener:
        url = format_url(options, listener)
        serve = partial(serve_assistant, open_assistant, options)
        run_process(serve, [listener], options.drain_seconds, lambda: announce(url))


def run_server_worker(open_assistant: OpenAssistant, options: ServerOptions, post: WorkerPost) -> None:
    """Open the assistant and serve it on the parent's socket until the parent says stop, or dies."""
    run_worker(partial(serve_assistant, open_assistant, options), options.drain_seconds, post)


async def serve_assistant(
    open_assistant: OpenAssistant,
    options: ServerOptions,
    listeners: Sequence[socket.socket],
    announce: Callable[[], None],
    obey: Obey,
) -> None:
    """Open the assistant, serve it on the sockets, and close it at the end."""
    assistant = await open_assistant()
    try:
        updates = PageUpdates()
        reception = Reception(assistant, seconds=options.response_seconds, listeners=(updates.publish,))
        app = build_app(reception, options, updates)
        server = HttpServer(app, reception, options, announce, on_closing=updates.close)
        assistant.start()
        with obey(server):
            await server.serve(list(listeners))
    finally:
        await _close(assistant)


async def _close(assistant: ServedAssistant) -> None:
    try:
        async with asyncio.timeout(CUT_OFF_SECONDS):
            await assistant.close()
    except TimeoutError:
        _log.warning("server.close_timed_out", extra={"seconds": CUT_OFF_SECONDS})
