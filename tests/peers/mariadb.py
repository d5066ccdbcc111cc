"""Real MariaDB servers for tests, benchmarks and the fault rig, on free ports of 127.0.0.1."""

import atexit
import contextlib
import fcntl
import functools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import quote, unquote, urlsplit

from tests.peers.missing import skip_or_fail
from tests.peers.server_process import find_free_port, freeze

START_TIMEOUT = 60.0
_PACKAGES = ("mariadb-server-core", "mariadb-client-core")
_SETTINGS = ("innodb_log_file_size=32M", "innodb_buffer_pool_size=64M", "skip_name_resolve=1")
_FAST = ("innodb_flush_log_at_trx_commit=2", "innodb_doublewrite=0", "innodb_flush_method=nosync")


class Programs(NamedTuple):
    """Where a MariaDB lies."""

    root: Path
    """The folder that its `usr` is in."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment its programs run in."""
        usr = self.root / "usr"
        paths = f"{usr / 'bin'}:{usr / 'sbin'}:/usr/bin:/bin"
        if self.root == Path("/"):
            return {"PATH": paths}
        libraries = ":".join(str(folder) for folder in sorted((usr / "lib").glob("*-linux-gnu*")))
        return {"PATH": paths, "LD_LIBRARY_PATH": libraries}

    @property
    def options(self) -> list[str]:
        """What its server has to be told about places."""
        if self.root == Path("/"):
            return []
        usr = self.root / "usr"
        return [
            f"basedir={usr}",
            f"plugin_dir={usr / 'lib/mysql/plugin'}",
            f"lc_messages_dir={usr / 'share/mysql'}",
        ]


