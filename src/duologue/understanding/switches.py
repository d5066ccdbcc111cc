"""Yes-or-no slots that a wish itself answers: `take me off your list` for `newsletter_wanted`."""

import re
from collections.abc import Sequence
from functools import lru_cache

from duologue.core.slots import Slot, SlotType
from duologue.flows.flow import Flow
from duologue.flows.steps import CollectStep
from duologue.understanding.lexicon.switch_words import SWITCH_SLOT_WORDS, SWITCHED_OFF, SWITCHED_ON
from duologue.understanding.message_form import choices_of
from duologue.understanding.text_features import fold_in_place, split_identifier

_LONGEST = 400


def find_switches(text: str, flow: Flow, slots: Sequence[Slot], languages: Sequence[str]) -> dict[str, bool]:
    """Values of the flow's slots that say whether something is wanted; a confirmation is never one of them."""
    asked = {
        step.slot for step in flow.steps if isinstance(step, CollectStep) and not step.ask_before_filling
    }
    switches = [
        slot
        for slot in slots
        if slot.type is SlotType.BOOL
        and slot.name in asked
        and not SWITCH_SLOT_WORDS.isdisjoint(split_identifier(slot.name))
    ]
    if len(switches) != 1:
        return {}
    plain = fold_in_place(text[:_LONGEST])
    off, on = _patterns(tuple(languages))
    if off.search(plain):
        return {switches[0].name: False}
    return {switches[0].name: True} if on.search(plain) else {}


@lru_cache(maxsize=32)
def _patterns(languages: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    off, on = (choices_of(table, languages) for table in (SWITCHED_OFF, SWITCHED_ON))
    return re.compile(rf"\b(?:{off})\b"), re.compile(rf"\b(?:{on})\b")
