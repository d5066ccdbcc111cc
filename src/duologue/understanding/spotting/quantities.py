"""Amounts, numbers and ages that a message gives."""

import re
from collections.abc import Sequence

from duologue.understanding.answers.amount import FoundAmount, find_amounts
from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.number import as_number, find_numbers
from duologue.understanding.answers.number_phrase import FoundNumber
from duologue.understanding.direction import (
    is_house_number,
)
from duologue.understanding.lexicon.calendar_words import RELATIVE_DAYS, WEEKDAYS
from duologue.understanding.lexicon.function_words import STOP_WORDS
from duologue.understanding.lexicon.spotting_words import (
    AGE_WORDS,
    EMPTY_NAME_WORDS,
    PEOPLE_SLOT_WORDS,
    PEOPLE_WORDS,
)
from duologue.understanding.spotting.spot_scene import SlotText, SpotScene, SpottedSlot
from duologue.understanding.text_features import fold_in_place, split_identifier, stem, tokenise, words_in


def spot_amount(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.AMOUNT)
    if len(slots) != 1:
        return []
    amounts = [
        each
        for each in find_amounts(scene.text, languages=scene.languages, today=scene.today)
        if scene.is_free(each.span)
    ]
    amounts = [each for each in amounts if each.currency or not _named_number_slots(scene, each.span)]
    if len(amounts) != 1:
        return []
    amount: FoundAmount = amounts[0]
    if amount.currency is None and scene.of_kind(AnswerKind.NUMBER):
        return []
    confidence = 0.9 if amount.currency else 0.8
    return [
        SpottedSlot(
            slot=slots[0].name, value=as_number(amount.value), confidence=confidence, span=amount.span
        )
    ]


def _spot_single(scene: SpotScene) -> list[SpottedSlot]:
    """`one room`, `a single guest` for the slot that counts them."""
    spotted: list[SpottedSlot] = []
    for token in tokenise(scene.text):
        if token.word in _ONE and scene.is_free((token.start, token.end)):
            named = _named_number_slots(scene, (token.start, token.end))
            if len(named) == 1:
                span = (token.start, token.end)
                spotted.append(SpottedSlot(slot=named[0].name, value=1, confidence=0.85, span=span))
    return spotted[:1]


_ONE = frozenset({"one", "single"})


def spot_number(scene: SpotScene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.NUMBER)
    if not slots:
        return []
    numbers = [
        each
        for each in find_numbers(scene.text, languages=scene.languages)
        if scene.is_free(each.span) and not is_house_number(scene.text, each.span)
    ]
    named = _spot_times(slots, scene) or _spot_counted(scene, numbers) or _spot_single(scene)
    if named:
        return named + _spot_company(scene, [n for n in numbers if all(n.span != s.span for s in named)])
    numbers = [each for each in numbers if not each.is_article_like]
    if len(slots) == len(numbers) == 1 and not scene.of_kind(AnswerKind.AMOUNT):
        return [
            SpottedSlot(
                slot=slots[0].name, value=as_number(numbers[0].value), confidence=0.75, span=numbers[0].span
            )
        ]
    return _spot_company(scene, numbers)


_TIMES = re.compile(r"\b(?P<count>ein|zwei|drei|vier|f[uü]nf|sechs)mal(?= [A-ZÄÖÜ])", re.IGNORECASE)
_COUNTS = {"ein": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6}


def _spot_times(slots: Sequence[SlotText], scene: SpotScene) -> list[SpottedSlot]:
    """`zweimal Schnitzel` counts what is ordered."""
    match = re.search(_TIMES, scene.text) if len(slots) == 1 else None
    if match is None or not scene.text[match.end() + 1].isupper():
        return []
    value = _COUNTS[fold_in_place(match["count"])]
    return [SpottedSlot(slot=slots[0].name, value=value, confidence=0.85, span=match.span())]


