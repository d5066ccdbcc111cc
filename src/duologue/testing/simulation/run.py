"""One simulated world from its beginning to its end."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import msgspec

from duologue.dialogue.engine import Understander
from duologue.flows.flow import Flows
from duologue.ports.tracker_store import TrackerStore
from duologue.runtime.understanding import build_understander
from duologue.testing.journal import Journal
from duologue.testing.simulation.checks import find_faults
from duologue.testing.simulation.clients import SimulatedClient
from duologue.testing.simulation.faults import make_trouble
from duologue.testing.simulation.replica import SimulatedReplica
from duologue.testing.simulation.simulated_project import read_simulated_project
from duologue.testing.simulation.virtual_loop import run_virtually
from duologue.testing.simulation.world import NO_FAULTS, FaultRates, World

LONGEST = 24 * 3600.0
"""Virtual seconds after which clients that still wait are stuck for good."""

QUIET_SECONDS = 30.0
"""Virtual seconds after the last message: longer than any fault lasts, or a reminder waits."""

_understander: list[Understander] = []


class SimulationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a world."""

    seed: int
    messages: int
    """Messages that were answered; each is stored once."""
    turns: int
    """Turns that were begun for them: first runs, runs again, repeated messages, looks at what is due."""
    happened: dict[str, int]
    """How often each kind of fault happened."""
    virtual_seconds: float
    seconds: float
    """Real ones."""
    faults: tuple[str, ...] = ()
    """What is wrong; nothing, one hopes."""


def simulate(
    seed: int,
    *,
    rates: FaultRates | None = None,
    replicas: int = 3,
    clients: int = 8,
    messages: int = 25,
    store: TrackerStore | None = None,
) -> SimulationReport:
    """Run a world; the same arguments give the same world.

    Args:
        messages: how many each client sends.
        store: instead of the usual one, to see that a wrong one is found out.
    """
    began = time.perf_counter()
    world = World(seed, rates or FaultRates())
    if store is not None:
        world.store = store
    journal = Journal()
    seconds, faults = run_virtually(_live(world, journal, replicas, clients, messages))
    return SimulationReport(
        seed=seed,
        messages=journal.count_acknowledged(),
        turns=world.turns,
        happened=dict(sorted(world.happened.items())),
        virtual_seconds=seconds,
        seconds=time.perf_counter() - began,
        faults=tuple(faults),
    )


def add_up(reports: Sequence[SimulationReport]) -> Counter[str]:
    """How often each kind of fault happened in all of them."""
    total: Counter[str] = Counter()
    for report in reports:
        total.update(report.happened)
    return total


async def _live(
    world: World, journal: Journal, replicas: int, clients: int, messages: int
) -> tuple[float, list[str]]:
    definition = read_simulated_project()
    servers = [SimulatedReplica(world, definition, _get_understander()) for _ in range(replicas)]
    talkers = [SimulatedClient(f"user-{number}", world, servers, journal) for number in range(clients)]
    trouble = asyncio.create_task(make_trouble(world, servers))
    try:
        async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as talks:
            for talker in talkers:
                talks.create_task(talker.talk(messages))
    except TimeoutError:
        return LONGEST, [f"seed {world}: clients are never answered"]
    seconds = asyncio.get_running_loop().time()
    trouble.cancel()
    await asyncio.gather(trouble, return_exceptions=True)
    await _let_faults_end(world, servers)
    for server in servers:
        await server.stop()
    return seconds, await find_faults(world, journal)


async def _let_faults_end(world: World, servers: Sequence[SimulatedReplica]) -> None:
    """Whoever was killed is started again, whoever stands still goes on, and what is due is done."""
    world.rates = NO_FAULTS
    for server in servers:
        server.clock.offset = 0.0
    await asyncio.sleep(QUIET_SECONDS)


def _get_understander() -> Understander:
    """One for all worlds of this process: it keeps nothing of a conversation, and takes a while to make."""
    if not _understander:
        definition = read_simulated_project()
        _understander.append(build_understander(definition, Flows(definition.flows)))
    return _understander[0]
