"""Listed values, people, places and things that a message names."""

from functools import lru_cache

from duologue.understanding.answers.answer import Answer, Span
from duologue.understanding.answers.answer_kind import AnswerKind, expects_prose
from duologue.understanding.answers.choice import recognise_choice
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.person_name import find_names
from duologue.understanding.answers.thing import find_things
from duologue.understanding.direction import Side, find_locations, find_place, find_spots, side_of
from duologue.understanding.lexicon.calendar_words import NOW_WORDS
from duologue.understanding.lexicon.spotting_words import (
    PLACE_SLOT_WORDS,
    SPOT_SLOT_WORDS,
    THING_SLOT_WORDS,
)
from duologue.understanding.spotting.spot_scene import SpotScene, SpottedSlot, sides_agree
from duologue.understanding.text_features import fold_in_place, split_identifier, stem


def spot_choice(scene: SpotScene) -> list[SpottedSlot]:
    spotted: list[SpottedSlot] = []
    dates = [
        date.span
        for date in find_dates(scene.text, languages=scene.languages, today=scene.today)
        if fold_in_place(scene.text[slice(*date.span)]) not in NOW_WORDS
    ]
    for slot in scene.of_kind(AnswerKind.CHOICE):
        answer = recognise_choice(
            scene.text, choices=slot.choices, languages=scene.languages, only_named=True
        )
        if not isinstance(answer, Answer) or not sides_agree(scene, slot, answer.span):
            continue
        # `next week` is a time, not the listed value `week`.
        if not any(_is_inside(answer.span, date) for date in dates):
            spotted.append(SpottedSlot(slot=slot.name, value=answer.value, confidence=0.85, span=answer.span))
    # The same words for two slots are certain for neither.
    return [each for each in spotted if sum(_overlap(each.span, other.span) for other in spotted) == 1]


def _is_inside(span: Span, other: Span) -> bool:
    return other[0] <= span[0] and span[1] <= other[1] and span != other


def _overlap(left: Span, right: Span) -> bool:
    return left[0] < right[1] and right[0] < left[1]


def spot_person(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.PERSON_NAME)
    if len(slots) != 1:
        return []
    names = [
        (name, span)
        for name, span in find_names(scene.text, languages=scene.languages)
        if scene.is_free(span)
    ]
    if len(names) != 1:
        return []
    return [SpottedSlot(slot=slots[0].name, value=names[0][0], confidence=0.75, span=names[0][1])]


def spot_place(scene: SpotScene) -> list[SpottedSlot]:
    """`from savings` for `account_from`, `to Berlin` for `to_city`; only where one slot has that side."""
    spotted: list[SpottedSlot] = []
    for side in Side:
        slots = [slot for slot in scene.slots if slot.kind in _PLACE_KINDS and side_of(slot.name) is side]
        place = find_place(scene.text, side, languages=scene.languages) if len(slots) == 1 else None
        if place:
            span = place
            spotted.append(
                SpottedSlot(
                    slot=slots[0].name,
                    value=scene.text[slice(*span)],
                    confidence=0.8 if scene.text[span[0]].isupper() else 0.7,
                    span=span,
                )
            )
    return spotted


def spot_location(scene: SpotScene) -> list[SpottedSlot]:
    """`a hotel in Berlin` for `city`."""
    slots = [
        slot
        for slot in scene.of_kind(AnswerKind.FREE_TEXT)
        if side_of(slot.name) is None and not PLACE_SLOT_WORDS.isdisjoint(split_identifier(slot.name))
    ]
    if len(slots) != 1:
        return []
    found = find_locations(scene.text, languages=scene.languages)
    if not found and not SPOT_SLOT_WORDS.isdisjoint(split_identifier(slots[0].name)):
        found = [span for span in find_spots(scene.text) if scene.is_free(span)][:1]
    if len(found) != 1:
        return []
    value = scene.text[slice(*found[0])]
    return [SpottedSlot(slot=slots[0].name, value=value, confidence=0.75, span=found[0])]


def spot_thing(scene: SpotScene) -> list[SpottedSlot]:
    """`send back my trousers` for `return_product`."""
    slots = [
        slot
        for slot in scene.of_kind(AnswerKind.FREE_TEXT)
        if not THING_SLOT_WORDS.isdisjoint(split_identifier(slot.name))
        and not expects_prose(slot.name, slot.description)
    ]
    if len(slots) != 1:
        return []
    found = [
        each
        for each in find_things(
            scene.text, languages=scene.languages, general=_general_stems(slots[0].name, scene.languages)
        )
        if scene.is_free(each[1])
    ]
    if not found:
        return []
    value, span = found[0]
    return [SpottedSlot(slot=slots[0].name, value=value, confidence=0.7, span=span)]


@lru_cache(maxsize=1024)
def _general_stems(name: str, languages: tuple[str, ...]) -> frozenset[str]:
    words = {*split_identifier(name), *THING_SLOT_WORDS, "order", "parcel", "package", "delivery", "purchase"}
    return frozenset(stem(word, language) for word in words for language in languages)


_PLACE_KINDS = frozenset({AnswerKind.FREE_TEXT, AnswerKind.IDENTIFIER})
