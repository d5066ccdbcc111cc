"""Worker threads that never keep a process alive: an action that blocks for ever must not stop a shutdown."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

import msgspec

P = ParamSpec("P")
T = TypeVar("T")


class _Job(msgspec.Struct, frozen=True, kw_only=True):
    run: Callable[[], None]
    cancel: Callable[[], bool]


class DaemonThreads(Executor):
    """Runs functions on up to `threads` daemon threads, started as they are needed.

    The standard library's pool joins its threads at exit, however long they take.
    """

    def __init__(self, threads: int, *, name: str) -> None:
        self._limit = threads
        self._name = name
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        # Both are read and written under the condition's lock only, as the jobs are: a thread that has been woken but
        # has not taken its job yet still counts as waiting, and its job as one to do.
        self._started = 0
        self._waiting = 0
        self._is_closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the function on one of the threads."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # whoever waits for the future is told
                future.set_exception(error)

        with self._changed:
            if self._is_closed:
                raise RuntimeError("these threads have been shut down")
            self._jobs.append(_Job(run=run, cancel=future.cancel))
            if len(self._jobs) <= self._waiting:
                self._changed.notify()
            elif self._started < self._limit:
                self._start_thread()
        return future

    def _start_thread(self) -> None:
        self._started += 1
        name = f"{self._name}-{self._started}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (job := self._take()) is not None:
            job.run()

    def _take(self) -> _Job | None:
        """The next job, as soon as there is one; None when there will be no more."""
        with self._changed:
            while not self._jobs:
                if self._is_closed:
                    return None
                self._waiting += 1
                self._changed.wait()
                self._waiting -= 1
            return self._jobs.popleft()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs. Those that run are left to themselves, whatever `wait` says."""
        with self._changed:
            self._is_closed = True
            while cancel_futures and self._jobs:
                self._jobs.popleft().cancel()
            self._changed.notify_all()
