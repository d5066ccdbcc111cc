"""Runs the server in this process until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager

from duologue.server.app import build_app
from duologue.server.http_server import CUT_OFF_SECONDS, AssistantServer
from duologue.server.listening import bind_port, check_certificate, format_url
from duologue.server.options import ServerOptions
from duologue.server.page_updates import PageUpdates
from duologue.server.reception import Reception
from duologue.server.served_assistant import ServedAssistant

_log = logging.getLogger(__name__)

ENDED_AT_ONCE = 130
"""Exit code after the second Ctrl-C."""

OpenAssistant = Callable[[], Awaitable[ServedAssistant]]
Announce = Callable[[str], None]
Obey = Callable[[AssistantServer], AbstractContextManager[None]]
"""Inside it, the server is told when to stop."""


def run_server(open_assistant: OpenAssistant, options: ServerOptions, announce: Announce) -> None:
    """Open the assistant and serve it until SIGTERM or SIGINT; `announce` gets the URL once it answers.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for HTTPS are not what they should be.
    """
    check_certificate(options)

    def obey(server: AssistantServer) -> AbstractContextManager[None]:
        return _obey_signals(server, options.drain_seconds)

    with bind_port(options) as listener, asyncio.Runner(loop_factory=find_loop_factory()) as runner:
        url = format_url(options, listener)
        runner.run(serve_assistant(open_assistant, options, listener, lambda: announce(url), obey))


async def serve_assistant(
    open_assistant: OpenAssistant,
    options: ServerOptions,
    listener: socket.socket,
    announce: Callable[[], None],
    obey: Obey,
) -> None:
    """Open the assistant, serve it on the socket, and close it at the end."""
    assistant = await open_assistant()
    try:
        updates = PageUpdates()
        reception = Reception(assistant, seconds=options.response_seconds, listeners=(updates.publish,))
        app = build_app(reception, options, updates)
        server = AssistantServer(app, reception, updates, options, announce)
        assistant.start()
        with obey(server):
            await server.serve([listener])
    finally:
        await _close(assistant)


async def _close(assistant: ServedAssistant) -> None:
    try:
        async with asyncio.timeout(CUT_OFF_SECONDS):
            await assistant.close()
    except TimeoutError:
        _log.warning("server.close_timed_out", extra={"seconds": CUT_OFF_SECONDS})


@contextlib.contextmanager
def _obey_signals(server: AssistantServer, drain_seconds: float) -> Generator[None, None, None]:
    """The first signal ends politely with exit code 0, the second at once."""
    loop = asyncio.get_running_loop()
    # Whoever presses Ctrl-C waits for the end; a load balancer has to hear of it first.
    waits = {signal.SIGINT: 0.0, signal.SIGTERM: drain_seconds}
    for number, seconds in waits.items():
        loop.add_signal_handler(number, _on_signal, server, seconds)
    try:
        yield
    finally:
        for number in waits:
            loop.remove_signal_handler(number)


def _on_signal(server: AssistantServer, drain_seconds: float) -> None:
    if server.is_stopping:
        # What is stored is stored; a turn that is not will be sent again by its client.
        sys.stderr.flush()
        os._exit(ENDED_AT_ONCE)
    server.stop(drain_seconds)


def find_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quicker event loop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
