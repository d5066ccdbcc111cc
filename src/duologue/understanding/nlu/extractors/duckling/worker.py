"""Duckling in a process of its own: a text that it would read for minutes ends that process, and nothing else.

Each line on standard input is one text with its time; the first line names locale, time zone and dimensions.
"""

import signal
import sys

import msgspec

from duologue.understanding.nlu.extractors.duckling.native import NativeDuckling

SECONDS = 0.5
"""Of the processor, that one text may take."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is for."""

    locale: str
    timezone: str
    dimensions: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One text."""

    text: str
    now: float


def main() -> None:
    """Answer until the input ends."""
    lines = iter(sys.stdin.buffer.readline, b"")
    order = msgspec.json.decode(next(lines), type=Order)
    duckling = NativeDuckling(order.locale, order.timezone, order.dimensions)
    duckling.read("1", 0)
    for line in lines:
        question = msgspec.json.decode(line, type=Question)
        # Not handled: the kernel ends the process, whatever Duckling is at.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        found = duckling.read(question.text, question.now)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
