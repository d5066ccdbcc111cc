"""SecantusDB in a process of its own: a server that speaks MongoDB's protocol, for tests and benchmarks."""

import os
import secrets
import shutil
import sys
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from tests.peers.missing import skip_or_fail
from tests.peers.server_process import ServerProcess


class SecantusServer(ServerProcess):
    """One server that keeps its data when it is stopped and started again."""

    name = "SecantusDB"

    def __init__(self, *arguments: str) -> None:
        super().__init__()
        self._arguments = arguments

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def add_argument(self, argument: str) -> None:
        """For the next start."""
        self._arguments = (*self._arguments, argument)

    def find_command(self) -> Sequence[str]:
        program = shutil.which("secantusd-py", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
        if program is None:
            skip_or_fail("SecantusDB is not installed (pip install secantusdb).")
        return [
            program,
            *("--host", "127.0.0.1", "--port", str(self.port)),
            *("--storage-path", str(self.folder / "data"), "--cache-size", "128M", *self._arguments),
        ]


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
