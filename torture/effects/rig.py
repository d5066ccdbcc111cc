"""Assistant servers, the real action server, and a ledger in which every effect is a row."""

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import cast

from tests.peers.server_process import find_free_port
from torture.effects import actions
from torture.effects.action_servers import LEASE_SECONDS, ServedActions
from torture.effects.options import EffectsOptions
from torture.ledger import Effect
from torture.options import RigOptions
from torture.proxies import HOST
from torture.rig import ENVIRONMENT, Rig
from torture.tally import Tally

ACTION_SECONDS = 30
"""How long a call may take with all its attempts: longer than any fault."""
RETRIES = 12
TABLE = "CREATE TABLE effects (key TEXT, conversation_id TEXT, number INTEGER)"


class EffectsRig(Rig):
    """The rig around `duologue actions`."""

    def __init__(self, options: RigOptions, folder: Path, tally: Tally) -> None:
        super().__init__(options, folder, tally)
        self.options: EffectsOptions = cast("EffectsOptions", options)
        self.environment = {**ENVIRONMENT, "DUOLOGUE_ACTION_TIMEOUT": str(ACTION_SECONDS)}
        self.served: ServedActions | None = None

    def count_runs(self) -> int:
        path = self.folder / "runs"
        return path.stat().st_size if path.exists() else 0

    def require_served(self) -> ServedActions:
        assert self.served is not None, "the action server was started"
        return self.served

    async def start_actions(self, project: Path, stack: contextlib.AsyncExitStack) -> None:
        """Make the ledger and start the server that writes it."""
        shutil.copyfile(str(actions.__file__), project / "actions.py")
        database = None
        if self.postgresql is not None:
            database = await self.lay_wire("actions to database", self.postgresql.port, stack)
        await asyncio.to_thread(self._make_ledger)
        self.served = self.actions = ServedActions(
            port=find_free_port(),
            folder=self.folder,
            arguments=[
                *(str(project), "--workers", str(self.options.action_workers)),
                *("--remember", self._name_store(database), "--lease-seconds", str(LEASE_SECONDS)),
            ],
            environment={
                "TORTURE_EFFECTS": self.options.effects,
                "TORTURE_LEDGER": str(self.folder / "effects.db"),
                "TORTURE_RUNS": str(self.folder / "runs"),
            },
            tally=self.tally,
        )
        await super().start_actions(project, stack)

    def _name_store(self, database_port: int | None) -> str:
        if not self.options.is_remembering:
            return "off"
        if database_port is not None:
            return f"postgresql://postgres@{HOST}:{database_port}/postgres"
        return f"sqlite:///{self.folder / 'results.db'}"

    @property
    def _ledger_file(self) -> Path:
        return self.folder / ("results.db" if self.options.effects == "shared" else "effects.db")

    @property
    def _has_ledger_in_postgresql(self) -> bool:
        return self.postgresql is not None and self.options.effects == "shared"

    def _make_ledger(self) -> None:
        table = TABLE.replace("key TEXT", "key TEXT UNIQUE") if self.options.effects == "keyed" else TABLE
        if self._has_ledger_in_postgresql:
            self.require_postgresql().execute(table)
            return
        with contextlib.closing(sqlite3.connect(self._ledger_file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(table)

    async def read_effects(self) -> list[Effect]:
        return await asyncio.to_thread(self._read_effects)

    def _read_effects(self) -> list[Effect]:
        query = "SELECT key, conversation_id, number FROM effects"
        if self._has_ledger_in_postgresql:
            lines = self.require_postgresql().execute(query).splitlines()
            rows = [
                (key, conversation_id, int(number)) for key, conversation_id, number in map(_split, lines)
            ]
        else:
            with contextlib.closing(sqlite3.connect(self._ledger_file)) as connection:
                rows = connection.execute(query).fetchall()
        return [
            Effect(key=key, conversation_id=conversation_id, number=number)
            for key, conversation_id, number in rows
        ]

    def format_action_endpoint(self, port: int) -> list[str]:
        return [
            *super().format_action_endpoint(port),
            f"  retries: {RETRIES}",
            "  circuit_breaker: {failures: 0}",
        ]


def _split(line: str) -> list[str]:
    return line.split("|")
