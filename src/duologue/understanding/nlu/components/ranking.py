"""How much of a ranking is told."""

import math
from collections.abc import Sequence

import msgspec

from duologue.core.understanding import Intent


def shorten_ranking(ranking: Sequence[Intent], length: int, *, adds_up: bool = False) -> list[Intent]:
    """The first of a ranking, all if the length is 0; with `adds_up`, their confidences add up to 1."""
    told = list(ranking[:length] if length else ranking)
    total = math.fsum(intent.confidence for intent in told)
    if not adds_up or not total or len(told) == len(ranking):
        return told
    return [msgspec.structs.replace(intent, confidence=intent.confidence / total) for intent in told]
