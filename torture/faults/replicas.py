"""Servers that are killed, frozen and restarted."""

import asyncio
import contextlib
import random
import signal

import psutil

from torture.faults.fault import Fault
from torture.rig import LOCK_LIFETIME, Rig


async def _kill(rig: Rig, target: str, chance: random.Random) -> None:
    """As a lack of memory ends it; its workers, if it has some, have to notice."""
    replica = rig.replicas[target]
    try:
        if chance.random() < 0.5:
            replica.process.send_to_all(signal.SIGKILL)
        await replica.end(signal.SIGKILL)
        await asyncio.sleep(chance.uniform(0, 3))
    finally:
        replica.let_up()


async def _restart(rig: Rig, target: str, chance: random.Random) -> None:
    """As a new release is rolled out."""
    replica = rig.replicas[target]
    try:
        await replica.end(signal.SIGTERM)
        await asyncio.sleep(chance.uniform(0, 1))
    finally:
        replica.let_up()


async def _freeze(rig: Rig, target: str, chance: random.Random) -> None:
    """Longer than its locks live, mostly: what it wakes up with is out of date, and it does not know."""
    replica = rig.replicas[target]
    replica.process.send_to_all(signal.SIGSTOP)
    try:
        await asyncio.sleep(LOCK_LIFETIME * chance.uniform(0.2, 2.5))
    finally:
        replica.process.send_to_all(signal.SIGCONT)


async def _kill_worker(rig: Rig, target: str, chance: random.Random) -> None:
    """One or more; the server has to start others in their place."""
    for _ in range(chance.randint(1, 3)):
        replica = rig.replicas[target]
        workers = replica.process.list_descendants()
        # A server gives up if a worker dies before all of them serve for the first time, and may.
        if workers and replica.is_complete:
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(sorted(workers, key=lambda worker: worker.pid)).kill()
        await asyncio.sleep(chance.uniform(0, 2))


async def _renew_workers(rig: Rig, target: str, chance: random.Random) -> None:
    """One after the other, without a break, as after a change of the project."""
    if rig.replicas[target].is_complete:  # before that there is nothing to renew
        rig.replicas[target].process.send(signal.SIGHUP)
    await asyncio.sleep(chance.uniform(0, 5))


def _list_servers_with_workers(rig: Rig) -> list[str]:
    return list(rig.replicas) if rig.options.workers > 1 else []


def _list_servers(rig: Rig) -> list[str]:
    return list(rig.replicas)


FAULTS = (
    Fault(name="kill", inject=_kill, list_targets=_list_servers),
    Fault(name="restart", inject=_restart, list_targets=_list_servers),
    Fault(name="freeze", inject=_freeze, list_targets=_list_servers),
    Fault(name="worker-kill", inject=_kill_worker, list_targets=_list_servers_with_workers),
    Fault(name="workers-renew", inject=_renew_workers, list_targets=_list_servers_with_workers),
)
