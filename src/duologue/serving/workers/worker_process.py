"""A worker as its parent sees it."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence

from duologue.serving.workers.link import Order, WorkerPost, format_post

LONG_LIFE = 10.0
"""Seconds after which the death of a worker is no longer taken for the death of its predecessor come again."""


WorkerCommand = Callable[[str], Sequence[str]]
"""The words that start a worker with the post that is given."""


class WorkerProcess:
    """One life of one worker."""

    def __init__(self, number: int, process: asyncio.subprocess.Process, link: socket.socket) -> None:
        self.number = number
        self.is_ready = False
        self._process = process
        self._link = link
        self._ready_at = 0.0

    @classmethod
    async def start(
        cls, number: int, command: WorkerCommand, listeners: Sequence[socket.socket], *, is_first: bool
    ) -> "WorkerProcess":
        """Start a worker on its sockets; counted from 1."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        post = WorkerPost(
            number=number,
            listeners=tuple(listener.fileno() for listener in listeners),
            link=theirs.fileno(),
            is_first=is_first,
        )
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *command(format_post(post)),
                    stdin=subprocess.DEVNULL,
                    pass_fds=(*post.listeners, post.link),
                    # Ctrl-C in a terminal goes to the parent only, which tells its workers.
                    process_group=0,
                )
        except BaseException:
            ours.close()
            raise
        return cls(number, process, ours)

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def has_lived_long(self) -> bool:
        return self.is_ready and time.monotonic() - self._ready_at > LONG_LIFE

    async def wait_until_ready(self) -> bool:
        """False if it ended instead."""
        with contextlib.suppress(OSError):
            self.is_ready = bool(await asyncio.get_running_loop().sock_recv(self._link, 1))
        self._ready_at = time.monotonic()
        return self.is_ready

    def tell(self, order: Order) -> None:
        """Give an order; a worker that has died needs none."""
        with contextlib.suppress(OSError):
            self._link.send(order.value)

    def kill(self) -> None:
        """End it at once: what is stored is stored, and a client whose turn is not will send it again."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def wait(self) -> int:
        """The exit code, once it has ended; negative for a signal."""
        code = await self._process.wait()
        self._link.close()
        return code


def describe_end(code: int) -> str:
    """How a process ended, for a person: `exit code 1`, `SIGKILL`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
