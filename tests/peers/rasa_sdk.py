"""Stock `rasa_sdk` action servers for tests, over HTTP and gRPC, from an environment of their own."""

import fcntl
import functools
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from tests.peers.missing import skip_or_fail
from tests.peers.server_process import ServerProcess

VERSION = "3.21.1"
_REPOSITORY = Path(__file__).resolve().parents[2]
_REQUIREMENTS = _REPOSITORY / "requirements" / "rasa-sdk.txt"
_PEERS = _REPOSITORY / ".peers"
_FOLDER = _PEERS / f"rasa-sdk-{VERSION}"
_INSTALL_TIMEOUT = 600


class Certificates(NamedTuple):
    """Paths of PEM files for a server with TLS."""

    certificate: Path
    key: Path
    client_authority: Path | None = None
    """Whose clients are let in, over gRPC only: mutual TLS."""


@functools.cache
def stock_python() -> Path:
    """The Python of an environment with stock `rasa_sdk`, made at the first call; skips the test where that fails."""
    mark = _FOLDER / ".installed"
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    _PEERS.mkdir(exist_ok=True)
    with (_PEERS / f"{_FOLDER.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.is_file() or mark.read_text() != wanted:
            try:
                _install(_FOLDER)
            except (OSError, subprocess.SubprocessError) as error:
                skip_or_fail(
                    f"rasa_sdk {VERSION} cannot be installed ({error}); it comes from the package index."
                )
            mark.write_text(wanted)
    return _FOLDER / "bin" / "python"


def _install(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(folder))
    pip = (str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "install", "--require-hashes", "-r", str(_REQUIREMENTS))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_INSTALL_TIMEOUT)
    if done.returncode != 0:
        raise subprocess.SubprocessError(
            done.stderr.strip()[-300:] or f"{command[0]} ended {done.returncode}"
        )


class StockActionServer(ServerProcess):
    """`python -m rasa_sdk` on a free port; use it as a context manager.

    Args:
        actions: folder that the module lies in.
        module: name of the module or package of the actions.
        grpc: speak gRPC instead of HTTP.
        certificates: speak TLS.
    """

    name: ClassVar[str] = "rasa-sdk"

    def __init__(
        self,
        actions: Path,
        module: str = "actions",
        *,
        grpc: bool = False,
        certificates: Certificates | None = None,
    ) -> None:
        super().__init__()
        self._python = stock_python()
        self._actions = actions
        self._module = module
        self._grpc = grpc
        self._certificates = certificates

    @property
    def url(self) -> str:
        """What `action_endpoint` names it with."""
        secure = "s" if self._certificates else ""
        if self._grpc:
            return f"grpc{secure}://localhost:{self.port}"
        return f"http{secure}://localhost:{self.port}/webhook"

    def read_log(self) -> str:
        """What it wrote until now."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def find_command(self) -> Sequence[str]:
        variables = (f"PYTHONPATH={self._actions}", "PYTHONDONTWRITEBYTECODE=1", "SANIC_HOST=127.0.0.1")
        start = (str(self._python), "-m", "rasa_sdk", "--actions", self._module, "--port", str(self.port))
        return ("env", *variables, *start, *self._list_options())

    def _list_options(self) -> list[str]:
        options = ["--grpc"] if self._grpc else []
        if self._certificates is None:
            return options
        certificate, key, client_authority = self._certificates
        options += ["--ssl-certificate", str(certificate), "--ssl-keyfile", str(key)]
        if client_authority is not None:
            options += ["--ssl-ca-file", str(client_authority)]
        return options

    def _send(self, number: signal.Signals) -> None:
        # Its worker is a process of its own, which must not stay behind.
        process = self._process
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, number)
