"""The action server of a run: `duologue actions` with workers, kept running whatever the faults do to it."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from torture.http_exchange import ExchangeError, HttpConnection
from torture.own_process import REPOSITORY, START_SECONDS, OwnProcess
from torture.patience import wait_until
from torture.tally import Tally

LEASE_SECONDS = 2
"""How long the call of a killed process stays taken; some faults freeze a process for longer."""
PAUSE_AFTER_OWN_END = 0.5


class ServedActions:
    """The real action server, in as many lives as it takes."""

    def __init__(
        self,
        *,
        port: int,
        folder: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        tally: Tally,
    ) -> None:
        self.port = port
        self._tally = tally
        self._is_wanted = asyncio.Event()
        self._is_over = False
        self._is_end_expected = False
        self._keeping: asyncio.Task[None] | None = None
        self.process = OwnProcess(
            ("-m", "duologue", "actions", *arguments, "--interface", "127.0.0.1", "--port", str(port)),
            folder=REPOSITORY,
            log=folder / "actions.log",
            environment=environment,
        )

    async def start(self) -> None:
        """Start it, and keep it running; return when it answers."""
        self._is_over = False
        self._is_wanted.set()
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_running())
        await wait_until(
            self._is_ready,
            START_SECONDS,
            lambda: f"The action server is not ready:\n{self.process.read_log()}",
        )

    async def _keep_running(self) -> None:
        while not self._is_over:
            await self._is_wanted.wait()
            await self.process.start()
            code = await self.process.wait_for_exit()
            if not (self._is_end_expected or self._is_over):
                self._tally.note_own_end("action server", code, self.process.read_log())
                await asyncio.sleep(PAUSE_AFTER_OWN_END)
            self._is_end_expected = False

    async def set_manners(self, manners: str) -> None:
        """It has its own, which are good."""

    async def end(self, number: signal.Signals) -> None:
        """End this life of it with all its workers; it stays down until `let_up`."""
        self._is_wanted.clear()
        self._is_end_expected = self._is_end_expected or self.process.process_id is not None
        if number is signal.SIGKILL:
            self.process.send_to_all(number)
        else:
            self.process.list_descendants()  # to be remembered
            self.process.send(number)
        if not await self.process.is_gone():
            self._tally.own_ends.append(f"the action server or workers of it stayed after {number.name}")
            await self.process.kill()

    def let_up(self) -> None:
        """Let the next life begin."""
        self._is_wanted.set()

    @property
    def is_complete(self) -> bool:
        """Whether it has started with all of its workers."""
        return self.process.process_id is not None and self.process.has_said("ready at")

    async def kill(self) -> None:
        """End it for good."""
        self._is_over = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None
        await self.process.kill()

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(5):
                connection = await HttpConnection.open(self.port)
                try:
                    return (await connection.get("/ready")).status == 200
                finally:
                    connection.close()
        except (TimeoutError, ExchangeError):
            return False
