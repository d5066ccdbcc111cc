"""An action server that lies costs its own conversations a reply that says sorry, and all others nothing."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.events import Event, SlotWasSet, TurnFailed
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from tests.faults.lying_server import ACTIONS, LIES, PREFIX, run_lying_server
from tests.faults.served_project import ServedProject, make_text, open_client, send, write_project

pytestmark = [pytest.mark.slow]

HONEST = 120
"""Conversations that call honest actions only."""
ROUNDS = 4
THINK_SECONDS = 4.0
"""How long people think before they speak, at most; all at once they would only measure how busy the machine is."""
LIARS_OF_A_KIND = 3
LIED_TO = LIARS_OF_A_KIND * len(LIES)
SORRY = "I am sorry, something went wrong on my side. Please try again later."
TIMEOUT = 4.0
"""Seconds that an action may take here; liars stall for 30."""
MOST_MEGABYTES = 250
"""By which the server may grow while answers of any size come in."""
SLOWEST_MEDIAN = 1.0
SAMPLE_SECONDS = 0.05
CHANCE = random.Random(5)


class Talker:
    """Somebody in a conversation, who notes what the assistant says and how long it takes."""

    def __init__(self, client: httpx2.AsyncClient, server: ServedProject, name: str) -> None:
        self.name = name
        self.waits: list[float] = []
        self._client = client
        self._server = server
        self._messages = 0
        self._total = 0.0

    async def say(self, text: str) -> list[str]:
        self._messages += 1
        began = time.perf_counter()
        response = await send(self._client, self._server, self.name, f"m{self._messages}", text)
        self.waits.append(time.perf_counter() - began)
        assert response.status_code == 200, f"{self.name}: {response.status_code} {response.text}"
        replies: list[dict[str, Any]] = response.json()
        return [reply["text"] for reply in replies]

    async def note(self, number: int) -> None:
        """Call the honest action; its reply is exactly what it should be."""
        self._total += number
        said = await self.say(make_text(number))
        assert said == [f"Noted {float(number)}, in all {self._total}."], f"{self.name}: {said}"


@pytest.fixture
async def liar() -> AsyncIterator[str]:
    async with run_lying_server() as url:
        yield url


@pytest.fixture
async def server(tmp_path: Path, liar: str) -> AsyncIterator[ServedProject]:
    server = ServedProject(write_lied_to_project(tmp_path / "project", liar))
    await server.start()
    yield server
    await server.kill()


def write_lied_to_project(folder: Path, liar: str) -> Path:
    """The project of these tests, its actions behind the liar: one flow for each lie, which calls the lying action."""
    write_project(folder)
    (folder / "actions.py").unlink()
    actions = "".join(f"  - {PREFIX}{name}\n" for name in LIES)
    with (folder / "domain.yml").open("a", encoding="utf-8") as domain:
        domain.write(actions)
    flows = "".join(
        f"  lie_{name}:\n    description: Be lied to by {name}.\n    steps:\n      - action: {PREFIX}{name}\n      - action: utter_noted\n"
        for name in LIES
    )
    with (folder / "data" / "flows.yml").open("a", encoding="utf-8") as file:
        file.write(flows)
    with (folder / "endpoints.yml").open("a", encoding="utf-8") as endpoints:
        endpoints.write(f"action_endpoint:\n  url: {liar}/webhook\n  timeout: {TIMEOUT}\n")
    return folder


async def talk_honestly(talker: Talker, rounds: int) -> None:
    for number in range(1, rounds + 1):
        await asyncio.sleep(CHANCE.uniform(0, THINK_SECONDS))
        await talker.note(number)


async def speak_thrice(talker: Talker) -> None:
    await asyncio.sleep(CHANCE.uniform(0, THINK_SECONDS))
    for number in (1, 2, 3):
        await talker.note(number)


async def be_lied_to(talker: Talker, lie: str) -> None:
    """A good turn, a lie, and on it goes as if nothing had been."""
    await asyncio.sleep(CHANCE.uniform(0, THINK_SECONDS))
    await talker.note(1)
    assert await talker.say(f"/lie_{lie}") == [SORRY], talker.name
    await talker.note(2)


async def watch_memory(process: psutil.Process, peaks: list[int]) -> None:
    while True:
        peaks.append(process.memory_info().rss)
        await asyncio.sleep(SAMPLE_SECONDS)


async def test_a_lying_action_server_hurts_nobody_but_those_who_call_its_lies(
    server: ServedProject, liar: str
) -> None:
    process = psutil.Process(server.process_id)
    async with open_client() as client:
        before = [Talker(client, server, f"before-{number}") for number in range(HONEST)]
        # In place of those who are lied to later, so that as much is said.
        others = [Talker(client, server, f"other-{number}") for number in range(LIED_TO)]
        await asyncio.gather(
            *(talk_honestly(talker, ROUNDS) for talker in before),
            *(speak_thrice(talker) for talker in others),
        )
        peaks = [process.memory_info().rss]
        watch = asyncio.create_task(watch_memory(process, peaks))
        honest = [Talker(client, server, f"honest-{number}") for number in range(HONEST)]
        lied_to = {
            f"{lie}-{number}": Talker(client, server, f"{lie}-{number}")
            for lie in LIES
            for number in range(LIARS_OF_A_KIND)
        }
        await asyncio.gather(
            *(talk_honestly(talker, ROUNDS) for talker in honest),
            *(be_lied_to(talker, name.rpartition("-")[0]) for name, talker in lied_to.items()),
        )
        watch.cancel()
        calls: dict[str, int] = (await client.get(f"{liar}/calls")).json()
    await server.stop()
    grown = (max(peaks) - peaks[0]) / 1e6
    median_before, median = find_median(before), find_median(honest)
    print(
        f"{HONEST} honest and {len(lied_to)} lied-to conversations: half of the honest turns within"
        f" {median * 1000:.0f} ms ({median_before * 1000:.0f} ms without lies), memory grew by {grown:.0f} MB"
    )
    assert grown < MOST_MEGABYTES
    # Never a matter of stalled seconds; a busy machine alone may make it some times slower.
    assert median < max(SLOWEST_MEDIAN, 5 * median_before)
    assert set(calls) == set(ACTIONS)
    faults = [fault for name in lied_to for fault in await find_faults(server, name)]
    assert faults == []


def find_median(talkers: list[Talker]) -> float:
    waits = sorted(wait for talker in talkers for wait in talker.waits)
    return waits[len(waits) // 2]


async def find_faults(server: ServedProject, name: str) -> list[str]:
    """What is wrong with the record of a conversation that was lied to once, between two good turns."""
    store = await SqliteTrackerStore.open(server.database)
    try:
        conversation_id = ConversationId(name)
        events = await store.load_events(conversation_id)
        stored = await store.load(conversation_id)
    finally:
        await store.close()
    assert stored is not None
    state = stored.snapshot
    assert state is not None
    faults: list[str] = []
    if state != fold(State(conversation_id=conversation_id), events):
        faults.append(f"{name}: the snapshot is not what the events come to")
    failed = [event for event in events if isinstance(event, TurnFailed)]
    if len(failed) != 1:
        faults.append(f"{name}: {len(failed)} turns failed")
    if state.slots.get("noted") != [1.0, 2.0]:
        faults.append(f"{name}: noted {state.slots.get('noted')}")
    if state.stack:
        faults.append(f"{name}: the stack holds {state.stack}")
    if written := find_written(events, failed):
        faults.append(f"{name}: the failed turn set {written}")
    return faults


def find_written(events: list[Event], failed: list[TurnFailed]) -> list[str]:
    """Slots of ours that a failed turn set; nothing of its work may stay."""
    if not failed:
        return []
    start = events.index(failed[0])
    return [event.name for event in events[start : start + 3] if isinstance(event, SlotWasSet)]
