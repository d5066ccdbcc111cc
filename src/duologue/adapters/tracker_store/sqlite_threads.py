"""A thread with a connection of its own that works through what event loops hand it, in batches."""

import asyncio
import contextlib
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from duologue.adapters.tracker_store.sqlite_schema import explain, is_passing, open_connection
from duologue.core.errors import StorageUnavailableError

Work = TypeVar("Work")
Loop = asyncio.AbstractEventLoop

# `Any`: each kind of work has its own result; the store's methods give it its type.
Outcome = Any
"""What came of one piece of work: its result, or the exception to raise."""

MAX_BATCH = 256


class _Job(Generic[Work]):
    __slots__ = ("future", "loop", "work")

    def __init__(self, work: Work, loop: Loop) -> None:
        self.work = work
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()


class DatabaseThread(Generic[Work]):
    """Does work in the order in which it was handed over; whatever waits becomes one batch.

    Work that was handed over is done even if nobody waits for it any more.
    """

    def __init__(
        self,
        path: Path,
        do_batch: Callable[[sqlite3.Connection, Sequence[Work]], Sequence[Outcome]],
        *,
        name: str,
        timeout: float,
        what: str = "conversation database",
    ) -> None:
        self._path = path
        self._what = what
        self._do_batch = do_batch
        self._timeout = timeout
        self._connection: sqlite3.Connection | None = None
        self._file_identity: tuple[int, int] | None = None
        self._queue: SimpleQueue[_Job[Work] | None] = SimpleQueue()
        self._is_closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Work) -> Outcome:
        """Hand over a piece of work and wait for what comes of it."""
        job = _Job(work, asyncio.get_running_loop())
        with self._door:
            if self._is_closed:
                raise StorageUnavailableError(f"The {self._what} {self._path} is closed.")
            self._queue.put(job)
        return await job.future

    async def close(self) -> None:
        """Do what was handed over, then end the thread."""
        with self._door:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        is_open = True
        while is_open:
            waiting = self._take_waiting()
            is_open = None not in waiting
            jobs = [job for job in waiting if job is not None]
            if jobs:
                _answer(jobs, self._work_through([job.work for job in jobs]))
        self._disconnect()

    def _take_waiting(self) -> list[_Job[Work] | None]:
        waiting = [self._queue.get()]
        with contextlib.suppress(Empty):
            while len(waiting) < MAX_BATCH:
                waiting.append(self._queue.get_nowait())
        return waiting

    def _work_through(self, works: Sequence[Work]) -> Sequence[Outcome]:
        try:
            return self._do_batch(self._require_connection(), works)
        except sqlite3.Error as error:
            if not is_passing(error):
                self._disconnect()
            return [explain(error, self._path, what=self._what) for _ in works]
        except Exception as error:
            return [error for _ in works]

    def _require_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_connection(self._path, timeout=self._timeout)
            self._file_identity = _identify(self._path)
        elif _identify(self._path) != self._file_identity:
            # What is written to a file without a name is lost with this process.
            self._disconnect()
            raise StorageUnavailableError(
                f"The {self._what} {self._path} was moved or deleted while it was in use."
            )
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _identify(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _answer(jobs: Sequence[_Job[Any]], outcomes: Sequence[Outcome]) -> None:
    # One wake-up for each loop, however many wait there.
    by_loop: defaultdict[Loop, list[tuple[asyncio.Future[Any], Outcome]]] = defaultdict(list)
    for job, outcome in zip(jobs, outcomes, strict=True):
        by_loop[job.loop].append((job.future, outcome))
    for loop, answers in by_loop.items():
        # A loop that was closed has nobody waiting any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: Sequence[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for future, outcome in answers:
        if future.done():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
