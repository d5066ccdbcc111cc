"""The parent of several workers: owns the ports, and passes on what it is told by signals."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence

from duologue.serving.errors import WorkersRefusedError, WorkerStartError
from duologue.serving.listening import SharedPort, WorkerPort, bind_port, check_certificate, format_url
from duologue.serving.options import ServingOptions
from duologue.serving.process import ENDED_AT_ONCE
from duologue.serving.workers.crew import StartFailedError, WorkerCrew
from duologue.serving.workers.link import Order
from duologue.serving.workers.worker_process import WorkerCommand, describe_end

GRACE_SECONDS = 15.0
"""What workers may need to end, beyond draining and their last turns, before they are killed."""


def run_workers(
    command: WorkerCommand, options: ServingOptions, count: int, announce: Callable[[str], None]
) -> int:
    """Serve HTTP with `count` processes until told to stop; the exit code.

    Args:
        command: the words that start a worker.
        announce: gets the URL once all of them answer.

    Raises:
        AddressUnusableError: the port is taken, or the interface is not of this machine.
        CertificateUnusableError: the files for HTTPS are not what they should be.
        WorkersRefusedError: this system has no such processes.
        WorkerStartError: a worker could not be started, and nobody said why.
    """
    check_workers_possible()
    check_certificate(options)
    with bind_port(options) as listener:
        url = format_url(options, listener)
        with contextlib.closing(SharedPort(listener, count)) as port:
            return lead_workers(command, [port], count, options, lambda: announce(url))


def check_workers_possible() -> None:
    """Raises:
    WorkersRefusedError: this system has no such processes.
    """
    if sys.platform == "win32":
        raise WorkersRefusedError("Several workers need Linux or macOS; leave --workers out on this system.")


def lead_workers(
    command: WorkerCommand,
    ports: Sequence[WorkerPort],
    count: int,
    options: ServingOptions,
    announce: Callable[[], None],
) -> int:
    """Serve these ports with `count` processes until told to stop; the exit code."""
    return asyncio.run(_lead(WorkerCrew(command, ports, count), options, announce))


async def _lead(crew: WorkerCrew, options: ServingOptions, announce: Callable[[], None]) -> int:
    wishes = _Wishes()
    with wishes.obey_signals(crew):
        try:
            if not await _is_started(crew, wishes):
                return ENDED_AT_ONCE
            announce()
            renewing = asyncio.create_task(_renew_when_asked(crew, wishes))
            order = await wishes.stop
            renewing.cancel()
            drain_seconds = options.drain_seconds if order is Order.STOP else 0.0
            await crew.stop(order, drain_seconds + options.shutdown_seconds + GRACE_SECONDS)
        except StartFailedError as failure:
            return _judge(failure)
        finally:
            await crew.kill()
    return 0


class _Wishes:
    """What was asked of the parent by signals."""

    def __init__(self) -> None:
        self.stop: asyncio.Future[Order] = asyncio.get_running_loop().create_future()
        self.renewal = asyncio.Event()

    @contextlib.contextmanager
    def obey_signals(self, crew: WorkerCrew) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        # Under `nohup` a closed terminal is no reason to end.
        has_terminal = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()
        loop.add_signal_handler(signal.SIGTERM, self._wish_end, Order.STOP, crew)
        loop.add_signal_handler(signal.SIGINT, self._wish_end, Order.STOP_SOON, crew)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up, has_terminal, crew)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _wish_end(self, order: Order, crew: WorkerCrew) -> None:
        if not self.stop.done():
            self.stop.set_result(order)
            return
        crew.kill_at_once()
        sys.stderr.flush()
        os._exit(ENDED_AT_ONCE)

    def _hang_up(self, had_terminal: bool, crew: WorkerCrew) -> None:
        """New workers are wished for, unless the signal came because the terminal was closed."""
        if had_terminal and not _has_terminal():
            self._wish_end(Order.STOP, crew)
        else:
            self.renewal.set()


async def _is_started(crew: WorkerCrew, wishes: _Wishes) -> bool:
    """False if it was told to end in the meantime."""
    starting = asyncio.create_task(crew.start())
    await asyncio.wait({starting, wishes.stop}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        await starting
        return True
    starting.cancel()
    await asyncio.wait({starting})
    return False


async def _renew_when_asked(crew: WorkerCrew, wishes: _Wishes) -> None:
    while True:
        await wishes.renewal.wait()
        wishes.renewal.clear()
        await crew.renew()


def _judge(failure: StartFailedError) -> int:
    """A worker that ends with an exit code has said why; one that was killed could not."""
    if failure.code > 0:
        return failure.code
    worker, end = failure.worker, describe_end(failure.code)
    raise WorkerStartError(
        f"Worker {worker.number} (process {worker.process_id}) ended before it was ready: {end}."
    )


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
