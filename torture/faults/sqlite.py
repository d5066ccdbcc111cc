"""A database file that another process holds."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from torture.faults.fault import Fault
from torture.faults.postgresql import DATABASE
from torture.rig import Rig


async def _hold(rig: Rig, _: str, chance: random.Random) -> None:
    """A backup tool takes the only right to write."""
    assert rig.sqlite_file is not None
    with closing(sqlite3.connect(rig.sqlite_file, isolation_level=None, timeout=0.5)) as other:
        while True:
            try:
                other.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError:
                await asyncio.sleep(0.1)
        await asyncio.sleep(chance.uniform(0.5, 4))
        other.execute("ROLLBACK")


def _list_files(rig: Rig) -> Sequence[str]:
    return [DATABASE] if rig.sqlite_file is not None else []


FAULTS = (Fault(name="database-lock", inject=_hold, list_targets=_list_files),)