@functools.cache
def find_programs() -> Programs:
    """The installed MariaDB, or Debian's, unpacked into the user's cache without being installed."""
    if Path("/usr/sbin/mariadbd").exists() and Path("/usr/bin/mariadb-install-db").exists():
        return Programs(Path("/"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duologue-tests"
    root = cache / "mariadb"
    if not root.exists():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with (cache / "mariadb.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not root.exists():
                    _unpack(root)
        except (OSError, subprocess.SubprocessError) as error:
            skip_or_fail(
                f"No MariaDB on this machine ({error}): install the Debian packages {' and '.join(_PACKAGES)}."
            )
    return Programs(root)


def _unpack(root: Path) -> None:
    with tempfile.TemporaryDirectory(dir=root.parent) as name:
        folder = Path(name)
        plan = _run("apt-get", "install", "-s", "--no-install-recommends", *_PACKAGES, folder=folder)
        missing = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        _run("apt-get", "download", *missing, folder=folder)
        for package in folder.glob("*.deb"):
            _run("dpkg", "-x", str(package), "root", folder=folder)
        (folder / "root").rename(root)


def _run(*command: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode != 0:
        raise subprocess.SubprocessError(f"{command[0]}: {done.stderr.strip()[-300:] or done.returncode}")
    return done.stdout


class MariadbPeer:
    """A server of its own, with the user `root` who needs no password.

    Args:
        durable: commits wait for the disk, as they do by default; otherwise the server is quick and a power cut
            would lose what it holds. A killed server loses nothing either way.
        settings: lines of its configuration, such as `max_allowed_packet=1M`.
        certificate: paths of a certificate and its key, for TLS.
    """

    def __init__(
        self,
        *,
        durable: bool = False,
        settings: Sequence[str] = (),
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._programs = find_programs()
        self._settings = [*_SETTINGS, *(() if durable else _FAST), *settings]
        if certificate is not None:
            self._settings += [f"ssl_cert={certificate[0]}", f"ssl_key={certificate[1]}"]
        self._process: subprocess.Popen[bytes] | None = None
        self.host = "127.0.0.1"
        self.port = find_free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="my-"))
        self.socket_path = self.folder / "s"
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

    def get_url(self, database: str, *, user: str = "root", password: str = "") -> str:
        """Where a client finds the database."""
        login = quote(user) + (f":{quote(password)}" if password else "")
        return f"mysql://{login}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database; its address."""
        self.execute(f"CREATE OR REPLACE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self.get_url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database."""
        self.execute(f"DROP DATABASE `{name}`")

    def execute(self, statement: str, *, database: str = "mysql") -> str:
        """Let the server do something as root; what it answers, a row in a line."""
        return _run_client(
            f"--socket={self.socket_path}", "--user=root", statement=statement, database=database
        )

    def read_log(self) -> str:
        """What the server has said so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    # ---------------------------------------------------------------- life and death

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Begin to serve, at the same port as before; return when it takes connections."""
        assert self._process is None, "the server runs already"
        options = {
            "datadir": self._data,
            "socket": self.socket_path,
            "port": self.port,
            "bind_address": self.host,
            "pid_file": self.folder / "pid",
        }
        lines = [f"{name}={value}" for name, value in options.items()]
        settings = self.folder / "my.cnf"
        settings.write_text("\n".join(["[mariadbd]", *lines, *self._programs.options, *self._settings, ""]))
        self.socket_path.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs.root / "usr/sbin/mariadbd", f"--defaults-file={settings}", *_name_user()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._programs.environment,
            )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """End it as an operator does: clients are told and their transactions rolled back."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay and nobody answers."""
        freeze(self.pid)

    def resume(self) -> None:
        """Let a frozen server go on."""
        os.kill(self.pid, signal.SIGCONT)

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
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    # ---------------------------------------------------------------- how

    def _make_data(self) -> None:
        shutil.copytree(_make_template(), self._data)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + START_TIMEOUT
        while time.monotonic() < give_up and process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self.host, self.port), timeout=1) as probe,
            ):
                if probe.recv(1):
                    return
            time.sleep(0.02)
        raise AssertionError(f"MariaDB does not start:\n{self.read_log()[-4000:]}")

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server does not run"
        self._process.send_signal(number)
        try:
            self._process.wait(START_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(START_TIMEOUT)
        self._process = None


class RemoteMariadb:
    """A server that runs already, named by `TEST_MARIADB_URL`; its user must be allowed to make databases."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def create_database(self, name: str) -> str:
        """Make an empty database; its address."""
        self._execute(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self._parts._replace(path=f"/{name}").geturl()

    def drop_database(self, name: str) -> None:
        """Remove a database."""
        self._execute(f"DROP DATABASE `{name}`")

    def _execute(self, statement: str) -> None:
        parts = self._parts
        login = [f"--user={unquote(parts.username or 'root')}"]
        if parts.password:
            login.append(f"--password={unquote(parts.password)}")
        place = [f"--host={parts.hostname}", f"--port={parts.port or 3306}"]
        _run_client(*place, *login, statement=statement, database="")


@functools.cache
def share_server() -> MariadbPeer | RemoteMariadb:
    """One server for all tests of this process that leave it as it is."""
    url = os.environ.get("TEST_MARIADB_URL", "")
    if url:
        return RemoteMariadb(url)
    peer = MariadbPeer()
    return peer.__enter__()  # ended when the process ends


@functools.cache
def _make_template() -> Path:
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="my-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = folder / "my.cnf"
    settings.write_text("\n".join(["[mariadbd]", *programs.options, *_SETTINGS, *_FAST, ""]))
    usr = programs.root / "usr"
    with contextlib.ExitStack() as stack:
        stack.callback(settings.unlink)
        _run(
            str(usr / "bin/mariadb-install-db"),
            f"--defaults-file={settings}",
            f"--basedir={usr}",
            f"--datadir={folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *_name_user(),
            folder=folder,
            environment=programs.environment,
        )
    return folder / "data"


def _run_client(*options: str, statement: str, database: str) -> str:
    programs = find_programs()
    client = str(programs.root / "usr/bin/mariadb")
    command = (
        client,
        "--no-defaults",
        *options,
        "--batch",
        "--skip-column-names",
        f"--execute={statement}",
        database,
    )
    return _run(*command, folder=Path("/"), environment=programs.environment).strip()


def _name_user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
