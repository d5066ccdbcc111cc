"""A process that the rig started, ends, freezes, and never leaves behind."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from torture.patience import wait_until

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 60
STOP_SECONDS = 30
_SHOWN_CHARACTERS = 2000


class OwnProcess:
    """`python ARGUMENTS`, with its output in a file."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._arguments = arguments
        self._folder = folder
        self._log = log
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._descendants: set[psutil.Process] = set()
        self._log_start = 0

    @property
    def process_id(self) -> int | None:
        """Its number while it runs."""
        if self._process is None or self._process.returncode is not None:
            return None
        return self._process.pid

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                # Ctrl-C is for the rig alone, which then ends the others in order.
                start_new_session=True,
            )

    async def wait_for_exit(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait() if self._process is not None else 0

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def send_to_all(self, number: signal.Signals) -> None:
        """Send a signal to it and to all processes that it started."""
        for process in self.list_descendants():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        self.send(number)

    def list_descendants(self) -> list[psutil.Process]:
        """The processes that it started and that run, those of its earlier lives too."""
        if self.process_id is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._descendants.update(psutil.Process(self.process_id).children(recursive=True))
        self._descendants = {process for process in self._descendants if process.is_running()}
        return [*self._descendants]

    async def kill(self) -> None:
        """End it and what it started as a power cut would; frozen ones too."""
        self.send_to_all(signal.SIGKILL)
        await self.wait_for_exit()

    async def stop(self) -> bool:
        """End it politely; whether it ended in time, and all that it started with it."""
        self.list_descendants()  # to be remembered
        self.send(signal.SIGTERM)
        if await self.is_gone():
            return True
        await self.kill()
        return False

    async def is_gone(self) -> bool:
        """Whether it ends, with all that it started, before the time for that is over."""
        try:
            await wait_until(self._has_ended, STOP_SECONDS, lambda: "It stays")
        except RuntimeError:
            return False
        return True

    async def _has_ended(self) -> bool:
        return self.process_id is None and not self.list_descendants()

    def has_said(self, words: str) -> bool:
        """Whether it wrote that in this life of it."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return words.encode() in log.read()

    def read_log(self) -> str:
        """The end of what it wrote."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return re.sub(r"\n+", "\n", text)[-_SHOWN_CHARACTERS:]
