"""One server process of the assistant: kept running, as an orchestrator would, whatever the faults do to it."""

import asyncio
import signal
from pathlib import Path

from torture.http_exchange import ExchangeError, HttpConnection
from torture.own_process import REPOSITORY, OwnProcess
from torture.patience import wait_until
from torture.server_with_clock import write_offset
from torture.tally import Tally

PATIENCE_SECONDS = 90.0
PAUSE_AFTER_OWN_END = 0.5


class Replica:
    """A server on a port that stays the same through all its lives."""

    def __init__(
        self,
        number: int,
        *,
        port: int,
        project: Path,
        endpoints: Path,
        environment: dict[str, str],
        workers: int,
        tally: Tally,
    ) -> None:
        folder = endpoints.parent
        self.name = f"server {number}"
        self.port = port
        self._clock = folder / f"clock-{number}"
        self._tally = tally
        self._may_run = asyncio.Event()
        self._may_run.set()
        self._is_end_expected = False
        self._is_over = False
        self._keeping: asyncio.Task[None] | None = None
        write_offset(self._clock, 0)
        self.process = OwnProcess(
            [
                *("-m", "torture.server_with_clock", str(self._clock), "run", str(project)),
                *("--endpoints", str(endpoints), "--interface", "127.0.0.1", "--port", str(port)),
                *(("--workers", str(workers)) if workers > 1 else ()),
            ],
            folder=REPOSITORY,
            log=folder / f"server-{number}.log",
            environment=environment,
        )

    async def start(self) -> None:
        """Start it, and keep it running from now on; return when it is ready."""
        self._keeping = asyncio.create_task(self._keep_running())
        await self.wait_until_ready()

    async def _keep_running(self) -> None:
        while not self._is_over:
            await self._may_run.wait()
            await self.process.start()
            code = await self.process.wait_for_exit()
            if not (self._is_end_expected or self._is_over):
                self._tally.note_own_end(self.name, code, self.process.read_log())
                await asyncio.sleep(PAUSE_AFTER_OWN_END)
            self._is_end_expected = False

    async def end(self, number: signal.Signals) -> None:
        """End this life of it with a signal, and wait until its workers have noticed; it stays down until `let_up`."""
        self._may_run.clear()
        self._is_end_expected = self._is_end_expected or self.process.process_id is not None
        self.process.list_descendants()  # to be remembered
        self.process.send(number)
        if not await self.process.is_gone():
            self._tally.own_ends.append(f"{self.name} or workers of it stayed after {number.name}")
            await self.process.kill()

    @property
    def is_complete(self) -> bool:
        """Whether it has started with all of its workers."""
        return self.process.process_id is not None and self.process.has_said("Ready at")

    def let_up(self) -> None:
        """Let the next life begin."""
        self._may_run.set()

    def set_clock(self, seconds: float) -> None:
        """Put its clock ahead or back."""
        write_offset(self._clock, seconds)

    async def wait_until_ready(self) -> None:
        """Return once it says that it can take messages."""
        await wait_until(
            self.is_ready,
            PATIENCE_SECONDS,
            lambda: f"{self.name} is not ready:\n{self.process.read_log()}",
        )

    async def is_ready(self) -> bool:
        try:
            async with asyncio.timeout(5):
                connection = await HttpConnection.open(self.port)
                try:
                    return (await connection.get("/ready")).status == 200
                finally:
                    connection.close()
        except (TimeoutError, ExchangeError):
            return False

    async def close(self) -> None:
        """End it for good."""
        self._is_over = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await self.process.kill()

    async def retire(self) -> None:
        """End it politely for good; it is noted if it stays."""
        self._is_over = True
        if not await self.process.stop():
            self._tally.own_ends.append(
                f"{self.name} or its workers did not end when told:\n{self.process.read_log()}"
            )
