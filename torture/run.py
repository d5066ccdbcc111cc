"""One run: start everything, let clients talk while faults happen, wait for the last answer, check."""

import asyncio
import contextlib
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from duologue.testing.journal import Journal
from torture.checker import Verdict, check
from torture.clients import MANNERS, Client
from torture.faults import FAULTS
from torture.faults.fault import Fault
from torture.options import RigOptions
from torture.report import Report, make_report
from torture.rig import Rig
from torture.schedule import FaultSchedule
from torture.tally import Tally

ALL_FAULTS = (*FAULTS, *MANNERS)
STALL_SECONDS = 90.0
"""If nobody is answered for so long, the run has failed: no fault lasts that long."""
LAST_ANSWER_SECONDS = 120.0
"""How long after the last fault every message must have been answered."""


async def run(options: RigOptions, kind: type[Rig] = Rig, faults: Mapping[str, Fault] = FAULTS) -> Report:
    """Run a rig of some kind; everything that it started has ended when this returns, whatever happens."""
    _end_politely_on_sigterm()
    tally, journal = Tally(), Journal()
    async with contextlib.AsyncExitStack() as stack:
        folder = options.folder or stack.enter_context(_lend_folder())
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        rig = kind(options, folder, tally)
        await rig.start(stack)
        tally.begin()
        problem = await _torture(rig, journal, faults)
        seconds = tally.seconds
        _say(f"\nchecking {journal.count_acknowledged():,} acknowledged messages …")
        verdict = await _check(rig, journal)
        return make_report(
            options, tally, journal, verdict, seconds=seconds, problem=problem, actions_begun=rig.count_runs()
        )


async def _torture(rig: Rig, journal: Journal, faults: Mapping[str, Fault]) -> str | None:
    """What kept the run from its end, or None."""
    options = rig.options
    chance = random.Random(options.seed)
    chosen = {name: fault for name, fault in faults.items() if name in options.faults}
    schedule = FaultSchedule(rig, chosen, random.Random(chance.random()))
    is_over = asyncio.Event()
    clients = [
        Client(
            f"client-{number}",
            [replica.port for replica in rig.replicas.values()],
            journal,
            rig.tally,
            chance=random.Random(chance.random()),
            manners=frozenset(options.faults),
            until=is_over.is_set,
        )
        for number in range(options.clients)
    ]
    talking = asyncio.gather(*(client.talk() for client in clients))
    hurting = asyncio.create_task(schedule.run())
    try:
        problem = await _watch(rig, schedule, (talking, hurting))
        schedule.end()
        await hurting
        is_over.set()
        return problem or await _wait_for_last_answers(rig, journal, talking)
    finally:
        for task in (talking, hurting):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _watch(rig: Rig, schedule: FaultSchedule, tasks: Sequence[asyncio.Future[Any]]) -> str | None:
    """Wait until enough has happened, or nothing happens any more."""
    options, tally = rig.options, rig.tally
    while tally.acknowledged < options.turns or not schedule.has_injected_all:
        await asyncio.sleep(1)
        for task in tasks:
            if task.done():
                task.result()  # raises what ended it
        _show_progress(rig)
        if tally.seconds_without_answer > STALL_SECONDS:
            return f"Nobody was answered for {STALL_SECONDS:g} s."
        if tally.seconds > options.minutes * 60:
            missing = [name for name in schedule.names if not tally.faults[name]]
            if tally.acknowledged >= options.turns or options.turns == 0:
                return f"The time was over before these faults: {', '.join(missing)}." if missing else None
            return f"The time was over after {tally.acknowledged:,} of {options.turns:,} turns."
    return None


async def _wait_for_last_answers(
    rig: Rig, journal: Journal, talking: asyncio.Future[list[None]]
) -> str | None:
    """Liveness: when the faults are over, everybody is answered."""
    deadline = time.monotonic() + LAST_ANSWER_SECONDS
    while not talking.done():
        await asyncio.wait([talking], timeout=1)
        _show_progress(rig)
        if time.monotonic() > deadline:
            left = journal.count_sent() - journal.count_acknowledged()
            return f"Stuck: {left} messages are without an answer {LAST_ANSWER_SECONDS:g} s after the last fault."
    talking.result()
    try:
        for replica in rig.replicas.values():
            await replica.wait_until_ready()
    except RuntimeError as error:
        return str(error)
    return None


async def _check(rig: Rig, journal: Journal) -> Verdict:
    """With the servers ended: what is true now stays true."""
    for replica in rig.replicas.values():
        await replica.retire()
    await rig.actions.kill()
    async with rig.open_store() as store:
        return await check(store, journal, await rig.read_effects())


@contextlib.contextmanager
def _lend_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        yield Path(folder)


def _end_politely_on_sigterm() -> None:
    """As Ctrl-C does: by a cancellation, which ends all processes on its way out."""
    running = asyncio.current_task()
    if running is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)


def _show_progress(rig: Rig) -> None:
    tally = rig.tally
    faults = sum(tally.faults.values())
    line = (
        f"{tally.seconds:5.0f} s  {tally.acknowledged:,} of {rig.options.turns:,} turns"
        f"  {tally.acknowledged / tally.seconds:,.0f}/s  {faults} faults  {sum(tally.refused.values()):,} times 503"
        f"  {tally.seconds_without_answer:.0f} s since the last answer"
    )
    if sys.stderr.isatty():
        _say(f"\r{line:<110}", end="")
    elif int(tally.seconds) % 10 == 0:
        _say(line)


def _say(text: str, *, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)
