"""The ladder: rungs are asked in order, from exact and cheap to clever and dear, until one is sure enough."""

import logging
import time
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from msgspec.structs import replace

from duologue.core import commands as cmd
from duologue.core.messages import UserMessage
from duologue.core.understanding import Evidence, Understanding
from duologue.flows.offers import Offers
from duologue.understanding.rung_failure import RungFailedError

MAX_CHARACTERS = 4_000
"""Longest free text that is read word by word; a longer one is no wish and no answer, and only costs time."""

_log = logging.getLogger(__name__)


class Rung(Protocol):
    """One way to understand."""

    @property
    def name(self) -> str:
        """How evidence names it."""
        ...

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        """What the message asks for, or None if this rung is not sure enough.

        Raises:
            RungFailedError: it should have known and could not, such as a model that is away; the next one is asked.
        """
        ...

    def warm_up(self) -> None:
        """Make ready what the first message would otherwise wait for. Called once, in a thread of its own."""
        ...


@runtime_checkable
class PreparedRung(Protocol):
    """A rung that has something to wait for before it is at its best, such as vectors of all flows."""

    async def prepare(self) -> None:
        """Get it ready; never raises, since the rung must do without as well."""
        ...


class Ladder:
    """Asks the rungs in order; the first that is sure enough answers."""

    def __init__(self, rungs: Sequence[Rung]) -> None:
        self._rungs = tuple(rungs)

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """From the first that is asked to the last."""
        return self._rungs

    def warm_up(self) -> None:
        """Let every rung make itself ready."""
        for rung in self._rungs:
            rung.warm_up()

    async def prepare(self) -> None:
        """Let every rung get what it has to wait for; until then it answers without."""
        for rung in self._rungs:
            if isinstance(rung, PreparedRung):
                await rung.prepare()

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        """The commands of the message, with the evidence for them; at worst that it cannot be handled.

        The evidence of a rung that failed stands after that of the rung that answered.
        """
        began = time.perf_counter()
        failures: list[Evidence] = []
        for rung in self._rungs:
            try:
                understanding = await rung.understand(message, offers)
            except RungFailedError as failure:
                failures.append(failure.evidence)
                continue
            except Exception as error:  # a rung that fails must not cost the turn: the one below answers
                _log.error("understanding.rung_failed", exc_info=error, extra={"rung": rung.name})
                continue
            if understanding is not None:
                return _add_evidence(understanding, failures, began)
        nothing = Understanding(
            commands=(cmd.CannotHandle(),),
            evidence=(Evidence(rung="none", confidence=0.0, reason="no rung was sure enough"),),
        )
        return _add_evidence(nothing, failures, began)


def _add_evidence(understanding: Understanding, failures: Sequence[Evidence], began: float) -> Understanding:
    milliseconds = round((time.perf_counter() - began) * 1000, 3)
    evidence = tuple(replace(one, milliseconds=milliseconds) for one in understanding.evidence)
    return replace(understanding, evidence=(*evidence, *failures))
