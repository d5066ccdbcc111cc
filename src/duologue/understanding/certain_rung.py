"""The cheap filter above a language model: another rung's word is taken only where it leaves no doubt."""

from duologue.core.messages import UserMessage
from duologue.core.understanding import Understanding
from duologue.flows.offers import Offers
from duologue.understanding.ladder import Rung

CERTAIN = 0.9
"""Confidence from which no language model is asked."""


class CertainRung:
    """Asks another rung, and passes on only what that one is certain of."""

    def __init__(self, rung: Rung, at_least: float = CERTAIN) -> None:
        self._rung = rung
        self._at_least = at_least

    @property
    def name(self) -> str:
        return f"certain {self._rung.name}"

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding | None:
        understanding = await self._rung.understand(message, offers)
        if understanding is None or not understanding.evidence:
            return None
        is_certain = all(one.confidence >= self._at_least for one in understanding.evidence)
        return understanding if is_certain else None

    def warm_up(self) -> None:
        """Nothing of its own: the rung that it asks stands further down the ladder, too."""
