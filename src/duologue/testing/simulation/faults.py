"""What befalls a simulated world while its clients talk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from duologue.testing.simulation.replica import SimulatedReplica
from duologue.testing.simulation.world import LOCK_LIFETIME, World


async def make_trouble(world: World, replicas: Sequence[SimulatedReplica]) -> None:
    """Faults that last, each kind in its own time, until cancelled; each ends by itself."""
    chance, rates = world.chance, world.rates

    async def kill() -> None:
        await chance.choice(replicas).die()

    async def pause() -> None:
        await chance.choice(replicas).stand_still(LOCK_LIFETIME * chance.uniform(0.2, 4.0))

    async def flush_locks() -> None:
        world.locks.flush()

    async def take_locks_away() -> None:
        world.locks.is_away = True
        await asyncio.sleep(chance.uniform(0.1, 3.0))
        world.locks.is_away = False

    async def set_a_clock() -> None:
        chance.choice(replicas).clock.offset = chance.choice([0.0, 4000.0, -4000.0, 90_000.0, -90_000.0])

    kinds: list[tuple[str, float, Callable[[], Awaitable[None]]]] = [
        ("server killed", rates.kills, kill),
        ("server stood still", rates.pauses, pause),
        ("locks flushed", rates.lock_flushes, flush_locks),
        ("lock store away", rates.lock_outages, take_locks_away),
        ("clock jumped", rates.clock_jumps, set_a_clock),
    ]
    async with asyncio.TaskGroup() as troubles:
        for name, rate, fault in kinds:
            if rate > 0:
                troubles.create_task(_repeat(world, name, rate, fault))


async def _repeat(world: World, name: str, rate: float, fault: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(world.chance.expovariate(rate))
        world.happened[name] += 1
        # What has begun is finished even if the clients are done: a paused server has to go on.
        await asyncio.shield(asyncio.ensure_future(fault()))
