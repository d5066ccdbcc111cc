"""Telephone numbers, with country codes, brackets, spaces, or spoken digit by digit."""

import re
from collections.abc import Collection, Sequence

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.answers.spoken_digits import find_spoken_digits

_PHONE = re.compile(r"(?<![\w.,@#/-])(?:\+|00)?\(?\d[\d\s()./-]{4,22}\d(?![\w@]|[.,:]\d)")
_DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15


def recognise_phone(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Recognition:
    """The one telephone number in a message as written; normalised to digits with a leading `+` where there was one."""
    found = find_phones(text, languages=languages)
    if not found:
        return None
    numbers = tuple(dict.fromkeys(number for number, _ in found))
    if len({phone_digits(number) for number in numbers}) > 1:
        return AmbiguousAnswer(candidates=numbers, span=(found[0][1][0], found[-1][1][1]))
    confidence = confidence_around(text, [span for _, span in found], languages=languages, topic=topic)
    return Answer(
        value=numbers[0], confidence=confidence, span=found[0][1], normalised=phone_digits(numbers[0])
    )


def find_phones(text: str, *, languages: Sequence[str] = ("en",)) -> list[tuple[str, Span]]:
    """Every telephone number with its place."""
    found: list[tuple[str, Span]] = []
    for match in _PHONE.finditer(text):
        digits = sum(char.isdigit() for char in match[0])
        if _FEWEST_DIGITS <= digits <= _MOST_DIGITS and not _DATE_LIKE.fullmatch(match[0]):
            found.append((match[0], match.span()))
    if not found:
        spoken = find_spoken_digits(text, languages=languages)
        found = [(digits, span) for digits, span in spoken if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS]
    return found


def phone_digits(written: str) -> str:
    """Digits only, `+` kept, a leading `00` read as `+`."""
    # `+49 (0)170`: the zero in brackets is not dialled with a country code.
    is_international = written.lstrip().startswith(("+", "00"))
    digits = re.sub(r"\D", "", written.replace("(0)", "") if is_international else written)
    if written.lstrip().startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits
