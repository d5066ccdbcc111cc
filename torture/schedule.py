"""Which fault comes when: every kind in turn, in an order of chance, overlapping as chance has it."""

import asyncio
import random
import subprocess
from collections.abc import Mapping, Sequence

from torture.faults.fault import Fault
from torture.rig import Rig


class FaultSchedule:
    """Injects faults until it is told to end, then undoes those that are under way."""

    def __init__(self, rig: Rig, faults: Mapping[str, Fault], chance: random.Random) -> None:
        self._rig = rig
        self._faults = {name: fault for name, fault in faults.items() if fault.list_targets(rig)}
        self._chance = chance
        self._busy: set[str] = set()
        self._is_over = asyncio.Event()

    @property
    def names(self) -> Sequence[str]:
        """The faults that apply to this rig."""
        return tuple(self._faults)

    @property
    def has_injected_all(self) -> bool:
        """Every fault was injected at least once."""
        return all(self._rig.tally.faults[name] for name in self._faults)

    async def run(self) -> None:
        """Inject; each round has every kind once."""
        async with asyncio.TaskGroup() as under_way:
            while self._faults and not self._is_over.is_set():
                for name in self._chance.sample(sorted(self._faults), len(self._faults)):
                    await self._wait(self._chance.expovariate(1 / self._rig.options.pause))
                    target = await self._choose_target(self._faults[name])
                    if target is None:
                        break
                    self._rig.tally.faults[name] += 1
                    chance = random.Random(self._chance.random())
                    under_way.create_task(self._inject(self._faults[name], target, chance))

    def end(self) -> None:
        """Begin nothing new."""
        self._is_over.set()

    async def _choose_target(self, fault: Fault) -> str | None:
        """Something that is not hurt yet; None once the run is over."""
        while not self._is_over.is_set():
            free = [target for target in fault.list_targets(self._rig) if target not in self._busy]
            if free:
                return self._chance.choice(free)
            await self._wait(0.1)
        return None

    async def _inject(self, fault: Fault, target: str, chance: random.Random) -> None:
        self._busy.add(target)
        try:
            await fault.inject(self._rig, target, chance)
        except (AssertionError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            self._rig.tally.broken_faults.append(f"{fault.name} ({target}): {error!r}")
        finally:
            self._busy.discard(target)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._is_over.wait()
        except TimeoutError:
            pass
