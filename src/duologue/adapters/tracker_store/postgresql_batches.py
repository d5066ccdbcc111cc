"""Work for a database that is done in batches: what waits at the same time costs one round trip."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from duologue.core.errors import StorageUnavailableError

Work = TypeVar("Work")

# `Any`: each kind of work has its own result; the store's methods give it its type.
Outcome = Any
"""What came of one piece of work: its result, or the exception to raise."""

MAX_BATCH = 256
MAX_IN_FLIGHT = 3
PATIENCE = 0.005
"""Seconds after which the next batch no longer waits for the one before: the disk or the network is slow."""


class _Job(Generic[Work]):
    __slots__ = ("future", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class BatchQueue(Generic[Work]):
    """Does work of one event loop, in batches of what has come by the end of the loop's round.

    A batch that fails, because the database is away, takes what waits behind it with it: nobody waits for one time-out
    after the other. Who gives up waiting disturbs nobody; the work is done if it was begun.
    """

    def __init__(
        self,
        do_batch: Callable[[Sequence[Work]], Awaitable[Sequence[Outcome]]],
        *,
        key: Callable[[Work], str] | None = None,
    ) -> None:
        """With a `key` no two pieces of work that have the same one are under way at the same time."""
        self._do_batch = do_batch
        self._key = key
        self._waiting: list[_Job[Work]] = []
        self._busy_keys: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake_up: asyncio.Handle | None = None

    async def do(self, work: Work) -> Outcome:
        """Wait for what comes of a piece of work."""
        job = _Job(work)
        self._waiting.append(job)
        if self._wake_up is None:
            loop = asyncio.get_running_loop()
            if not self._tasks:
                self._wake_up = loop.call_soon(self._start)
            elif len(self._tasks) < MAX_IN_FLIGHT:
                self._wake_up = loop.call_later(PATIENCE, self._start)
        return await job.future

    async def finish(self) -> None:
        """Wait until nothing is left to do."""
        while self._waiting or self._tasks:
            if self._tasks:
                await asyncio.wait(self._tasks)
            else:
                await asyncio.sleep(0)

    def _start(self) -> None:
        if self._wake_up is not None:
            self._wake_up.cancel()
            self._wake_up = None
        batch = self._take_batch()
        if batch:
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._tasks.add(task)

    def _take_batch(self) -> list[_Job[Work]]:
        batch: list[_Job[Work]] = []
        left: list[_Job[Work]] = []
        for job in self._waiting:
            if job.future.done():  # nobody waits for it any more
                continue
            if len(batch) < MAX_BATCH and self._may_begin(job):
                batch.append(job)
            else:
                left.append(job)
        self._waiting = left
        return batch

    def _may_begin(self, job: _Job[Work]) -> bool:
        if self._key is None:
            return True
        key = self._key(job.work)
        if key in self._busy_keys:
            return False
        self._busy_keys.add(key)
        return True

    async def _run(self, batch: Sequence[_Job[Work]]) -> None:
        try:
            outcomes = await self._do_batch([job.work for job in batch])
        except StorageUnavailableError as error:
            _answer(batch, [error] * len(batch))
            _answer(self._waiting, [error] * len(self._waiting))
            self._waiting = []
        except Exception as error:
            _answer(batch, [error] * len(batch))
        else:
            _answer(batch, outcomes)
        finally:
            if self._key is not None:
                self._busy_keys.difference_update(self._key(job.work) for job in batch)
            task = asyncio.current_task()
            assert task is not None
            self._tasks.discard(task)
            if self._waiting:
                self._start()


def _answer(jobs: Sequence[_Job[Any]], outcomes: Sequence[Outcome]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.future.done():
            continue
        if isinstance(outcome, BaseException):
            job.future.set_exception(_copy(outcome))
        else:
            job.future.set_result(outcome)


def _copy(error: BaseException) -> BaseException:
    """One of its own for each who waits: an exception collects where it was raised."""
    if not isinstance(error, StorageUnavailableError):
        return error
    copy = StorageUnavailableError(str(error))
    copy.__cause__ = error.__cause__
    return copy
