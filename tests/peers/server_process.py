"""A real server in a process of its own, over a temporary folder, on a free port of 127.0.0.1."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

START_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0


class ServerProcess:
    """Derive a class that says what starts it. The folder stays if the block fails, since the log is in it."""

    name: ClassVar[str] = "server"
    environment: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name.lower()}-"))
        self.port = find_free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def find_command(self) -> Sequence[str]:
        """What starts it; skips the test where that is not installed."""
        raise AssertionError("A server has a command.")

    def __enter__(self) -> Self:
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
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"The log of {self.name} is {self.folder / 'server.log'}.")

    def start(self) -> None:
        """Start it, over what is in its folder, and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.find_command(),
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for_port(self.port, self._process, timeout=START_TIMEOUT)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections stay, nothing is answered."""
        assert self._process is not None, "it was started"
        freeze(self._process.pid)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._send(number)
        self.resume()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._send(signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def freeze(pid: int) -> None:
    """Stop a process where it is. Each of its threads stops at its next step, which is waited for where it can be seen."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + STOP_TIMEOUT
    while time.monotonic() < deadline and not _is_frozen(pid):
        time.sleep(0.002)


def _is_frozen(pid: int) -> bool:
    # The state is the first word after the name, which stands in brackets and may hold anything.
    states = [
        path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")
    ]
    return all(state in "TtZX" for state in states)


def find_free_port() -> int:
    """A port that nobody listens on now."""
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
