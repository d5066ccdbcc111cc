"""The date a message gives, in digits, with month names or relative to today."""

from collections.abc import Collection, Sequence
from datetime import date

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition
from duologue.understanding.answers.date_phrase import FoundDate, find_dates
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.lexicon.calendar_words import NOW_WORDS


def recognise_date(
    text: str,
    *,
    languages: Sequence[str] = ("en",),
    today: date | None = None,
    day_first: bool | None = None,
    prefer_past: bool = False,
    topic: Collection[str] = frozenset(),
) -> Recognition:
    """The one date in a message.

    A date in digits keeps the user's own format as its value; one in words becomes ISO. `prefer_past` reads `friday`
    as the last one rather than the next. Without `today` a relative date stays as it was said.
    """
    found = find_dates(text, languages=languages, today=today, day_first=day_first, prefer_past=prefer_past)
    if not found:
        return None
    values = list(dict.fromkeys(_value(text, each) for each in found))
    if len(values) > 1:
        return AmbiguousAnswer(candidates=tuple(values), span=(found[0].span[0], found[-1].span[1]))
    confidence = confidence_around(text, [each.span for each in found], languages=languages, topic=topic)
    if confidence < _SURE_OF_NOW and text[slice(*found[0].span)].lower() in NOW_WORDS:
        # `a table for 9 now` says when to act, not which date to enter.
        return None
    day = found[0].day
    return Answer(
        value=values[0],
        confidence=confidence,
        span=found[0].span,
        normalised=day.isoformat() if day else None,
    )


_SURE_OF_NOW = 0.85


def _value(text: str, found: FoundDate) -> str:
    written = text[found.span[0] : found.span[1]]
    return written if found.is_numeric or found.day is None else found.day.isoformat()
