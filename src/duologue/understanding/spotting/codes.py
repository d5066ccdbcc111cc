"""E-mail addresses, telephone numbers and identifiers that a message gives."""

from collections.abc import Sequence
from functools import lru_cache

from duologue.understanding.answers.answer import Answer, Span
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.email import recognise_email
from duologue.understanding.answers.identifier import find_identifiers
from duologue.understanding.answers.phone import find_phones, phone_digits
from duologue.understanding.direction import side_before, side_of
from duologue.understanding.lexicon.spotting_words import (
    EMPTY_NAME_WORDS,
    LEADS_TO_VALUE,
)
from duologue.understanding.spotting.spot_scene import SlotText, SpotScene, SpottedSlot, sides_agree
from duologue.understanding.text_features import split_identifier, stem, tokenise


def spot_email(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.EMAIL)
    answer = recognise_email(scene.text, languages=scene.languages) if len(slots) == 1 else None
    if not isinstance(answer, Answer):
        return []
    return [
        SpottedSlot(
            slot=slots[0].name,
            value=answer.value,
            confidence=0.95,
            span=answer.span,
            normalised=answer.normalised,
        )
    ]


def spot_phone(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.PHONE)
    if len(slots) != 1 or scene.of_kind(AnswerKind.IDENTIFIER):
        return []
    phones = find_phones(scene.text, languages=scene.languages)
    if len(phones) != 1:
        return []
    written, span = phones[0]
    return [
        SpottedSlot(
            slot=slots[0].name, value=written, confidence=0.85, span=span, normalised=phone_digits(written)
        )
    ]


_FEWEST_DIGITS = 5


_MOST_WORDS_BETWEEN = 3


def spot_named_identifier(scene: SpotScene) -> list[SpottedSlot]:
    """`room 214`, `order number is 4411`: a code said right after the name of its slot, however short."""
    slots = scene.of_kind(AnswerKind.IDENTIFIER)
    if not slots:
        return []
    tokens = tokenise(scene.text)
    spotted: list[SpottedSlot] = []
    for value, span in find_identifiers(scene.text, languages=scene.languages):
        before = [token.word for token in tokens if token.end <= span[0]]
        named = _named_before(before, slots, scene)
        if named is not None and sides_agree(scene, named, span):
            spotted.append(_identifier(named, value, span))
    return spotted


def _named_before(before: Sequence[str], slots: Sequence[SlotText], scene: SpotScene) -> SlotText | None:
    """The one slot whose telling name words the words before a value end in, `number is` and the like aside."""
    for word in list(reversed(before))[:_MOST_WORDS_BETWEEN]:
        said = {stem(word, language) for language in scene.languages}
        named = [slot for slot in slots if said & _telling_stems(slot.name, scene.languages)]
        if named:
            return named[0] if len(named) == 1 else None
        if word not in LEADS_TO_VALUE:
            return None
    return None


@lru_cache(maxsize=1024)
def _telling_stems(name: str, languages: tuple[str, ...]) -> frozenset[str]:
    words = [word for word in split_identifier(name) if word not in EMPTY_NAME_WORDS]
    return frozenset(stem(word, language) for word in words for language in languages)


def spot_identifier(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.IDENTIFIER)
    if not slots:
        return []
    found = [
        (value, span)
        for value, span in find_identifiers(scene.text, languages=scene.languages)
        if _is_clearly_a_code(value)
    ]
    if not found:
        return []
    if len(slots) == len(found) == 1 and sides_agree(scene, slots[0], found[0][1]):
        return [_identifier(slots[0], *found[0])]
    spotted: list[SpottedSlot] = []
    for slot in slots:
        side = side_of(slot.name)
        fitting = [each for each in found if side and side_before(scene.text, each[1][0]) is side]
        if len(fitting) == 1:
            spotted.append(_identifier(slot, *fitting[0]))
    return spotted


def _identifier(slot: SlotText, value: str, span: Span) -> SpottedSlot:
    return SpottedSlot(slot=slot.name, value=value, confidence=0.85, span=span)


def _is_clearly_a_code(value: str) -> bool:
    return value.startswith("@") or not value.isdigit() or len(value) >= _FEWEST_DIGITS
