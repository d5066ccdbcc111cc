"""What is done to the servers of a run over effects: kills on both sides, frozen processes, broken wires."""

import asyncio
import contextlib
import random
import signal
from collections.abc import Mapping, Sequence
from typing import cast

import psutil

from torture.effects.action_servers import LEASE_SECONDS, ServedActions
from torture.effects.rig import EffectsRig
from torture.faults import FAULTS as ALL_FAULTS
from torture.faults.fault import Fault
from torture.rig import Rig

ACTIONS = "action server"


def _get_actions(rig: Rig) -> ServedActions:
    return cast("EffectsRig", rig).require_served()


def _list_workers(served: ServedActions) -> list[psutil.Process]:
    # A server gives up if a worker dies before all of them serve for the first time, and may.
    return sorted(served.process.list_descendants(), key=lambda one: one.pid) if served.is_complete else []


async def _kill(rig: Rig, _: str, chance: random.Random) -> None:
    await _end(rig, signal.SIGKILL, chance)


async def _restart(rig: Rig, _: str, chance: random.Random) -> None:
    await _end(rig, signal.SIGTERM, chance)


async def _end(rig: Rig, number: signal.Signals, chance: random.Random) -> None:
    served = _get_actions(rig)
    try:
        await served.end(number)
        await asyncio.sleep(chance.uniform(0, 1))
    finally:
        served.let_up()
        await served.start()


async def _kill_workers(rig: Rig, _: str, chance: random.Random) -> None:
    for _round in range(chance.randint(1, 3)):
        workers = _list_workers(_get_actions(rig))
        if workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(workers).kill()
        await asyncio.sleep(chance.uniform(0, 1.5))


async def _freeze_worker(rig: Rig, _: str, chance: random.Random) -> None:
    """Longer than the lease of its calls, mostly: it wakes up to find that others did its work."""
    workers = _list_workers(_get_actions(rig))
    if not workers:
        return
    frozen = chance.choice(workers)
    with contextlib.suppress(psutil.NoSuchProcess):
        frozen.suspend()
    try:
        await asyncio.sleep(LEASE_SECONDS * chance.uniform(0.5, 2.5))
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            frozen.resume()


def _list_action_servers(_: Rig) -> Sequence[str]:
    return [ACTIONS]


FAULTS: Mapping[str, Fault] = {
    **{
        name: ALL_FAULTS[name]
        for name in ("kill", "restart", "freeze", "cut", "refuse", "slow", "silence", "hidden-answers")
    },
    **{
        name: Fault(name=name, inject=inject, list_targets=_list_action_servers)
        for name, inject in (
            ("actions-kill", _kill),
            ("actions-restart", _restart),
            ("actions-worker-kill", _kill_workers),
            ("actions-worker-freeze", _freeze_worker),
        )
    },
}
