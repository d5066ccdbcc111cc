"""SecantusDB in a process of its own: a server that speaks MongoDB's protocol, for tests and benchmarks."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from types import TracebackType

import pytest

from tests.peers.missing import skip_or_fail

_START_TIMEOUT = 30.0


class SecantusServer:
    """One server over a folder of its own, which keeps its data when it is stopped and started again."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._folder = Path(tempfile.mkdtemp(prefix="secantus-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = find_free_port()

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def __enter__(self) -> "SecantusServer":
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if kind is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            print(f"The log of SecantusDB is {self._folder / 'server.log'}.")

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("secantusd-py", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
        if program is None:
            skip_or_fail("SecantusDB is not installed (pip install secantusdb).")
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program,
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                    *("--storage-path", str(self._folder / "data"), "--cache-size", "128M", *self._arguments),
                ],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for_port(self.port, self._process, timeout=_START_TIMEOUT)

    def add_argument(self, argument: str) -> None:
        """For the next start."""
        self._arguments = (*self._arguments, argument)

    def stop(self) -> None:
        """End it in good order; `start` goes on with the same data."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections stay, nothing is answered."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._send(number)
        if number is not signal.SIGKILL:
            self._send(signal.SIGCONT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._send(signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen[bytes], *, timeout: float) -> None:
    """Return when somebody listens there.

    Raises:
        RuntimeError: the process ended, or took too long.
    """
    give_up = time.monotonic() + timeout
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode} before it answered.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The server did not answer on port {port} within {timeout:.0f} s.")


@pytest.fixture(scope="session")
def mongodb_url() -> Generator[str]:
    """A server for all tests of a run: the one that TEST_MONGODB_URL names, or one of our own."""
    given = os.environ.get("TEST_MONGODB_URL")
    if given:
        yield given
        return
    with SecantusServer("--standalone") as server:
        yield server.url


def name_database() -> str:
    """A name that no other test uses."""
    return f"duologue_test_{secrets.token_hex(6)}"
