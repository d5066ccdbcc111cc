"""A disk that is full: files can be read and overwritten, and none may grow."""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
from collections.abc import Sequence

import psutil

from torture.faults.fault import Fault
from torture.faults.postgresql import DATABASE
from torture.rig import Rig

PRLIMIT = shutil.which("prlimit")
"""The program that sets limits of other processes; Linux has it."""
LOG_SEGMENT = 16 * 1024 * 1024
"""Bytes of a file of PostgreSQL's log; with room for that, only tables run out of it."""
_LARGEST_TABLE = "SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'i')"


async def _fill(rig: Rig, target: str, chance: random.Random) -> None:
    """A limit on the size of files stands for the disk; it is lifted again."""
    fill = _fill_postgresql if target == DATABASE else _fill_sqlite
    await fill(rig, target, chance)


async def _fill_postgresql(rig: Rig, _: str, chance: random.Random) -> None:
    """Tables cannot grow any more; if its log cannot either, the server crashes and ends."""
    database = rig.require_postgresql()
    largest = int(await asyncio.to_thread(database.execute, _LARGEST_TABLE))
    limit = max(largest, chance.choice((0, LOG_SEGMENT)))
    first = database.pid
    await asyncio.to_thread(_limit_family, first, limit)
    try:
        await asyncio.sleep(chance.uniform(0.5, 4))
    finally:
        await asyncio.to_thread(_limit_family, first, None)
        await rig.revive_postgresql()


async def _fill_sqlite(rig: Rig, target: str, chance: random.Random) -> None:
    process_id = rig.replicas[target].process.process_id
    assert rig.sqlite_file is not None
    log = rig.sqlite_file.with_name(f"{rig.sqlite_file.name}-wal")
    if process_id is None:
        return  # it is between two lives
    await asyncio.to_thread(_limit_family, process_id, log.stat().st_size if log.exists() else 0)
    try:
        await asyncio.sleep(chance.uniform(0.5, 4))
    finally:
        await asyncio.to_thread(_limit_family, process_id, None)


def _limit_family(first: int, size: int | None) -> None:
    """The first process before its children: those that it starts from now on inherit what it has."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(first)
        _limit_files(parent, size)
        for process in parent.children(recursive=True):
            _limit_files(process, size)


def _limit_files(process: psutil.Process, size: int | None) -> None:
    """How large the files of a process may grow; None lifts the limit, of which only the soft one is changed."""
    assert PRLIMIT is not None
    with contextlib.suppress(psutil.NoSuchProcess):
        user, group = process.uids().real, process.gids().real
        is_other = os.geteuid() == 0 and user != 0
        size_option = f"--fsize={'unlimited' if size is None else size}:"
        # A process may be limited by its own user, and not by every root.
        subprocess.run(
            [PRLIMIT, "--pid", str(process.pid), size_option],
            check=False,  # it may have just ended
            capture_output=True,
            cwd="/",
            user=user if is_other else None,
            group=group if is_other else None,
        )


def _list_disks(rig: Rig) -> Sequence[str]:
    if PRLIMIT is None:
        return []
    return [DATABASE] if rig.postgresql is not None else list(rig.replicas)


FAULTS = (Fault(name="disk-full", inject=_fill, list_targets=_list_disks),)
