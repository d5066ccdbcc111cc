"""The action server of a run, and its controls."""

import asyncio
from pathlib import Path
from typing import Protocol

from torture.http_exchange import ExchangeError, HttpConnection
from torture.own_process import REPOSITORY, START_SECONDS, OwnProcess
from torture.patience import wait_until

LEDGER = "effects.jsonl"


class ActionServer(Protocol):
    """Whatever runs the actions of a rig, on a port that stays the same."""

    port: int

    async def start(self) -> None:
        """Return as soon as it answers."""
        ...

    async def set_manners(self, manners: str) -> None:
        """Tell it how to behave from now on."""
        ...

    async def kill(self) -> None:
        """End it at once."""
        ...


class ActionProcess:
    """An action server in a process of its own, on a port that stays the same."""

    def __init__(self, *, port: int, folder: Path) -> None:
        self.port = port
        self._process = OwnProcess(
            ("-m", "torture.slow_actions", str(port), str(folder / LEDGER)),
            folder=REPOSITORY,
            log=folder / "actions.log",
        )

    async def start(self) -> None:
        """Return as soon as it answers."""
        await self._process.start()
        await wait_until(
            lambda: self._does_answer("/health"),
            START_SECONDS,
            lambda: f"The action server does not start:\n{self._process.read_log()}",
        )

    async def set_manners(self, manners: str) -> None:
        """Tell it how to behave from now on."""
        await self._does_answer(f"/manners/{manners}")

    async def kill(self) -> None:
        await self._process.kill()

    async def _does_answer(self, path: str) -> bool:
        try:
            connection = await HttpConnection.open(self.port)
        except ExchangeError:
            return False
        try:
            async with asyncio.timeout(5):
                return (await connection.get(path)).status == 200
        except (ExchangeError, TimeoutError):
            return False
        finally:
            connection.close()
