"""Runs a server in this process until a signal tells it to stop."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator, Sequence

from duologue.serving.running import Serve, Stoppable

ENDED_AT_ONCE = 130
"""Exit code after the second Ctrl-C, and of a parent after one during the start."""


def run_process(
    serve: Serve, listeners: Sequence[socket.socket], drain_seconds: float, announce: Callable[[], None]
) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is called once the server answers."""

    def obey(server: Stoppable) -> contextlib.AbstractContextManager[None]:
        return _obey_signals(server, drain_seconds)

    with asyncio.Runner(loop_factory=find_loop_factory()) as runner:
        runner.run(serve(listeners, announce, obey))


@contextlib.contextmanager
def _obey_signals(server: Stoppable, drain_seconds: float) -> Generator[None, None, None]:
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


def _on_signal(server: Stoppable, drain_seconds: float) -> None:
    if server.is_stopping:
        # What is stored is stored; what is not will be asked for again by its client.
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
