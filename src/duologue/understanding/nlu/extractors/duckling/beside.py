"""Duckling beside the assistant: asked through a pipe, started when it is needed, and again when a text has ended it."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from duologue.core.values import OpenData
from duologue.understanding.nlu.extractors.duckling.native import has_native
from duologue.understanding.nlu.extractors.duckling.reader import DIMENSIONS, DucklingReader
from duologue.understanding.nlu.extractors.duckling.worker import Order, Question

_WORKER = "duologue.understanding.nlu.extractors.duckling.worker"
_UNSENDABLE = dict.fromkeys(range(55296, 57344), " ")

_MOST_FAILURES = 3
"""In a row; after them the process is not started for a while."""
_REST_SECONDS = 30.0

_log = logging.getLogger(__name__)


class DucklingBeside:
    """One process for one locale; texts are read one after the other. What ends it is read by the stand-in."""

    def __init__(
        self,
        order: Order,
        stand_in: DucklingReader,
        *,
        command: Sequence[str] = (sys.executable, "-m", _WORKER),
    ) -> None:
        self._order = order
        self._stand_in = stand_in
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._rests_until = 0.0

    def read(self, text: str, now: float) -> list[OpenData]:
        with self._lock:
            answer = self._ask(Question(text=text.translate(_UNSENDABLE), now=now))
        if not answer:
            _log.warning(
                "Duckling gave no answer for a text of %d characters; our own rules read it.", len(text)
            )
            return self._stand_in.read(text, now)
        return msgspec.json.decode(answer, type=list[dict[str, Any]])

    def close(self) -> None:
        """End the process; the next text starts it again."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __del__(self) -> None:
        self.close()

    def _ask(self, question: Question) -> bytes:
        """The answer as a line; empty if the process did not live to give it."""
        if time.monotonic() < self._rests_until:
            return b""
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            return b""
        try:
            process.stdin.write(msgspec.json.encode(question) + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = b""
        self._failures = 0 if answer else self._failures + 1
        if not answer:
            self.close()
        if self._failures >= _MOST_FAILURES:
            self._failures, self._rests_until = 0, time.monotonic() + _REST_SECONDS
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        process = self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if process.stdin is not None:
            # Sent with the first text.
            process.stdin.write(msgspec.json.encode(self._order) + b"\n")
        return process


def open_beside(
    locale: str, timezone: str, dimensions: Sequence[str] | None, stand_in: DucklingReader
) -> DucklingBeside | None:
    """Duckling, if its package is installed and it knows the language."""
    if not has_native(locale):
        return None
    named = DIMENSIONS if dimensions is None else dimensions
    known = tuple(name for name in named if name in (*DIMENSIONS, "time-grain"))
    return DucklingBeside(Order(locale=locale, timezone=timezone, dimensions=known), stand_in)
