"""Lengths of time in the unit that a question asks for: `half a year` in months."""

import re
from collections.abc import Sequence

from duologue.understanding.answers.answer import Answer
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.lexicon.number_words import NUMBER_WORDS
from duologue.understanding.text_features import fold_in_place, split_identifier

_HOURS: dict[str, float] = {"hour": 1, "day": 24, "week": 168, "month": 730, "year": 8760}
_UNITS: dict[str, str] = {
    "hour": "hour", "hours": "hour", "stunde": "hour", "stunden": "hour",
    "day": "day", "days": "day", "night": "day", "nights": "day", "tag": "day", "tage": "day", "tagen": "day", "nacht": "day", "nachte": "day",
    "week": "week", "weeks": "week", "woche": "week", "wochen": "week",
    "month": "month", "months": "month", "monat": "month", "monate": "month", "monaten": "month",
    "year": "year", "years": "year", "jahr": "year", "jahre": "year", "jahren": "year",
}  # fmt: skip
_EXACT: dict[tuple[str, str], float] = {
    ("year", "month"): 12,
    ("year", "week"): 52,
    ("month", "day"): 30,
    ("month", "week"): 4,
    ("year", "day"): 365,
}
_COUNTS: dict[str, float] = {
    word: value for language in ("en", "de") for word, value in NUMBER_WORDS[language].items() if 0 < value < 100
} | {"a": 1, "an": 1, "one": 1, "half a": 0.5, "a half": 0.5, "a quarter of a": 0.25, "a couple of": 2, "one and a half": 1.5, "halbes": 0.5, "ein halbes": 0.5, "anderthalb": 1.5}  # fmt: skip
_DURATION = re.compile(
    rf"(?<!\w)(?P<count>\d{{1,3}}(?:[.,]5)?|{'|'.join(sorted(map(re.escape, _COUNTS), key=len, reverse=True))})[\s-]+"
    rf"(?:(?:full|whole|more|volles|ganzes)\s+)?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"
)


def find_unit(name: str) -> str | None:
    """The unit of time that a slot's name speaks of: `month` for `permit_months`."""
    return next((_UNITS[word] for word in split_identifier(name) if word in _UNITS), None)


def recognise_duration(text: str, unit: str, *, languages: Sequence[str]) -> Answer | None:
    """The one length of time in the message, in this unit; None where it was said in that unit, or in none."""
    found = list(_DURATION.finditer(fold_in_place(text)))
    if len(found) != 1:
        return None
    said = _UNITS[found[0]["unit"]]
    count = found[0]["count"]
    number = _COUNTS[count] if count in _COUNTS else float(count.replace(",", "."))
    if said == unit:
        value = number
    else:
        value = number * _EXACT.get((said, unit), _HOURS[said] / _HOURS[unit])
    if value != int(value):
        return None
    confidence = confidence_around(text, [found[0].span()], languages=languages)
    return Answer(value=int(value), confidence=confidence, span=found[0].span())
