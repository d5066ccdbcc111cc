"""Numbers that name something: accounts, cards, claims, IBANs, postcodes, orders, handles."""

import re
from collections.abc import Collection, Sequence

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.email import find_emails
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.answers.spoken_digits import find_spoken_digits

_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z0-9_](?:[\w.-]*\w)?")
_HASHED = re.compile(r"(?<!\w)#\s?[\w-]*\d[\w-]*")
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]{4}){2,7}(?:\s?[A-Za-z0-9]{1,4})?(?!\w)")
_GROUPED_DIGITS = re.compile(r"(?<![\w.,$€£:/-])\d{2,}(?:[ -]\d{2,})+(?![\w:/]|[.,]\d|-\w)")
_CODE = re.compile(
    r"(?<![\w@.#$€£])(?=[A-Za-z0-9/_-]*\d)[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*(?![\w@%€$£]|[.,:]\d)"
)
# British postcodes: two codes, one name.
_POSTCODE_PAIR = re.compile(r"(?<!\w)[A-Za-z]{1,2}\d[A-Za-z\d]?\s+\d[A-Za-z]{2}(?!\w)")
_PREFIXED = re.compile(r"(?<!\w)[A-Z]{2,5}[ -]\d{2,}(?:[ -]\d+)*(?!\w)")
# Number plates and postcodes: `KN19 XBD`, `WX 311 K`.
_SPACED_CODE = re.compile(
    r"(?<![\w-])(?=[A-Z \d]{0,10}\d)(?=[\d ]{0,10}[A-Z])[A-Z\d]{1,4}(?: [A-Z\d]{1,4}){1,2}(?![\w-])"
)
_CAPITALS = re.compile(r"(?<![\w-])[A-Z]{3,10}(?![\w-])")
_ORDINAL_OR_TIME = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|h|k|x)|\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?", re.IGNORECASE
)


_MOST = 60
"""How many codes of one message are looked at; a longer row of them is no answer."""


def recognise_identifier(
    text: str, *, languages: Sequence[str] = ("en",), topic: Collection[str] = frozenset()
) -> Recognition:
    """The one identifier in a message; groups of digits are joined, dashes, codes and handles stay as written."""
    found = find_identifiers(text, languages=languages)
    if not found:
        return None
    values = list(dict.fromkeys(value for value, _ in found))
    if len(values) > 1:
        return AmbiguousAnswer(candidates=tuple(values), span=(found[0][1][0], found[-1][1][1]))
    confidence = confidence_around(text, [span for _, span in found], languages=languages, topic=topic)
    compact = re.sub(r"[\s-]", "", values[0]).upper()
    return Answer(value=values[0], confidence=confidence, span=found[0][1], normalised=compact)


def find_identifiers(text: str, *, languages: Sequence[str] = ("en",)) -> list[tuple[str, Span]]:
    """Every identifier with its place; of overlapping readings the longest stays."""
    found: list[tuple[str, Span]] = []
    emails = [span for _, span in find_emails(text)]
    for pattern in (_HANDLE, _HASHED, _IBAN, _POSTCODE_PAIR, _SPACED_CODE, _PREFIXED, _GROUPED_DIGITS, _CODE):
        for match in pattern.finditer(text):
            if pattern is _IBAN and not _is_iban(match[0]):
                continue
            if not _ORDINAL_OR_TIME.fullmatch(match[0]):
                found.append((_joined(match[0], pattern), match.span()))
    if not found or (len(found) > 2 and all(len(value) == 1 for value, _ in found)):
        found = find_spoken_digits(text, languages=languages)
    if not found and not text.isupper():
        found = [(match[0], match.span()) for match in _CAPITALS.finditer(text)]
    del found[_MOST:]
    kept: list[tuple[str, Span]] = []
    for value, span in sorted(found, key=lambda each: each[1][0] - each[1][1]):
        if all(
            span[1] <= other[0] or span[0] >= other[1] for other in [*(span for _, span in kept), *emails]
        ):
            kept.append((value, span))
    return sorted(kept, key=lambda each: each[1])


def _is_iban(written: str) -> bool:
    # Four-letter words after a code would read as groups; a real IBAN is mostly digits.
    compact = re.sub(r"\s", "", written)
    return len(compact) >= 15 and sum(char.isdigit() for char in compact) >= len(compact) / 2


def _joined(written: str, pattern: re.Pattern[str]) -> str:
    if pattern is _GROUPED_DIGITS:
        return written.replace(" ", "")
    return re.sub(r"\s+", "", written).upper() if pattern is _IBAN else written
