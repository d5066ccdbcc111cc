"""Values that a first message already gives: `transfer 55 to Amy from savings right now`."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from duologue.understanding.answers.amount import FoundAmount, find_amounts
from duologue.understanding.answers.answer import Answer, AnswerValue, Span
from duologue.understanding.answers.answer_kind import AnswerKind
from duologue.understanding.answers.choice import Choice, recognise_choice
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.email import recognise_email
from duologue.understanding.answers.identifier import find_identifiers
from duologue.understanding.answers.number import as_number, find_numbers
from duologue.understanding.answers.person_name import find_names
from duologue.understanding.answers.phone import find_phones, phone_digits
from duologue.understanding.answers.time_phrase import find_times
from duologue.understanding.direction import Side, find_place, side_before, side_of
from duologue.understanding.lexicon.calendar_words import NOW_WORDS
from duologue.understanding.text_features import fold_in_place, split_identifier, stem, tokenise


class SlotText(msgspec.Struct, frozen=True, kw_only=True):
    """A slot as words can fill it."""

    name: str
    kind: AnswerKind
    description: str = ""
    choices: tuple[Choice, ...] = ()


class SpottedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A value that the message gives for a slot nobody asked about yet."""

    slot: str
    value: AnswerValue
    confidence: float
    span: Span
    normalised: str | None = None


class _Scene(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    slots: tuple[SlotText, ...]
    languages: tuple[str, ...]
    today: date | None
    taken: list[Span]

    def of_kind(self, kind: AnswerKind) -> list[SlotText]:
        return [slot for slot in self.slots if slot.kind is kind]

    def is_free(self, span: Span) -> bool:
        return all(span[1] <= start or span[0] >= end for start, end in self.taken)


def spot_slots(
    text: str,
    *,
    slots: Sequence[SlotText],
    languages: Sequence[str] = ("en",),
    today: date | None = None,
) -> list[SpottedSlot]:
    """The values that can only be meant for one slot; nothing is guessed, and no part of the message counts twice."""
    scene = _Scene(text=text, slots=tuple(slots), languages=tuple(languages), today=today, taken=[])
    found: list[SpottedSlot] = []
    # The order matters: what has a strict form takes its words before looser kinds look.
    for spot in _SPOTTERS:
        for each in spot(scene):
            if each.slot not in {other.slot for other in found} and scene.is_free(each.span):
                found.append(each)
                scene.taken.append(each.span)
    return found


def _spot_email(scene: _Scene) -> list[SpottedSlot]:
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


def _spot_date(scene: _Scene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.DATE)
    if len(slots) != 1:
        return []
    dates = find_dates(scene.text, languages=scene.languages, today=scene.today)
    # `right now` says when to act, seldom which date to enter.
    dates = [each for each in dates if fold_in_place(scene.text[slice(*each.span)]) not in NOW_WORDS]
    if len(dates) != 1:
        return []
    found = dates[0]
    written = scene.text[slice(*found.span)]
    iso = found.day.isoformat() if found.day else None
    value = written if found.is_numeric or iso is None else iso
    return [SpottedSlot(slot=slots[0].name, value=value, confidence=0.85, span=found.span, normalised=iso)]


def _spot_time(scene: _Scene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.TIME)
    times = find_times(scene.text) if len(slots) == 1 else []
    if len(times) != 1:
        return []
    found = times[0]
    value = scene.text[slice(*found.span)] if found.is_numeric else found.clock
    return [
        SpottedSlot(slot=slots[0].name, value=value, confidence=0.85, span=found.span, normalised=found.clock)
    ]


def _spot_phone(scene: _Scene) -> list[SpottedSlot]:
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


def _spot_identifier(scene: _Scene) -> list[SpottedSlot]:
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
    if len(slots) == len(found) == 1 and _sides_agree(scene, slots[0], found[0][1]):
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


def _spot_choice(scene: _Scene) -> list[SpottedSlot]:
    spotted: list[SpottedSlot] = []
    for slot in scene.of_kind(AnswerKind.CHOICE):
        answer = recognise_choice(
            scene.text, choices=slot.choices, languages=scene.languages, only_named=True
        )
        if isinstance(answer, Answer) and _sides_agree(scene, slot, answer.span):
            spotted.append(SpottedSlot(slot=slot.name, value=answer.value, confidence=0.85, span=answer.span))
    # The same words for two slots are certain for neither.
    return [each for each in spotted if sum(_overlap(each.span, other.span) for other in spotted) == 1]


def _overlap(left: Span, right: Span) -> bool:
    return left[0] < right[1] and right[0] < left[1]


def _sides_agree(scene: _Scene, slot: SlotText, span: Span) -> bool:
    """A value said with `to` is not for a slot called `account_from`."""
    said, wanted = side_before(scene.text, span[0]), side_of(slot.name)
    return said is None or wanted is None or said is wanted


def _spot_amount(scene: _Scene) -> list[SpottedSlot]:
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


def _spot_number(scene: _Scene) -> list[SpottedSlot]:
    slots = scene.of_kind(AnswerKind.NUMBER)
    if not slots:
        return []
    numbers = [
        each for each in find_numbers(scene.text, languages=scene.languages) if scene.is_free(each.span)
    ]
    numbers = [each for each in numbers if not each.is_article_like]
    if len(slots) == len(numbers) == 1 and not scene.of_kind(AnswerKind.AMOUNT):
        return [
            SpottedSlot(
                slot=slots[0].name, value=as_number(numbers[0].value), confidence=0.75, span=numbers[0].span
            )
        ]
    return [
        SpottedSlot(slot=named[0].name, value=as_number(number.value), confidence=0.85, span=number.span)
        for number in numbers
        if len(named := _named_number_slots(scene, number.span)) == 1
    ]


def _named_number_slots(scene: _Scene, span: Span) -> list[SlotText]:
    """The slots whose name is said right after the number: `2 guests` for `number_of_guests`."""
    following = next((token.word for token in tokenise(scene.text) if token.start >= span[1]), None)
    if following is None:
        return []
    said = {stem(following, language) for language in scene.languages}
    return [
        slot
        for slot in scene.of_kind(AnswerKind.NUMBER)
        if said
        & {stem(word, language) for word in split_identifier(slot.name) for language in scene.languages}
    ]


def _spot_person(scene: _Scene) -> list[SpottedSlot]:
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


def _spot_place(scene: _Scene) -> list[SpottedSlot]:
    """`from savings` for `account_from`, `to Berlin` for `to_city`; only where one slot has that side."""
    spotted: list[SpottedSlot] = []
    for side in Side:
        slots = [slot for slot in scene.slots if slot.kind in _PLACE_KINDS and side_of(slot.name) is side]
        place = find_place(scene.text, side, languages=scene.languages) if len(slots) == 1 else None
        if place:
            span = place
            spotted.append(
                SpottedSlot(slot=slots[0].name, value=scene.text[slice(*span)], confidence=0.7, span=span)
            )
    return spotted


_PLACE_KINDS = frozenset({AnswerKind.FREE_TEXT, AnswerKind.IDENTIFIER})

_SPOTTERS: tuple[Callable[[_Scene], list[SpottedSlot]], ...] = (
    _spot_email,
    _spot_date,
    _spot_time,
    _spot_phone,
    _spot_identifier,
    _spot_choice,
    _spot_amount,
    _spot_number,
    _spot_person,
    _spot_place,
)
