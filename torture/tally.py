"""What happened in a run, counted."""

import time
from collections import Counter


class Tally:
    """The counts of one run, as they grow."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.faults: Counter[str] = Counter()
        """Times that each fault was injected."""
        self.attempts = 0
        """Requests that carried a message."""
        self.acknowledged = 0
        """Messages that were answered, each counted once."""
        self.repeated = 0
        """Requests with a message that had been answered already."""
        self.doubled = 0
        """Messages that went to two servers at once."""
        self.shuffled = 0
        """Messages that did not wait for the one before."""
        self.left = 0
        """Messages whose client hung up before the answer."""
        self.refused: Counter[str] = Counter()
        """503s by their reason."""
        self.unanswered: Counter[str] = Counter()
        """Requests that came to nothing, by why."""
        self.strange_answers: Counter[str] = Counter()
        """Answers that no server should give, with whatever load and faults."""
        self.own_ends: list[str] = []
        """Servers that ended although nobody ended them."""
        self.broken_faults: list[str] = []
        """Faults that could not be injected, or undone, as they should."""
        self.longest_outage = 0.0
        """Seconds for which no client at all got an answer."""
        self.longest_wait = 0.0
        """Seconds from the first sending of a message to its first answer."""
        self._last_answer = self.began

    def begin(self) -> None:
        """Everything has started: time counts from now on."""
        self.began = self._last_answer = time.monotonic()

    def note_answer(self) -> None:
        """Some client got a reply to its message."""
        now = time.monotonic()
        self.longest_outage = max(self.longest_outage, now - self._last_answer)
        self._last_answer = now

    def note_wait(self, seconds: float) -> None:
        self.longest_wait = max(self.longest_wait, seconds)

    def note_own_end(self, name: str, code: int, log: str) -> None:
        self.own_ends.append(f"{name} ended by itself with code {code}:\n{log}")

    @property
    def seconds_without_answer(self) -> float:
        """For how long nobody has been answered by now."""
        return time.monotonic() - self._last_answer

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began
