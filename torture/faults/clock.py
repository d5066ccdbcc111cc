"""Clocks that jump: hours ahead or back, on one machine and not on the other."""

import asyncio
import random
from collections.abc import Sequence

from torture.faults.fault import Fault
from torture.rig import Rig

HOUR = 3600.0


async def _jump(rig: Rig, target: str, chance: random.Random) -> None:
    """The server goes on running; only what it believes to be the time changes, there and back."""
    replica = rig.replicas[target.removeprefix("clock of ")]
    replica.set_clock(chance.choice((-1, 1)) * chance.uniform(0.01, 30) * HOUR)
    try:
        await asyncio.sleep(chance.uniform(0.5, 6))
    finally:
        replica.set_clock(0)


def _list_clocks(rig: Rig) -> Sequence[str]:
    return [f"clock of {name}" for name in rig.replicas]


FAULTS = (Fault(name="clock", inject=_jump, list_targets=_list_clocks),)
