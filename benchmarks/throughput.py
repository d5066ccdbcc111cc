"""How many durable turns a second one process gives, in this process and over HTTP."""

import asyncio
import sqlite3
import time
from itertools import cycle
from pathlib import Path

import msgspec

from benchmarks.http_load import Load, press_buttons
from benchmarks.local_servers import run_bare_server, run_duologue
from benchmarks.made_project import FLOWS, make_script, name_flow, write_project
from benchmarks.measured_assistant import make_message, open_assistant, read_made_project
from benchmarks.results import Row
from duologue.project.definition import AssistantDefinition
from duologue.runtime.assistant import Assistant

CONCURRENT = (1, 8, 32)
_WARM_UP_SECONDS = 0.5


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn leaves in the database, on average."""

    rows: int
    bytes_of_row: int
    bytes_of_snapshot: int


async def measure_throughput(folder: Path, *, is_quick: bool) -> list[Row]:
    """Turns a second with SQLite, every one durable, at several numbers of conversations at once."""
    seconds = 1.5 if is_quick else 5.0
    definition = read_made_project(folder / "inside")
    rows = [await _measure_inside(definition, folder, number, seconds) for number in CONCURRENT]
    return [*rows, *await _measure_http(folder, seconds)]


async def _measure_inside(
    definition: AssistantDefinition, folder: Path, conversations: int, seconds: float
) -> Row:
    database = folder / f"turns-{conversations}.db"
    async with open_assistant(definition, database=database) as assistant:
        await _press_for(assistant, "warm-up", conversations, _WARM_UP_SECONDS)
        turns, elapsed = await _press_for(assistant, "measured", conversations, seconds)
    async with open_assistant(definition) as assistant:
        await _press_for(assistant, "warm-up", conversations, _WARM_UP_SECONDS)
        in_memory, in_memory_seconds = await _press_for(assistant, "measured", conversations, seconds / 2)
    footprint = _read_footprint(database)
    floor = await asyncio.to_thread(
        _commit_for, folder / f"bare-{conversations}.db", footprint, conversations, seconds / 2
    )
    return Row(
        name=f"durable turns with SQLite, {conversations} at once",
        value=turns / elapsed,
        unit="turns/s",
        more_is_better=True,
        floor=f"bare inserts of the same bytes, {conversations} to a commit",
        floor_value=floor,
        note=f"with the store in memory {in_memory / in_memory_seconds:,.0f} turns/s",
    )


async def _press_for(
    assistant: Assistant, name: str, conversations: int, seconds: float
) -> tuple[int, float]:
    """How many turns, and in how many seconds."""
    began = time.perf_counter()
    counts = await asyncio.gather(
        *(_walk(assistant, f"{name}-{number}", number, began + seconds) for number in range(conversations))
    )
    return sum(counts), time.perf_counter() - began


async def _walk(assistant: Assistant, conversation: str, first: int, until: float) -> int:
    turns = 0
    for place in cycle(range(FLOWS)):
        for text in make_script(name_flow((first + place) % FLOWS)):
            if time.perf_counter() >= until:
                return turns
            await assistant.handle(make_message(conversation, text))
            turns += 1
    return turns


def _read_footprint(database: Path) -> Footprint:
    with sqlite3.connect(database) as connection:
        rows, size = connection.execute("SELECT count(*), sum(length(data)) FROM duologue_events").fetchone()
        turns = connection.execute("SELECT count(*) FROM duologue_events WHERE type = 'user'").fetchone()[0]
        snapshot = connection.execute("SELECT avg(length(snapshot)) FROM duologue_conversations").fetchone()[
            0
        ]
    connection.close()
    return Footprint(
        rows=round(rows / turns), bytes_of_row=round(size / rows), bytes_of_snapshot=round(snapshot)
    )


def _commit_for(database: Path, footprint: Footprint, group: int, seconds: float) -> float:
    """Turns a second that nothing but SQLite can store, `group` of them in each commit."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE events (conversation TEXT, sequence INTEGER, data TEXT,"
        " PRIMARY KEY (conversation, sequence)) WITHOUT ROWID"
    )
    connection.execute("CREATE TABLE snapshots (conversation TEXT PRIMARY KEY, snapshot BLOB)")
    data, snapshot = "x" * footprint.bytes_of_row, b"x" * footprint.bytes_of_snapshot
    turns = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        connection.execute("BEGIN IMMEDIATE")
        for place in range(group):
            first = turns // group * footprint.rows
            rows = [(f"bare-{place}", first + number, data) for number in range(footprint.rows)]
            connection.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
            connection.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?)", (f"bare-{place}", snapshot))
        connection.execute("COMMIT")
        turns += group
    elapsed = time.perf_counter() - began
    connection.close()
    return turns / elapsed


async def _measure_http(folder: Path, seconds: float) -> list[Row]:
    project = write_project(folder / "served")
    with run_bare_server() as server:
        floors = [await _load(server.port, number, seconds / 2) for number in CONCURRENT]
    with run_duologue(project) as server:
        loads = [await _load(server.port, number, seconds) for number in CONCURRENT]
    return [
        Row(
            name=f"durable turns over HTTP with SQLite, {number} at once",
            value=load.per_second,
            unit="turns/s",
            more_is_better=True,
            floor="an echo on a bare server of the same kind",
            floor_value=floor.per_second,
            note=f"half within {load.find_percentile(0.5):.1f} ms, 99 % within {load.find_percentile(0.99):.1f} ms",
        )
        for number, load, floor in zip(CONCURRENT, loads, floors, strict=True)
    ]


async def _load(port: int, conversations: int, seconds: float) -> Load:
    await press_buttons(
        port, conversations=conversations, seconds=_WARM_UP_SECONDS, name=f"warm-{conversations}"
    )
    return await press_buttons(
        port, conversations=conversations, seconds=seconds, name=f"load-{conversations}"
    )
