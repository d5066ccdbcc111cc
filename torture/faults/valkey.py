"""A lock server that forgets everything, freezes, or is killed and comes back empty."""

import asyncio
import random
from collections.abc import Sequence

from torture.faults.fault import Fault
from torture.rig import LOCK_LIFETIME, Rig

LOCKS = "lock server"


async def _flush(rig: Rig, _: str, chance: random.Random) -> None:
    """Every lock that is held is nobody's at once, some times in a row."""
    valkey = rig.require_valkey()
    for _time in range(chance.randint(1, 5)):
        await asyncio.to_thread(valkey.command, "FLUSHALL")
        await asyncio.sleep(chance.uniform(0, 0.5))


async def _freeze(rig: Rig, _: str, chance: random.Random) -> None:
    valkey = rig.require_valkey()
    await asyncio.to_thread(valkey.pause)
    try:
        await asyncio.sleep(LOCK_LIFETIME * chance.uniform(0.2, 2))
    finally:
        await asyncio.to_thread(valkey.resume)


async def _crash(rig: Rig, _: str, chance: random.Random) -> None:
    valkey = rig.require_valkey()
    await asyncio.to_thread(valkey.kill)
    try:
        await asyncio.sleep(chance.uniform(0, 4))
    finally:
        await asyncio.to_thread(valkey.start)


def _list_lock_servers(rig: Rig) -> Sequence[str]:
    return [LOCKS] if rig.valkey is not None else []


FAULTS = (
    Fault(name="locks-flush", inject=_flush, list_targets=_list_lock_servers),
    Fault(name="locks-freeze", inject=_freeze, list_targets=_list_lock_servers),
    Fault(name="locks-crash", inject=_crash, list_targets=_list_lock_servers),
)
