"""The example action servers in other languages, built once and run on free ports."""

import contextlib
import fcntl
import functools
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from tests.peers.missing import skip_or_fail
from tests.peers.server_process import START_TIMEOUT, ServerProcess, find_free_port, wait_for_port

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples" / "action-servers"
_BUILD_TIMEOUT = 600


class NodeServer(ServerProcess):
    """The one in TypeScript, over HTTP and gRPC; it remembers results in a file of its folder."""

    name: ClassVar[str] = "node-actions"

    def __init__(self) -> None:
        super().__init__()
        self.grpc_port = find_free_port()
        self._example = build_node_server()

    def find_command(self) -> Sequence[str]:
        ports = ("--port", str(self.port), "--grpc-port", str(self.grpc_port))
        return (
            find_tool("node"),
            str(self._example / "dist" / "main.js"),
            *ports,
            "--remember",
            "results.jsonl",
        )

    def start(self) -> None:
        """Start it, and wait for both of its ports."""
        super().start()
        assert self._process is not None
        wait_for_port(self.grpc_port, self._process, timeout=START_TIMEOUT)


class JavaServer(ServerProcess):
    """The one in Java, over HTTP."""

    name: ClassVar[str] = "java-actions"

    def __init__(self) -> None:
        super().__init__()
        self._example = build_java_server()

    def find_command(self) -> Sequence[str]:
        return (find_tool("java"), "-cp", str(self._example / "build"), "shop.Main", str(self.port))


@functools.cache
def build_node_server() -> Path:
    """Its folder, built as its README says."""
    example = EXAMPLES / "typescript"
    npm = find_tool("npm")
    with _only_one(example.name):
        if not _is_newer(example / "node_modules" / ".package-lock.json", example / "package-lock.json"):
            _install_packages(example, npm)
        _run(example, npm, "run", "build")
    return example


@functools.cache
def build_java_server() -> Path:
    """Its folder, built as its README says."""
    example = EXAMPLES / "java"
    javac = find_tool("javac")
    sources = [str(path) for path in sorted((example / "src").rglob("*.java"))]
    with _only_one(example.name):
        _run(example, javac, "-Xlint:all,-serial", "-Werror", "-d", "build", *sources)
    return example


def find_tool(name: str) -> str:
    """A program's path; skips the test where it is not installed."""
    found = shutil.which(name)
    if found is None:
        skip_or_fail(
            f"There is no {name} on this machine; the example action servers need Node 20 and JDK 17."
        )
    return found


def _install_packages(example: Path, npm: str) -> None:
    try:
        _run(example, npm, "ci")
    except (AssertionError, subprocess.SubprocessError) as error:
        skip_or_fail(f"The packages of the TypeScript example cannot be installed: {error}")


@contextlib.contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Keep other processes of the tests from building the same at the same time."""
    peers = REPOSITORY / ".peers"
    peers.mkdir(exist_ok=True)
    with (peers / f"example-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_newer(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=_BUILD_TIMEOUT
    )
    assert done.returncode == 0, done.stdout + done.stderr
