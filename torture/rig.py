"""The rig: servers of the assistant, what they need, and the wires between them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from duologue.ports.tracker_store import TrackerStore
from tests.peers.server_process import find_free_port
from torture.action_process import LEDGER, ActionProcess, ActionServer
from torture.ledger import Effect, read_ledger
from torture.options import RigOptions
from torture.proxies import HOST, TcpProxy
from torture.replica import Replica
from torture.served_project import write_project
from torture.tally import Tally

if TYPE_CHECKING:
    from tests.peers.postgresql import PostgresqlPeer
    from tests.peers.valkey import ValkeyPeer

LOCK_LIFETIME = 3
"""Seconds that a lock lives without being renewed."""
ACTION_TIMEOUT = 2
"""Seconds that an action may take."""
REVIVAL_SECONDS = 60
ENVIRONMENT = {
    "TICKET_LOCK_LIFETIME": str(LOCK_LIFETIME),
    "DUOLOGUE_ACTION_TIMEOUT": str(ACTION_TIMEOUT),
    "POSTGRESQL_POOL_SIZE": "8",
    "POSTGRESQL_MAX_OVERFLOW": "8",
}
POSTGRESQL_SETTINGS = ("max_connections=60", "shared_buffers=64MB", "min_wal_size=80MB", "max_wal_size=160MB")


class Rig:
    """All that runs; faults reach for its parts by their names."""

    def __init__(self, options: RigOptions, folder: Path, tally: Tally) -> None:
        self.options = options
        self.folder = folder
        self.tally = tally
        self.postgresql: PostgresqlPeer | None = None
        self.valkey: ValkeyPeer | None = None
        self.sqlite_file = folder / "conversations.db" if options.store == "sqlite" else None
        self.actions: ActionServer = ActionProcess(port=find_free_port(), folder=folder)
        self.environment: Mapping[str, str] = ENVIRONMENT
        self.replicas: dict[str, Replica] = {}
        self.wires: dict[str, TcpProxy] = {}

    def require_postgresql(self) -> "PostgresqlPeer":
        assert self.postgresql is not None, "the fault is for PostgreSQL only"
        return self.postgresql

    def require_valkey(self) -> "ValkeyPeer":
        assert self.valkey is not None, "the fault is for a lock server only"
        return self.valkey

    async def revive_postgresql(self) -> None:
        """Start the database if it does not run."""
        await asyncio.to_thread(_revive, self.require_postgresql())

    async def start(self, stack: contextlib.AsyncExitStack) -> None:
        """Start everything; the stack ends it."""
        if self.options.store == "postgresql":
            self.postgresql = await asyncio.to_thread(_open_postgresql, stack, self.options.settings)
        if self.options.locks == "valkey":
            self.valkey = await asyncio.to_thread(_open_valkey, stack)
        project = write_project(self.folder / "project")
        await self.start_actions(project, stack)
        for number in range(1, self.options.replicas + 1):
            await self._add_replica(number, project, stack)
        # The first one makes the tables, the others find them.
        for replica in self.replicas.values():
            await replica.start()

    async def start_actions(self, project: Path, stack: contextlib.AsyncExitStack) -> None:
        """Start the action server; the stack ends it."""
        stack.push_async_callback(self.actions.kill)
        await self.actions.start()

    async def read_effects(self) -> list[Effect]:
        """What the actions did to the world, once all servers have ended."""
        return read_ledger(self.folder / LEDGER)

    def count_runs(self) -> int | None:
        """How often an action began, if that is counted."""
        return None

    async def _add_replica(self, number: int, project: Path, stack: contextlib.AsyncExitStack) -> None:
        ports = {
            need: await self.lay_wire(f"server {number} to {need}", port, stack)
            for need, port in self._list_needs().items()
        }
        endpoints = self.folder / f"endpoints-{number}.yml"
        endpoints.write_text(self._format_endpoints(ports), encoding="utf-8")
        replica = Replica(
            number,
            port=find_free_port(),
            project=project,
            endpoints=endpoints,
            environment=dict(self.environment),
            workers=self.options.workers,
            tally=self.tally,
        )
        stack.push_async_callback(replica.close)
        self.replicas[replica.name] = replica

    def _list_needs(self) -> Mapping[str, int]:
        needs = {"actions": self.actions.port}
        if self.postgresql is not None:
            needs["database"] = self.postgresql.port
        if self.valkey is not None:
            needs["locks"] = self.valkey.port
        return needs

    async def lay_wire(self, name: str, port: int, stack: contextlib.AsyncExitStack) -> int:
        """Put a proxy before a port; its own port."""
        wire = TcpProxy(port)
        await wire.start()
        stack.push_async_callback(wire.refuse)
        self.wires[name] = wire
        return wire.port

    def _format_endpoints(self, ports: Mapping[str, int]) -> str:
        lines = [*self.format_action_endpoint(ports["actions"]), "tracker_store:"]
        lines += ["  type: SQL", f"  dialect: {self.options.store}"]
        if self.sqlite_file is not None:
            lines += [f"  db: {self.sqlite_file}"]
        else:
            lines += [
                f"  url: {HOST}",
                f"  port: {ports['database']}",
                "  db: postgres",
                "  username: postgres",
            ]
        if "locks" in ports:
            lines += ["lock_store:", "  type: redis", f"  host: {HOST}", f"  port: {ports['locks']}"]
        return "\n".join(lines) + "\n"

    def format_action_endpoint(self, port: int) -> list[str]:
        """The lines of endpoints.yml that lead to the action server."""
        return ["action_endpoint:", f"  url: http://{HOST}:{port}/webhook"]

    @contextlib.asynccontextmanager
    async def open_store(self) -> AsyncIterator[TrackerStore]:
        """The store itself, past all wires, for the checker."""
        store = await self._open_store()
        try:
            yield store
        finally:
            await store.close()

    async def _open_store(self) -> TrackerStore:
        if self.sqlite_file is not None:
            from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore

            return await SqliteTrackerStore.open(self.sqlite_file)
        from duologue.adapters.tracker_store.postgresql import open_store
        from duologue.adapters.tracker_store.postgresql_options import PostgresqlOptions

        port = self.require_postgresql().port
        return await open_store(PostgresqlOptions(url=HOST, port=port, db="postgres", username="postgres"))


def _open_postgresql(stack: contextlib.AsyncExitStack, settings: Sequence[str]) -> "PostgresqlPeer":
    from tests.peers.postgresql import PostgresqlPeer

    # Durable: a database that says "committed" before it is would lose what clients were told.
    return stack.enter_context(PostgresqlPeer(durable=True, settings=[*POSTGRESQL_SETTINGS, *settings]))


def _open_valkey(stack: contextlib.AsyncExitStack) -> "ValkeyPeer":
    from tests.peers.valkey import ValkeyPeer

    return stack.enter_context(ValkeyPeer())


def _revive(database: "PostgresqlPeer") -> None:
    if not _is_running(database):
        database.start()
    deadline = time.monotonic() + REVIVAL_SECONDS
    while True:  # it may still recover from its log
        try:
            database.execute("SELECT 1")
            return
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _is_running(database: "PostgresqlPeer") -> bool:
    try:
        first = psutil.Process(database.pid)
    except AssertionError:  # somebody stopped it
        return False
    if first.status() != psutil.STATUS_ZOMBIE:
        return True
    database.kill()  # it ended by itself, and is only to be buried
    return False
