"""One of several processes that serve the same port."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Generator, Sequence

from duologue.serving.process import find_loop_factory
from duologue.serving.running import Serve, Stoppable
from duologue.serving.workers.link import READY, Order, WorkerPost

_log = logging.getLogger(__name__)


def run_worker(serve: Serve, drain_seconds: float, post: WorkerPost) -> None:
    """Serve on the parent's sockets until the parent says stop, or dies."""
    # Ctrl-C and a wish for new workers are the parent's affair, which tells its workers.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket(fileno=number)) for number in post.listeners]
        link = stack.enter_context(socket.socket(fileno=post.link))
        runner = stack.enter_context(asyncio.Runner(loop_factory=find_loop_factory()))
        link.setblocking(False)
        runner.run(_work(serve, drain_seconds, listeners, link))


async def _work(
    serve: Serve, drain_seconds: float, listeners: Sequence[socket.socket], link: socket.socket
) -> None:
    listening = _Obedience(link, drain_seconds)

    def tell_ready() -> None:
        # A parent that has died in the meantime is noticed by the task that reads.
        with contextlib.suppress(OSError):
            link.send(READY)

    try:
        await serve(listeners, tell_ready, listening.obey)
    finally:
        listening.end()


class _Obedience:
    """Does what the parent says, from the first moment on."""

    def __init__(self, link: socket.socket, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        self._server: Stoppable | None = None
        self._task = asyncio.get_running_loop().create_task(self._listen(link))

    @contextlib.contextmanager
    def obey(self, server: Stoppable) -> Generator[None, None, None]:
        self._server = server
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, server.stop, self._drain_seconds)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    def end(self) -> None:
        self._task.cancel()

    async def _listen(self, link: socket.socket) -> None:
        while True:
            try:
                said = await asyncio.get_running_loop().sock_recv(link, 1)
            except OSError:
                said = b""
            if self._server is None:
                # Nothing is under way yet.
                os._exit(0)
            if not said:
                _log.warning("worker.parent_died")
                self._server.stop(self._drain_seconds)
                return
            self._carry_out(Order(said), self._server)

    def _carry_out(self, order: Order, server: Stoppable) -> None:
        match order:
            case Order.STOP:
                server.stop(self._drain_seconds)
            case Order.STOP_SOON:
                server.stop(0)
            case Order.RETIRE:
                server.retire()
