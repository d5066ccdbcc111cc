"""The workers of a server: started, started again when they die, replaced one by one, and ended."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence

from duologue.serving.listening import WorkerPort
from duologue.serving.workers.link import Order
from duologue.serving.workers.worker_process import WorkerCommand, WorkerProcess, describe_end

_log = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
"""Seconds before a worker that dies again and again is started once more."""

GIVEN_UP = "The workers that serve go on; mend what the new one says and send SIGHUP again."


class StartFailedError(Exception):
    """A worker ended before it was ready."""

    def __init__(self, worker: WorkerProcess, code: int) -> None:
        super().__init__(worker.number)
        self.worker = worker
        self.code = code


class WorkerCrew:
    """One worker serves at each socket of a port; others are about to, or finish what they have begun."""

    def __init__(self, command: WorkerCommand, ports: Sequence[WorkerPort], count: int) -> None:
        """`ports`: each has a socket for every worker."""
        numbers = range(1, count + 1)
        self._command = command
        self._ports = ports
        self._serving: dict[int, WorkerProcess] = {}
        self._alive: set[WorkerProcess] = set()
        self._early_deaths = dict.fromkeys(numbers, 0)
        self._doors = {number: asyncio.Lock() for number in numbers}
        """Held while a worker is replaced."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Return once all are ready; the first is started alone, so that what is wrong is said once.

        Raises:
            StartFailedError: a worker ended instead.
        """
        first, *others = self._doors
        await self._start_one(first)
        rest = [asyncio.create_task(self._start_one(number)) for number in others]
        try:
            await asyncio.gather(*rest)
        finally:
            for task in rest:
                task.cancel()

    async def renew(self) -> bool:
        """Replace one worker after the other; each serves until its successor does. False if a successor fails."""
        _log.info("workers.renewal_begun")
        for number, door in self._doors.items():
            async with door:
                predecessor = self._serving[number]
                if not await self._is_replaced(number):
                    _log.warning("workers.renewal_given_up", extra={"finding": GIVEN_UP})
                    return False
                predecessor.tell(Order.RETIRE)
        _log.info("workers.renewed")
        return True

    async def stop(self, order: Order, seconds: float) -> None:
        """All drain at the same time; whoever takes too long is killed."""
        self._give_up_tasks()
        # From here on the ports belong to the workers, who close them last.
        for port in self._ports:
            port.close()
        for worker in self._alive:
            if worker.is_ready:
                worker.tell(order)
            else:
                worker.kill()
        try:
            async with asyncio.timeout(seconds):
                await self._wait_for_all()
        except TimeoutError:
            _log.warning("workers.killed", extra={"finding": f"They did not end within {seconds:g} seconds."})
            await self.kill()

    async def kill(self) -> None:
        """End whoever is left."""
        self.kill_at_once()
        await self._wait_for_all()

    def kill_at_once(self) -> None:
        self._give_up_tasks()
        for worker in self._alive:
            worker.kill()

    async def _start_one(self, number: int) -> None:
        worker = await self._spawn(number)
        if not await worker.wait_until_ready():
            raise StartFailedError(worker, await worker.wait())
        self._let_serve(worker)

    async def _spawn(self, number: int) -> WorkerProcess:
        is_first = not self._serving
        worker = await WorkerProcess.start(
            number, self._command, [port.sockets[number - 1] for port in self._ports], is_first=is_first
        )
        self._alive.add(worker)
        return worker

    def _let_serve(self, worker: WorkerProcess) -> None:
        self._serving[worker.number] = worker
        _log.info("worker.ready", extra={"worker": worker.number, "process_id": worker.process_id})
        self._keep(self._watch(worker))

    async def _watch(self, worker: WorkerProcess) -> None:
        code = await worker.wait()
        self._alive.discard(worker)
        if self._serving[worker.number] is worker:
            _tell_end("worker.died", worker, code, finding="It is started again.")
            await self._revive(worker)

    async def _revive(self, dead: WorkerProcess) -> None:
        number = dead.number
        self._early_deaths[number] = 0 if dead.has_lived_long else self._early_deaths[number] + 1
        async with self._doors[number]:
            while self._serving[number] is dead:
                await asyncio.sleep(_choose_pause(self._early_deaths[number]))
                if not await self._is_replaced(number):
                    self._early_deaths[number] += 1
                    # Those who wait there have waited long enough; the other workers take them when they come again.
                    for port in self._ports:
                        port.renew(number - 1)

    async def _is_replaced(self, number: int) -> bool:
        """Start another worker; False if that one ends before it is ready."""
        try:
            worker = await self._spawn(number)
        except OSError as error:
            _log.warning("worker.not_started", extra={"worker": number, "end": error.strerror})
            return False
        if await worker.wait_until_ready():
            self._let_serve(worker)
            return True
        code = await worker.wait()
        self._alive.discard(worker)
        _tell_end("worker.not_started", worker, code)
        return False

    async def _wait_for_all(self) -> None:
        await asyncio.gather(*(worker.wait() for worker in self._alive))

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _give_up_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()


def _choose_pause(early_deaths: int) -> float:
    """None before the first new life; after that longer and longer."""
    return min(SHORTEST_PAUSE * 2 ** (early_deaths - 1), LONGEST_PAUSE) if early_deaths else 0.0


def _tell_end(event: str, worker: WorkerProcess, code: int, **more: str) -> None:
    fields = {"worker": worker.number, "process_id": worker.process_id, "end": describe_end(code)}
    _log.warning(event, extra=fields | more)
