"""The seam: what a judge is asked, and what it says."""

from typing import Protocol

import msgspec

from duologue.core.errors import DuologueError
from duologue.project.e2e_tests import Question

NO_GROUNDS = "There is nothing to hold the reply against: it came with no documents; add `ground_truth`."


class JudgedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with what it is held against."""

    question: Question
    asked: str
    """What the user said."""
    reply: str
    grounds: tuple[str, ...] = ()
    """What the reply may know: the truth that the test names, or documents, slots and the words of the response."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How well the reply does, from 0 to 1, and why."""

    score: float
    reason: str


class NotJudgedError(DuologueError):
    """The judge came to no verdict; the text says why in one sentence."""


class Judge(Protocol):
    """Judges replies. Safe to use from many tasks at once."""

    @property
    def name(self) -> str:
        """How a report names it."""
        ...

    async def judge(self, judged: JudgedReply) -> Verdict:
        """How relevant the reply is to what was asked, or how much of it the grounds say.

        Raises:
            NotJudgedError: it cannot tell.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
