"""Dates, periods and times that a message gives."""

import re
from collections.abc import Sequence

from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.date_phrase import FoundDate, find_dates
from duologue.understanding.answers.time_phrase import find_times
from duologue.understanding.lexicon.calendar_words import NOW_WORDS
from duologue.understanding.lexicon.spotting_words import (
    END_WORDS,
    START_WORDS,
)
from duologue.understanding.spotting.spot_scene import SlotText, SpotScene, SpottedSlot
from duologue.understanding.text_features import fold_in_place, split_identifier, stem, tokenise


def spot_date(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.DATE)
    if not slots:
        return []
    dates = find_dates(scene.text, languages=scene.languages, today=scene.today)
    # `right now` says when to act, seldom which date to enter.
    dates = [each for each in dates if fold_in_place(scene.text[slice(*each.span)]) not in NOW_WORDS]
    if len(slots) == len(dates) == 1:
        return [_date(slots[0], dates[0], scene)]
    return _spot_period(slots, dates, scene)


def _spot_period(
    slots: Sequence[SlotText], dates: Sequence[FoundDate], scene: SpotScene
) -> list[SpottedSlot]:
    """`from the 3rd to the 7th` for the dates of arrival and departure; one date is the first, unless it says `until`."""
    starts = [slot for slot in slots if not START_WORDS.isdisjoint(split_identifier(slot.name))]
    ends = [slot for slot in slots if not END_WORDS.isdisjoint(split_identifier(slot.name))]
    if len(starts) != 1 or len(ends) != 1 or starts == ends:
        return []
    if len(dates) == 1:
        said = _before(scene.text, dates[0].span[0])
        slot = ends[0] if _UNTIL.search(said) or _is_named_before(said, ends[0]) else starts[0]
        return [_date(slot, dates[0], scene)]
    if len(dates) == 2:
        return [_date(starts[0], dates[0], scene), _date(ends[0], dates[1], scene)]
    return []


_UNTIL = re.compile(
    r"\b(?:until|till|to|through|by|back|bis|zum|return(?:ing)?|zuruck)\s+(?:on\s+|the\s+|am\s+|zum\s+)?$"
)


def _before(text: str, start: int) -> str:
    return fold_in_place(text[max(0, start - 40) : start])


def _is_named_before(said: str, slot: SlotText) -> bool:
    """`checking out on` before a date for `check_out_date`."""
    words = [stem(token.word) for token in tokenise(said)][-4:]
    own = {stem(word) for word in split_identifier(slot.name)} - {"date", "day", "datum"}
    return len(own & set(words)) == len(own) > 0


def _date(slot: SlotText, found: FoundDate, scene: SpotScene) -> SpottedSlot:
    written = scene.text[slice(*found.span)]
    iso = found.day.isoformat() if found.day else None
    value = written if found.is_numeric or iso is None else iso
    return SpottedSlot(slot=slot.name, value=value, confidence=0.85, span=found.span, normalised=iso)


def spot_time(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.TIME)
    times = find_times(scene.text) if len(slots) == 1 else []
    if len(times) != 1:
        return []
    found = times[0]
    value = scene.text[slice(*found.span)] if found.is_numeric else found.clock
    return [
        SpottedSlot(slot=slots[0].name, value=value, confidence=0.85, span=found.span, normalised=found.clock)
    ]
