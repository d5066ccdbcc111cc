"""Worker threads that never keep a process alive: an action that blocks for ever must not stop a shutdown."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Job = Callable[[], None]


class DaemonThreads(Executor):
    """Runs functions on up to `threads` daemon threads, started as they are needed.

    The standard library's pool joins its threads at exit, however long they take.
    """

    def __init__(self, threads: int, *, name: str) -> None:
        self._limit = threads
        self._name = name
        self._jobs: SimpleQueue[tuple[_Job, Future[object]] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._started = 0
        self._idle = 0
        self._is_closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the function on one of the threads."""
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # whoever waits for the future is told
                future.set_exception(error)

        with self._lock:
            if self._is_closed:
                raise RuntimeError("these threads have been shut down")
            self._jobs.put((job, future))  # type: ignore[arg-type]  # a future of any result is only cancelled
            if self._idle < self._jobs.qsize() and self._started < self._limit:
                self._started += 1
                name = f"{self._name}-{self._started}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            taken = self._jobs.get()
            with self._lock:
                self._idle -= 1
            if taken is None:
                return
            taken[0]()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs. Those that run are left to themselves, whatever `wait` says."""
        with self._lock:
            self._is_closed = True
            if cancel_futures:
                self._cancel_waiting()
            for _ in range(self._started):
                self._jobs.put(None)

    def _cancel_waiting(self) -> None:
        while True:
            try:
                waiting = self._jobs.get_nowait()
            except Empty:
                return
            if waiting is not None:
                waiting[1].cancel()
