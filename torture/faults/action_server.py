"""An action server that is slow, hangs, answers garbage, or is killed after it had an effect."""

import asyncio
import random
from collections.abc import Sequence

from torture.faults.fault import Fault
from torture.rig import Rig

ACTIONS = "action server"


async def _slow_down(rig: Rig, _: str, chance: random.Random) -> None:
    await _misbehave(rig, "slow", chance.uniform(1, 5))


async def _hang(rig: Rig, _: str, chance: random.Random) -> None:
    """Longer than an action may take, mostly."""
    await _misbehave(rig, "hang", chance.uniform(0.5, 4))


async def _answer_garbage(rig: Rig, _: str, chance: random.Random) -> None:
    await _misbehave(rig, "garbage", chance.uniform(0.5, 4))


async def _misbehave(rig: Rig, manners: str, seconds: float) -> None:
    await rig.actions.set_manners(manners)
    try:
        await asyncio.sleep(seconds)
    finally:
        await rig.actions.set_manners("well")


async def _crash(rig: Rig, _: str, chance: random.Random) -> None:
    await rig.actions.kill()
    try:
        await asyncio.sleep(chance.uniform(0, 1.5))
    finally:
        await rig.actions.start()


def _list_action_servers(_: Rig) -> Sequence[str]:
    return [ACTIONS]


FAULTS = (
    Fault(name="actions-slow", inject=_slow_down, list_targets=_list_action_servers),
    Fault(name="actions-hang", inject=_hang, list_targets=_list_action_servers),
    Fault(name="actions-garbage", inject=_answer_garbage, list_targets=_list_action_servers),
    Fault(name="actions-crash", inject=_crash, list_targets=_list_action_servers),
)
