"""How soon a server answers and how much memory it takes, and how soon the command line does."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.local_servers import ServerProcess, read_memory, run_bare_server, run_duologue
from benchmarks.made_project import FLOWS, make_script, name_flow, write_project
from benchmarks.results import Row

TARGET_SECONDS = 1.5
TARGET_MEGABYTES = 120.0
TARGET_HELP_SECONDS = 0.3


def measure_readiness(folder: Path, *, is_quick: bool) -> list[Row]:
    """Starts servers and commands one at a time, several times."""
    rounds = 2 if is_quick else 5
    project = write_project(folder / "project")
    bare = [_visit_bare_server() for _ in range(rounds)]
    ours = [_visit_duologue(project) for _ in range(rounds)]
    return [
        Row(
            name=f"start to the first good /ready, {FLOWS} flows",
            value=statistics.median(server.ready_seconds for server, _ in ours),
            unit="s",
            floor="bare Starlette under uvicorn",
            floor_value=statistics.median(server.ready_seconds for server, _ in bare),
            target=TARGET_SECONDS,
            note=f"median of {rounds}; the first took {ours[0][0].ready_seconds:.2f} s",
        ),
        *_make_memory_rows([memory for _, memory in ours], [memory for _, memory in bare]),
        _measure_help(rounds),
    ]


def _make_memory_rows(ours: list[float | None], bare: list[float | None]) -> list[Row]:
    known = [memory for memory in ours if memory is not None]
    if not known:
        return []
    floors = [memory for memory in bare if memory is not None]
    row = Row(
        name=f"resident memory after a few turns, {FLOWS} flows",
        value=statistics.median(known),
        unit="MB",
        floor="bare Starlette under uvicorn",
        floor_value=statistics.median(floors) if floors else None,
        target=TARGET_MEGABYTES,
    )
    return [row]


def _visit_bare_server() -> tuple[ServerProcess, float | None]:
    with run_bare_server() as server:
        return server, read_memory(server.process_id)


def _visit_duologue(project: Path) -> tuple[ServerProcess, float | None]:
    import asyncio

    from benchmarks.http_load import send_texts

    with run_duologue(project) as server:
        texts = [text for place in range(3) for text in make_script(name_flow(place))]
        asyncio.run(send_texts(server.port, f"visit-{os.getpid()}-{server.process_id}", texts))
        return server, read_memory(server.process_id)


def _measure_help(rounds: int) -> Row:
    return Row(
        name="duologue --help",
        value=_time_command(["-m", "duologue", "--help"], rounds * 2),
        unit="s",
        floor="python that does nothing",
        floor_value=_time_command(["-c", ""], rounds * 2),
        target=TARGET_HELP_SECONDS,
    )


def _time_command(arguments: list[str], rounds: int) -> float:
    found: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        found.append(time.perf_counter() - began)
    return statistics.median(found)
