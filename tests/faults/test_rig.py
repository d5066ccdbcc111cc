"""The fault rig, for a short while: every kind of fault at least once, and nothing lost, doubled or reordered.

`make torture` runs the same for 100,000 turns.
"""

import os
import time
from pathlib import Path

import pytest

from torture.options import RigOptions
from torture.report import Report
from torture.run import ALL_FAULTS, run

TURNS = int(os.environ.get("DUOLOGUE_FAULT_TURNS") or 1000)
PAUSE = 0.6
"""Seconds between two faults, on average: they overlap a great deal."""
MINUTES = 4


@pytest.fixture
def seed() -> int:
    """Chance that can be repeated: the seed is in the output of a test that fails."""
    seed = int(os.environ.get("DUOLOGUE_FAULT_SEED", time.time_ns() % 1_000_000))
    print(f"DUOLOGUE_FAULT_SEED={seed}")
    return seed


@pytest.mark.slow
async def test_a_database_that_forgets_what_it_said_is_stored_is_found_out(tmp_path: Path, seed: int) -> None:
    """The rig is not blind: PostgreSQL may be told to lose the last commits in a crash."""
    options = RigOptions(
        seed=seed,
        turns=200,
        minutes=MINUTES,
        clients=24,
        store="postgresql",
        locks="valkey",
        settings=("synchronous_commit=off", "wal_writer_delay=5000ms"),
        faults=("database-crash",),
        pause=4,
        folder=tmp_path,
    )
    report = await run(options)
    assert report.counts["lost"] > 0
    assert not report.is_good


async def torture(folder: Path, seed: int, *, store: str, locks: str) -> Report:
    options = RigOptions(
        seed=seed,
        turns=TURNS,
        minutes=MINUTES,
        clients=24,
        store=store,
        locks=locks,
        faults=ALL_FAULTS,
        pause=PAUSE,
        folder=folder,
    )
    report = await run(options)
    print(report.format_markdown())
    return report


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "locks", "kinds"),
    [("sqlite", "none", 15), ("postgresql", "valkey", 20)],
    ids=["sqlite", "postgresql"],
)
async def test_two_servers_under_all_faults_lose_double_and_reorder_nothing(
    tmp_path: Path, seed: int, store: str, locks: str, kinds: int
) -> None:
    report = await torture(tmp_path, seed, store=store, locks=locks)
    assert report.problem is None
    assert report.findings == []
    assert report.is_good, report.format_markdown()
    assert len(report.faults) >= kinds
    assert report.messages_acknowledged == report.messages_sent >= TURNS
