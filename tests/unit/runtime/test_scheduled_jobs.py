"""Jobs with a time-table: once for all processes, whatever happens to one of them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.adapters.tracker_store.sqlite import SqliteTrackerStore
from duologue.core.errors import StorageUnavailableError
from duologue.runtime.scheduled_jobs import ScheduledJob, ScheduledJobs
from duologue.testing.scripted import FrozenClock
from tests.unit.runtime.small_assistant import WatchedStore

NIGHT = datetime(2026, 3, 1, 3, 0, tzinfo=UTC).timestamp()
DAY = 86_400.0


class Work:
    """A job that counts its runs."""

    def __init__(self, name: str = "clean up", cron: str = "0 3 * * *") -> None:
        self.runs = 0
        self.error: Exception | None = None
        self.job = ScheduledJob(name=name, cron=cron, run=self.run)

    async def run(self) -> None:
        self.runs += 1
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    ("cron", "now", "last"),
    [
        ("0 3 * * *", NIGHT, NIGHT),
        ("0 3 * * *", NIGHT + 0.5, NIGHT),
        ("0 3 * * *", NIGHT - 0.5, NIGHT - DAY),
        ("0 3 * * *", NIGHT + DAY - 1, NIGHT),
        ("*/10 * * * *", NIGHT + 1234, NIGHT + 1200),
        ("0 3 * * 0", NIGHT + 3 * DAY, NIGHT),
    ],
)
def test_the_latest_run_is_the_one_before_now(cron: str, now: float, last: float) -> None:
    assert Work(cron=cron).job.find_last_run(now) == last


async def test_a_run_is_done_once_by_two_processes(tmp_path: Path) -> None:
    work, clock = Work(), FrozenClock(NIGHT)
    path = tmp_path / "conversations.db"
    stores = [await SqliteTrackerStore.open(path) for _ in range(2)]
    processes = [ScheduledJobs([work.job], store, clock) for store in stores]
    for night in range(3):
        done = await asyncio.gather(*(one.run_due() for one in processes))
        assert sorted(done) == [[], ["clean up"]]
        assert work.runs == night + 1
        clock.advance(DAY / 2)
        assert await asyncio.gather(*(one.run_due() for one in processes)) == [[], []]
        clock.advance(DAY / 2)
    for store in stores:
        await store.close()


async def test_a_run_that_was_done_is_not_done_again_after_a_restart() -> None:
    work, clock, store = Work(), FrozenClock(NIGHT), InMemoryTrackerStore()
    await ScheduledJobs([work.job], store, clock).run_due()
    clock.advance(60)
    await ScheduledJobs([work.job], store, clock).run_due()
    assert work.runs == 1


async def test_a_run_that_nobody_was_there_for_is_made_up_for() -> None:
    work, clock, store = Work(), FrozenClock(NIGHT), InMemoryTrackerStore()
    await ScheduledJobs([work.job], store, clock).run_due()
    clock.advance(5 * DAY + 3600)
    await ScheduledJobs([work.job], store, clock).run_due()
    assert work.runs == 2


async def test_the_store_is_asked_once_for_each_run() -> None:
    work, clock, store = Work(), FrozenClock(NIGHT), WatchedStore()
    jobs = ScheduledJobs([work.job], store, clock)
    for _ in range(5):
        await jobs.run_due()
        clock.advance(60)
    assert store.calls.count("claim_run") <= 1
    assert work.runs == 1


async def test_a_job_that_fails_is_done_again_at_its_next_time_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing, other, clock = Work("failing"), Work("other"), FrozenClock(NIGHT)
    failing.error = ValueError("no")
    jobs = ScheduledJobs([failing.job, other.job], InMemoryTrackerStore(), clock)
    assert await jobs.run_due() == ["failing", "other"]
    assert await jobs.run_due() == []
    assert "job.failed" in caplog.messages
    clock.advance(DAY)
    await jobs.run_due()
    assert (failing.runs, other.runs) == (2, 2)


async def test_while_the_store_is_away_nothing_runs_and_one_line_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class AwayStore(InMemoryTrackerStore):
        is_away = True

        async def claim_run(self, job: str, due: float) -> bool:
            if self.is_away:
                raise StorageUnavailableError("The conversation store is away.")
            return await super().claim_run(job, due)

    work, clock, store = Work(), FrozenClock(NIGHT), AwayStore()
    jobs = ScheduledJobs([work.job], store, clock)
    assert await jobs.run_due() == await jobs.run_due() == []
    assert caplog.messages.count("jobs.waiting") == 1
    store.is_away = False
    assert await jobs.run_due() == ["clean up"]


async def test_a_job_under_way_is_broken_off_at_the_end() -> None:
    begun = asyncio.Event()

    async def take_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    job = ScheduledJob(name="long", cron="* * * * *", run=take_for_ever)
    jobs = ScheduledJobs([job], InMemoryTrackerStore(), FrozenClock(NIGHT))
    jobs.start()
    await begun.wait()
    await jobs.close()
