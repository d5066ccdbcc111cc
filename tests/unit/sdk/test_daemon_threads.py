"""Worker threads for blocking actions."""

import subprocess
import sys
import threading
from concurrent.futures import CancelledError, wait

import pytest

from duologue.sdk.daemon_threads import DaemonThreads


def test_functions_run_at_the_same_time_up_to_the_limit() -> None:
    threads = DaemonThreads(3, name="worker")
    together = threading.Barrier(3, timeout=5)
    futures = [threads.submit(together.wait) for _ in range(6)]
    assert len(wait(futures, timeout=5).done) == 6
    assert {future.exception() for future in futures} == {None}
    threads.shutdown()


def test_a_thread_that_is_free_is_used_again() -> None:
    threads = DaemonThreads(8, name="worker")
    names = {threads.submit(lambda: threading.current_thread().name).result(5) for _ in range(20)}
    assert len(names) <= 2
    threads.shutdown()


def test_what_a_function_raises_reaches_whoever_waits() -> None:
    threads = DaemonThreads(1, name="worker")
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(5)
    threads.shutdown()


def test_after_shutdown_nothing_begins() -> None:
    threads = DaemonThreads(1, name="worker")
    began, release = threading.Event(), threading.Event()
    running = threads.submit(lambda: (began.set(), release.wait(5)))
    waiting = threads.submit(int)
    began.wait(5)
    threads.shutdown(cancel_futures=True)
    release.set()
    running.result(5)
    with pytest.raises(CancelledError):
        waiting.result(5)
    with pytest.raises(RuntimeError, match="shut down"):
        threads.submit(int)


def test_a_function_that_never_returns_does_not_keep_the_process() -> None:
    program = (
        "import threading\n"
        "from duologue.sdk.daemon_threads import DaemonThreads\n"
        "began = threading.Event()\n"
        "threads = DaemonThreads(1, name='worker')\n"
        "threads.submit(lambda: (began.set(), threading.Event().wait()))\n"
        "began.wait()\n"
        "threads.shutdown(cancel_futures=True)\n"
        "print('done')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert ended.stdout == "done\n"


def test_functions_never_wait_for_one_another_while_threads_may_still_be_started() -> None:
    threads = DaemonThreads(4, name="worker")
    for _ in range(300):
        together = threading.Barrier(2, timeout=5)
        threads.submit(int).result(5)
        futures = [threads.submit(together.wait) for _ in range(2)]
        assert {future.exception(5) for future in futures} == {None}
    threads.shutdown()
