"""Values that a first message already gives: `transfer 55 to Amy from savings right now`."""

from collections.abc import Callable, Sequence
from datetime import date

from duologue.understanding.spotting.codes import (
    spot_email,
    spot_identifier,
    spot_named_identifier,
    spot_phone,
)
from duologue.understanding.spotting.names import (
    spot_choice,
    spot_location,
    spot_person,
    spot_place,
    spot_thing,
)
from duologue.understanding.spotting.quantities import spot_age, spot_amount, spot_number
from duologue.understanding.spotting.spot_scene import SlotText, SpotScene, SpottedSlot
from duologue.understanding.spotting.times import spot_date, spot_time

__all__ = ["SlotText", "SpottedSlot", "spot_slots"]


_LONGEST = 1_000
"""Characters of a message that are searched for values; a wish gives them early."""


def spot_slots(
    text: str,
    *,
    slots: Sequence[SlotText],
    languages: Sequence[str] = ("en",),
    today: date | None = None,
) -> list[SpottedSlot]:
    """The values that can only be meant for one slot; nothing is guessed, and no part of the message counts twice."""
    scene = SpotScene(
        text=text[:_LONGEST], slots=tuple(slots), languages=tuple(languages), today=today, taken=[]
    )
    found: list[SpottedSlot] = []
    # The order matters: what has a strict form takes its words before looser kinds look.
    for spot in _SPOTTERS:
        for each in spot(scene):
            if each.slot not in {other.slot for other in found} and scene.is_free(each.span):
                found.append(each)
                scene.taken.append(each.span)
    return found


_SPOTTERS: tuple[Callable[[SpotScene], list[SpottedSlot]], ...] = (
    spot_email,
    spot_date,
    spot_time,
    spot_phone,
    spot_named_identifier,
    spot_identifier,
    spot_choice,
    spot_age,
    spot_amount,
    spot_number,
    spot_person,
    spot_place,
    spot_location,
    spot_thing,
)
