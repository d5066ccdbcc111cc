"""Which variation of a response is said in a state."""

from collections.abc import Callable, Mapping, Sequence

from duologue.core.domain import Variation
from duologue.core.values import OpenData, SlotValue
from duologue.flows.conditions import parse_condition


def select_variation(
    variations: Sequence[Variation],
    *,
    slots: Mapping[str, SlotValue],
    context: OpenData,
    channel: str,
    choose: Callable[[Sequence[Variation]], Variation],
) -> Variation | None:
    """The variation to say, or None if none fits.

    In order: a true condition on this channel, this channel, a true condition, and what has neither; `choose`
    decides among equals.
    """
    ranked: dict[int, list[Variation]] = {}
    for variation in variations:
        if variation.channel is not None and variation.channel != channel:
            continue
        if variation.condition is not None and not _is_true(variation, slots, context):
            continue
        rank = (0 if variation.channel else 2) + (0 if variation.condition is not None else 1)
        ranked.setdefault(rank, []).append(variation)
    if not ranked:
        return None
    best = ranked[min(ranked)]
    return best[0] if len(best) == 1 else choose(best)


def _is_true(variation: Variation, slots: Mapping[str, SlotValue], context: OpenData) -> bool:
    if isinstance(variation.condition, str):
        return parse_condition(variation.condition).is_true(slots, context)
    return all(slots.get(wanted.name) == wanted.value for wanted in variation.condition or ())
