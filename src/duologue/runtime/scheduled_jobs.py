"""Jobs with a time-table: each run is done by one process, however many there are."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec
from cronsim import CronSim

from duologue.core.errors import StorageUnavailableError
from duologue.ports.clock import Clock, to_datetime

INTERVAL = 15.0
"""Seconds between two looks at the time-table."""

_log = logging.getLogger(__name__)


class RunClaims(Protocol):
    """What jobs need of a tracker store."""

    async def claim_run(self, job: str, due: float) -> bool:
        """Whether the caller is the one to do a job's run of that time."""
        ...


class ScheduledJob(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done again and again."""

    name: str
    """The same in every process."""
    cron: str
    """Five fields, in UTC."""
    run: Callable[[], Awaitable[object]]
    """Does a part at a time, and may be ended between any two: the next run does the rest."""

    def find_last_run(self, now: float) -> float:
        """The latest time, up to now, at which it is to run."""
        # Backwards the first is the one before, so that a second more finds that of this second.
        return next(CronSim(self.cron, to_datetime(int(now) + 1), reverse=True)).timestamp()


class ScheduledJobs:
    """Runs jobs at their times, one after the other.

    A process that starts makes up for the latest run if nobody did it: a server that is restarted each night at the
    hour of its jobs would else never do them.
    """

    def __init__(
        self,
        jobs: Sequence[ScheduledJob],
        claims: RunClaims,
        clock: Clock,
        *,
        interval: float = INTERVAL,
        chance: random.Random | None = None,
    ) -> None:
        self._jobs = tuple(jobs)
        self._claims = claims
        self._clock = clock
        self._interval = interval
        self._chance = chance or random.Random()
        self._settled: dict[str, float] = {}
        """The latest run of each job that somebody has claimed."""
        self._is_away = False
        self._is_stopped = False
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at the clock; once."""
        if self._loop is None and not self._is_stopped:
            self._loop = asyncio.create_task(self._run_for_ever())

    def stop(self) -> None:
        """Begin nothing more, and break off what is under way; the next run goes on with it."""
        self._is_stopped = True
        if self._loop is not None:
            self._loop.cancel()

    async def close(self) -> None:
        """Stop, and return when nothing is under way any more."""
        self.stop()
        if self._loop is not None:
            await asyncio.gather(self._loop, return_exceptions=True)

    async def run_due(self) -> list[str]:
        """Do what is due and nobody else does; the names of the jobs that were run here."""
        return [job.name for job in self._jobs if await self._try(job)]

    async def _try(self, job: ScheduledJob) -> bool:
        due = job.find_last_run(self._clock.now())
        if self._settled.get(job.name) == due:
            return False
        try:
            is_ours = await self._claims.claim_run(job.name, due)
        except StorageUnavailableError as error:
            if not self._is_away:
                _log.warning("jobs.waiting", exc_info=error)
            self._is_away = True
            return False
        self._is_away = False
        self._settled[job.name] = due
        if is_ours:
            await self._run(job)
        return is_ours

    async def _run(self, job: ScheduledJob) -> None:
        try:
            await job.run()
        except Exception as error:  # the next run does what is left; the other jobs are not concerned
            _log.error("job.failed", exc_info=error, extra={"job": job.name})

    async def _run_for_ever(self) -> None:
        while not self._is_stopped:
            await self.run_due()
            await asyncio.sleep(self._interval * self._chance.uniform(0.75, 1.25))
