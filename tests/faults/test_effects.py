"""Effects of actions happen once, though servers of both kinds are killed, frozen and cut off.

`python -m torture.effects --calls 10000` does the same for longer.
"""

import os
import time
from pathlib import Path

import pytest

from torture.effects.faults import FAULTS
from torture.effects.options import MESSAGE_FAULTS, EffectsOptions
from torture.effects.run import run_effects
from torture.report import Report

CALLS = int(os.environ.get("DUOLOGUE_FAULT_CALLS") or 300)
PAUSE = 0.8
"""Seconds between two faults, on average."""
MINUTES = 4


async def torture(
    folder: Path, *, effects: str, is_remembering: bool = True, store: str = "sqlite"
) -> Report:
    seed = int(os.environ.get("DUOLOGUE_FAULT_SEED", time.time_ns() % 1_000_000))
    print(f"DUOLOGUE_FAULT_SEED={seed}")
    options = EffectsOptions(
        seed=seed,
        turns=CALLS,
        minutes=MINUTES,
        clients=24,
        store=store,
        locks="valkey" if store == "postgresql" else "none",
        faults=(*FAULTS, *MESSAGE_FAULTS),
        pause=PAUSE,
        folder=folder,
        effects=effects,
        is_remembering=is_remembering,
    )
    report = await run_effects(options)
    print(report.format_markdown())
    return report


@pytest.mark.slow
@pytest.mark.parametrize(
    ("effects", "store"),
    [("shared", "sqlite"), ("shared", "postgresql"), ("keyed", "sqlite")],
    ids=["shared-sqlite", "shared-postgresql", "keyed"],
)
async def test_every_call_has_one_effect_whoever_is_killed(tmp_path: Path, effects: str, store: str) -> None:
    report = await torture(tmp_path, effects=effects, store=store)
    assert report.problem is None
    assert report.is_good, report.format_markdown()
    assert report.messages_acknowledged >= CALLS
    # Every message that did not fail, and perhaps some that did.
    assert report.effects >= report.messages_acknowledged - report.failed_turns
    assert report.actions_begun is not None
    assert report.actions_begun >= report.effects > CALLS / 2


@pytest.mark.slow
async def test_effects_double_where_nothing_is_remembered(tmp_path: Path) -> None:
    """The rig is not blind: this is what happens to an effect that nobody takes care of."""
    report = await torture(tmp_path, effects="naive", is_remembering=False)
    assert report.counts["effect changed"] > 0
    assert not report.is_good