def _spot_counted(scene: SpotScene, numbers: Sequence[FoundNumber]) -> list[SpottedSlot]:
    """`2 guests` for `number_of_guests`."""
    return [
        SpottedSlot(slot=named[0].name, value=as_number(number.value), confidence=0.85, span=number.span)
        for number in numbers
        if len(named := _named_number_slots(scene, number.span)) == 1
    ]


def _spot_company(scene: SpotScene, numbers: Sequence[FoundNumber]) -> list[SpottedSlot]:
    """`a table for two`: a bare number after `for` counts people, where a slot does."""
    slots = [slot for slot in scene.of_kind(AnswerKind.NUMBER) if _counts_people(slot)]
    if len(slots) != 1:
        return []
    tokens = tokenise(scene.text)
    ordinary = words_in(STOP_WORDS, scene.languages) | RELATIVE_DAYS.keys() | WEEKDAYS.keys()
    for number in numbers:
        before = [token.word for token in tokens if token.end <= number.span[0]]
        after = [token.word for token in tokens if token.start >= number.span[1]]
        is_together = bool(before) and before[-1] == "zu" and scene.text[slice(*number.span)].endswith("t")
        if is_together or (before and before[-1] in _FOR and (not after or after[0] in ordinary)):
            value = as_number(number.value)
            return [SpottedSlot(slot=slots[0].name, value=value, confidence=0.8, span=number.span)]
    return []


_FOR = frozenset({"for", "fur", "pour", "para", "per", "voor"})


def _counts_people(slot: SlotText) -> bool:
    return not PEOPLE_SLOT_WORDS.isdisjoint(split_identifier(slot.name))


def _named_number_slots(scene: SpotScene, span: Span) -> list[SlotText]:
    """The slots whose name is said right after the number: `2 guests` for `number_of_guests`."""
    following = next((token.word for token in tokenise(scene.text) if token.start >= span[1]), None)
    if following is None:
        return []
    said = {stem(following, language) for language in scene.languages}
    if following in PEOPLE_WORDS:
        counted = [slot for slot in scene.of_kind(AnswerKind.NUMBER) if _counts_people(slot)]
        if len(counted) == 1:
            return counted
    return [
        slot
        for slot in scene.of_kind(AnswerKind.NUMBER)
        if said
        & {stem(word, language) for word in split_identifier(slot.name) for language in scene.languages}
        or any(following.startswith(word) for word in _counted_words(slot.name))
    ]


def _counted_words(name: str) -> list[str]:
    """`bath` of `number_of_baths`, so that `2 bathrooms` counts."""
    words = [word.removesuffix("s") for word in split_identifier(name) if word not in EMPTY_NAME_WORDS]
    return [word for word in words if len(word) >= _SHORTEST_COUNTED]


_SHORTEST_COUNTED = 3


_AGE = re.compile(
    r"\b(?:(?:he|she|they|who|i|my \w+)(?:'s|'m|'re| is| am| are) (?:just |only |now |about )?|aged? |ist |bin |wird )(?P<age>\d{1,3})\b(?! ?(?:euro|dollar|pound|km|miles|percent|%|uhr))|\b(?P<years>\d{1,3})[ -](?:years?[ -]old|yo\b|jahre alt)|[A-Z]\w+, (?P<aside>\d{1,3})(?=,|\s*$)",
)


def spot_age(scene: SpotScene) -> list[SpottedSlot]:
    """`he's 19`, `34 years old` for `driver_age`."""
    slots = [
        s for s in scene.of_kind(AnswerKind.NUMBER) if not AGE_WORDS.isdisjoint(split_identifier(s.name))
    ]
    matches = list(_AGE.finditer(scene.text)) if len(slots) == 1 else []
    if len(matches) != 1:
        return []
    group = matches[0].lastgroup or "age"
    value = int(matches[0][group])
    return [SpottedSlot(slot=slots[0].name, value=value, confidence=0.85, span=matches[0].span(group))]
