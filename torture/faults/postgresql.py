"""A database server that crashes, freezes, and throws its clients out."""

import asyncio
import random
from collections.abc import Sequence

from torture.faults.fault import Fault
from torture.rig import Rig

DATABASE = "database"
_THROW_OUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < {share}
"""


async def _crash(rig: Rig, _: str, chance: random.Random) -> None:
    """All of its processes end at once, and it recovers from its log when it starts."""
    database = rig.require_postgresql()
    end = chance.choice((database.kill, lambda: database.stop(immediate=True)))
    await asyncio.to_thread(end)
    try:
        await asyncio.sleep(chance.uniform(0, 4))
    finally:
        await rig.revive_postgresql()


async def _freeze(rig: Rig, _: str, chance: random.Random) -> None:
    """Connections stay, and nobody answers."""
    database = rig.require_postgresql()
    await asyncio.to_thread(database.pause)
    try:
        await asyncio.sleep(chance.uniform(0.5, 8))
    finally:
        await asyncio.to_thread(database.resume)


async def _throw_out(rig: Rig, _: str, chance: random.Random) -> None:
    """An administrator ends connections, in the middle of whatever they do."""
    database = rig.require_postgresql()
    for _time in range(chance.randint(1, 4)):
        statement = _THROW_OUT.format(share=chance.choice((0.3, 1.1)))
        await asyncio.to_thread(database.execute, statement)
        await asyncio.sleep(chance.uniform(0, 0.5))


def _list_databases(rig: Rig) -> Sequence[str]:
    return [DATABASE] if rig.postgresql is not None else []


FAULTS = (
    Fault(name="database-crash", inject=_crash, list_targets=_list_databases),
    Fault(name="database-freeze", inject=_freeze, list_targets=_list_databases),
    Fault(name="database-connections", inject=_throw_out, list_targets=_list_databases),
)
