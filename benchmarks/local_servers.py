"""Server processes on this machine, started for measuring and ended afterwards."""

import http.client
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

HOST = "127.0.0.1"
PATIENCE_SECONDS = 60.0
REPOSITORY = Path(__file__).resolve().parents[1]


class ServerProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A server that answers."""

    port: int
    process_id: int
    ready_seconds: float
    """From its start to its first good answer."""


def find_free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def start_server(
    arguments: Sequence[str],
    *,
    port: int,
    ready_path: str | None,
    folder: Path,
    python: Path = Path(sys.executable),
) -> Iterator[ServerProcess]:
    """Start `python <arguments>` and wait until it answers on the path; it is ended whatever happens.

    Without a path it is waited for until the port is open.
    """
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(python), *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            while not _answers(port, ready_path):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    log.seek(0)
                    text = log.read().decode(errors="replace")[-2000:]
                    raise RuntimeError(f"The server {' '.join(arguments)} does not answer:\n{text}")
                time.sleep(0.005)
            seconds = time.perf_counter() - began
            yield ServerProcess(port=port, process_id=process.pid, ready_seconds=seconds)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int, path: str | None) -> bool:
    if path is None:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, port)) == 0
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def run_duologue(project: Path, *, workers: int = 1) -> Iterator[ServerProcess]:
    """`duologue run` over a project."""
    port = find_free_port()
    arguments = ["-m", "duologue", "run", str(project), "--interface", HOST, "--port", str(port)]
    if workers > 1:
        arguments += ["--workers", str(workers)]
    with start_server(arguments, port=port, ready_path="/ready", folder=project) as server:
        yield server


@contextmanager
def run_bare_server() -> Iterator[ServerProcess]:
    """A server of the same kind that only echoes."""
    port = find_free_port()
    arguments = ["-m", "benchmarks.echo_server", str(port)]
    with start_server(arguments, port=port, ready_path="/ready", folder=REPOSITORY) as server:
        yield server


def read_memory(process_id: int) -> float | None:
    """Resident memory of a process in MB; None where that cannot be read."""
    status = Path(f"/proc/{process_id}/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1_000_000
        return None
    answer = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return int(answer.stdout) * 1024 / 1_000_000 if answer.stdout.strip() else None
