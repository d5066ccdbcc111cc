"""The time of day a message gives."""

from collections.abc import Collection, Sequence
from datetime import date

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.answers.time_phrase import find_bare_hours, find_times


def recognise_time(
    text: str,
    *,
    languages: Sequence[str] = ("en",),
    today: date | None = None,
    topic: Collection[str] = frozenset(),
) -> Recognition:
    """The one time of day in a message; the value keeps the user's format when it is in digits."""
    found = find_times(text)
    if not found:
        found = find_bare_hours(text, languages=languages, today=today)
    if not found:
        return None
    clocks = tuple(dict.fromkeys(each.clock for each in found))
    if len(clocks) > 1:
        return AmbiguousAnswer(candidates=clocks, span=(found[0].span[0], found[-1].span[1]))
    first = found[0]
    dates = [each.span for each in find_dates(text, languages=languages, today=today)]
    confidence = confidence_around(text, [first.span, *dates], languages=languages, topic=topic)
    value = text[first.span[0] : first.span[1]] if first.is_numeric else first.clock
    return Answer(
        value=value,
        confidence=round(confidence * (0.9 if first.is_bare else 1), 3),
        span=first.span,
        normalised=first.clock,
    )
