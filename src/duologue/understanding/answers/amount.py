"""Amounts of money: a number with a currency before or after it, or alone."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.answers.number import as_number, find_numbers
from duologue.understanding.answers.number_phrase import FoundNumber
from duologue.understanding.answers.time_phrase import find_times
from duologue.understanding.lexicon.currencies import CURRENCY_SIGNS, CURRENCY_WORDS, SMALL_COIN_WORDS
from duologue.understanding.text_features import normalise


class FoundAmount(NamedTuple):
    """An amount of money and its place, the currency included; no currency when none was said."""

    value: float
    span: Span
    currency: str | None


def recognise_amount(
    text: str,
    *,
    languages: Sequence[str] = ("en",),
    today: date | None = None,
    topic: Collection[str] = frozenset(),
) -> Recognition:
    """The one amount in a message: the one with a currency, or else the only number that can be money."""
    found = find_amounts(text, languages=languages, today=today)
    if not found:
        return None
    values = list(dict.fromkeys(as_number(each.value) for each in found))
    if len(values) > 1:
        return AmbiguousAnswer(candidates=tuple(values), span=(found[0].span[0], found[-1].span[1]))
    confidence = confidence_around(text, [each.span for each in found], languages=languages, topic=topic)
    return Answer(value=values[0], confidence=confidence, span=found[0].span, unit=found[0].currency)


def find_amounts(
    text: str, *, languages: Sequence[str] = ("en",), today: date | None = None
) -> list[FoundAmount]:
    """The amounts in a message: those with a currency, or, when there is none, the numbers that can be money."""
    plain = normalise(text)
    numbers: list[FoundAmount] = []
    for number in find_numbers(text, languages=languages, is_money=True):
        numbers.append(_with_currency(plain, number, after=numbers[-1].span[1] if numbers else 0))
    numbers = _join_coins(plain, numbers)
    priced = [each for each in numbers if each.currency]
    if priced or (len(numbers) <= 1 and not _looks_dated(text, numbers, languages, today)):
        return priced or [each for each in numbers if not _is_counted(plain, each) or len(plain.split()) <= 2]
    taken = [each.span for each in find_dates(text, languages=languages, today=today)]
    taken += [each.span for each in find_times(text)]
    return [
        each
        for each in numbers
        if not any(start <= each.span[0] < end for start, end in taken)
        and not _is_counted(plain, each)
        and not _is_code(text, each)
    ]


def _looks_dated(
    text: str, numbers: Sequence[FoundAmount], languages: Sequence[str], today: date | None
) -> bool:
    if not numbers or len(text.split()) == 1:
        return False
    spans = [each.span for each in find_dates(text, languages=languages, today=today)] + [
        each.span for each in find_times(text)
    ]
    return any(start <= numbers[0].span[0] < end for start, end in spans)


_WORD_CODES = "|".join(sorted((re.escape(word) for word in CURRENCY_WORDS), key=len, reverse=True))
_SIGNS = "".join(re.escape(sign) for sign in CURRENCY_SIGNS)
_BEFORE = re.compile(rf"(?P<sign>[{_SIGNS}])\s?$|(?<![a-z])(?P<word>{_WORD_CODES})\s?$")
_AFTER = re.compile(
    rf"\s?(?P<sign>[{_SIGNS}])|[\s-]?(?P<word>{_WORD_CODES})(?![a-z])|\s?(?P<coin>{'|'.join(sorted(SMALL_COIN_WORDS, key=len, reverse=True))})(?![a-z])"
)
# `3 cards`, `2 weeks`: a counted thing is no money.
_COUNTED = re.compile(
    r"\s+(?:times?|people|persons?|cards?|accounts?|days?|weeks?|months?|years?|tickets?|items?|mal|personen|tage[n]?|wochen|monate[n]?|jahre[n]?|stuck|karten|konten)\b|\s?%"
)


def _with_currency(plain: str, number: FoundNumber, *, after: int) -> FoundAmount:
    start, end = number.span
    behind = _AFTER.match(plain, end)
    if behind and behind["coin"]:
        return FoundAmount(number.value / 100, (start, behind.end()), "coin")
    if behind:
        return FoundAmount(number.value, (start, behind.end()), _currency(behind))
    if ahead := _BEFORE.search(plain[after:start]):
        return FoundAmount(number.value, (after + ahead.start(), end), _currency(ahead))
    return FoundAmount(number.value, (start, end), None)


def _currency(match: re.Match[str]) -> str:
    return CURRENCY_SIGNS[match["sign"]] if match["sign"] else CURRENCY_WORDS[match["word"]]


def _join_coins(plain: str, found: Sequence[FoundAmount]) -> list[FoundAmount]:
    """`5 euros and 50 cents` and `5 euros 50` are one amount."""
    joined: list[FoundAmount] = []
    for each in found:
        previous = joined[-1] if joined else None
        gap = plain[previous.span[1] : each.span[0]].strip(" ,") if previous else None
        is_coins = each.currency == "coin"
        is_tail = each.currency is None and each.value < 100 and each.value == int(each.value)
        if (
            previous
            and previous.currency not in {None, "coin"}
            and gap in {"", "and", "und"}
            and (is_coins or (is_tail and gap == ""))
        ):
            value = previous.value + (each.value if is_coins else each.value / 100)
            joined[-1] = FoundAmount(round(value, 2), (previous.span[0], each.span[1]), previous.currency)
        else:
            joined.append(each)
    return [each._replace(currency=None) if each.currency == "coin" else each for each in joined]


def _is_counted(plain: str, amount: FoundAmount) -> bool:
    return amount.currency is None and _COUNTED.match(plain, amount.span[1]) is not None


def _is_code(text: str, amount: FoundAmount) -> bool:
    written = text[amount.span[0] : amount.span[1]]
    return written.isdigit() and (len(written) >= 7 or written.startswith("0"))
