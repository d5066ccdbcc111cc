"""Wires between one server and what it needs: cut, refused, slow, narrow, silent, and with answers that never arrive."""

import asyncio
import random
from collections.abc import Sequence

from torture.faults.fault import Fault
from torture.proxies import Weather
from torture.rig import Rig


async def _cut(rig: Rig, target: str, chance: random.Random) -> None:
    """Some times in a row, in the middle of whatever goes over it."""
    for _ in range(chance.randint(1, 5)):
        rig.wires[target].cut()
        await asyncio.sleep(chance.uniform(0, 0.5))


async def _refuse(rig: Rig, target: str, chance: random.Random) -> None:
    """As while a firewall or a load balancer is set up anew."""
    wire = rig.wires[target]
    await wire.refuse()
    try:
        await asyncio.sleep(chance.uniform(0.5, 4))
    finally:
        await wire.start()


async def _slow_down(rig: Rig, target: str, chance: random.Random) -> None:
    with rig.wires[target].in_weather(Weather(delay=chance.uniform(0.01, 0.4))):
        await asyncio.sleep(chance.uniform(1, 4))


async def _narrow(rig: Rig, target: str, chance: random.Random) -> None:
    with rig.wires[target].in_weather(Weather(bytes_per_second=chance.uniform(2_000, 50_000))):
        await asyncio.sleep(chance.uniform(1, 4))


async def _silence(rig: Rig, target: str, chance: random.Random) -> None:
    """A partition: nothing arrives, and nobody is told; afterwards all of it does, or the connections break."""
    await _keep(rig, target, Weather(is_silent=True), chance)


async def _hide_answers(rig: Rig, target: str, chance: random.Random) -> None:
    """What is asked for is done, and who asked cannot know."""
    await _keep(rig, target, Weather(hides_answers=True), chance)


async def _keep(rig: Rig, target: str, weather: Weather, chance: random.Random) -> None:
    wire = rig.wires[target]
    with wire.in_weather(weather):
        await asyncio.sleep(chance.uniform(0.2, 6))
        if chance.random() < 0.5:
            wire.cut()


def _list_wires(rig: Rig) -> Sequence[str]:
    return list(rig.wires)


FAULTS = (
    Fault(name="cut", inject=_cut, list_targets=_list_wires),
    Fault(name="refuse", inject=_refuse, list_targets=_list_wires),
    Fault(name="slow", inject=_slow_down, list_targets=_list_wires),
    Fault(name="narrow", inject=_narrow, list_targets=_list_wires),
    Fault(name="silence", inject=_silence, list_targets=_list_wires),
    Fault(name="hidden-answers", inject=_hide_answers, list_targets=_list_wires),
)
