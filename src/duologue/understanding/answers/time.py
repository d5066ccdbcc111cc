"""Times of day: `3pm`, `15:30`, `half past three`, `halb drei`."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer, Recognition, Span
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.framing import confidence_around
from duologue.understanding.lexicon.calendar_words import PARTS_OF_DAY
from duologue.understanding.lexicon.number_words import NUMBER_WORDS
from duologue.understanding.text_features import fold_in_place


class FoundTime(NamedTuple):
    """A time of day in a message, as `HH:MM`."""

    clock: str
    span: Span
    is_numeric: bool
    """Written in digits with a mark of time, so that its format is the user's own choice."""
    is_bare: bool = False
    """A lone number, a time only because a time was asked for."""


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
        found = _bare_hours(text, languages, today)
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


_HOURS: dict[str, int] = {
    word: value
    for language in ("en", "de")
    for word, value in NUMBER_WORDS[language].items()
    if 0 < value <= 12 and word != "dozen"
}
_MINUTES: dict[str, int] = {
    word: value
    for language in ("en", "de")
    for word, value in NUMBER_WORDS[language].items()
    if 0 < value < 60 and word not in {"dozen", "dutzend"}
}


def _any_of(words: Collection[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


_HALF_DAY = (
    r"(?P<half>a\.?\s?m\b\.?|p\.?\s?m\b\.?|(?:in the |this )?(?:morning|afternoon|evening)|at night|tonight|"
    r"(?:am )?(?:morgens|vormittags?|nachmittags?|abends?|nachts)|in der fruh)"
)
_HOUR_WORD = _any_of(_HOURS)
_CLOCK = re.compile(
    rf"(?<![\w:.,/$€£-])(?P<hour>\d{{1,2}})(?:[:h.](?P<minute>\d{{2}}))(?::\d{{2}})?(?![\d:/]|[.,]\d)(?:\s*uhr\b)?(?:\s*{_HALF_DAY})?"
)
_HOUR_MARKED = re.compile(
    rf"(?<![\w:.,/$€£-])(?:(?P<hour>\d{{1,2}})|\b(?P<word>{_HOUR_WORD}))(?:\s+(?P<minute>\d{{2}}))?"
    rf"\s*(?:(?P<clock>o'?\s?clock|uhr|h)\b(?:\s+(?P<after>\d{{1,2}})\b)?(?:\s*{_HALF_DAY})?|{_HALF_DAY.replace('?P<half>', '?P<half2>')})"
)
_PAST = re.compile(
    rf"\b(?P<offset>half|(?:a )?quarter|viertel|halb|(?:\d{{1,2}}|{_any_of(_MINUTES)})(?:\s+(?:minutes|minuten))?)"
    rf"\s*(?P<side>past|after|to|till|before|nach|vor)?\s+(?P<hour>\d{{1,2}}|{_HOUR_WORD})\b(?:\s*(?:o'clock|uhr))?(?:\s*{_HALF_DAY})?"
)
_HOUR_HALF = re.compile(
    rf"\b(?P<hour>{_HOUR_WORD})\s+(?P<minute>thirty|fifteen|forty[- ]five|twenty|ten)\b(?:\s*{_HALF_DAY})?"
)
_PART = re.compile(rf"\b(?P<part>{_any_of(PARTS_OF_DAY)})\b")
_AT_HOUR = re.compile(
    rf"\b(?:at|by|around|um|gegen|ab|for|from|after)\s+(?P<hour>\d{{1,2}}|{_HOUR_WORD})\b(?=\s*$|\s*[.,!?;]|\s+(?:o'clock|please|bitte|on|am|today|tomorrow|heute|morgen)\b)"
)
_SPOKEN_MINUTES = {"thirty": 30, "fifteen": 15, "forty five": 45, "forty-five": 45, "twenty": 20, "ten": 10}
_HINT = re.compile(rf"\d|\b(?:{_HOUR_WORD}|{_any_of(PARTS_OF_DAY)})\b")


def find_times(text: str) -> list[FoundTime]:
    """Every time of day in a message that is marked as one, in order."""
    plain = fold_in_place(text)
    if not _HINT.search(plain):
        return []
    found: list[FoundTime] = []
    for match in _PAST.finditer(plain):
        found.extend(_past(match))
    for match in _CLOCK.finditer(plain):
        is_dotted_number = "." in match[0][:3] and not match["half"] and "uhr" not in match[0]
        if not is_dotted_number:
            found.extend(
                _time(match, int(match["hour"]), int(match["minute"]), match["half"], is_numeric=True)
            )
    for match in _HOUR_MARKED.finditer(plain):
        hour = int(match["hour"]) if match["hour"] else _HOURS[match["word"]]
        minute = int(match["minute"] or match["after"] or 0)
        found.extend(
            _time(match, hour, minute, match["half"] or match["half2"], is_numeric=match["hour"] is not None)
        )
    for match in _HOUR_HALF.finditer(plain):
        found.extend(
            _time(
                match,
                _HOURS[match["hour"]],
                _SPOKEN_MINUTES[match["minute"]],
                match["half"],
                is_numeric=False,
            )
        )
    found.extend(
        FoundTime(PARTS_OF_DAY[match["part"]], match.span(), False) for match in _PART.finditer(plain)
    )
    return _longest_of(found)


def _bare_hours(text: str, languages: Sequence[str], today: date | None) -> list[FoundTime]:
    plain = fold_in_place(text)
    if whole := re.fullmatch(
        rf"\W*(?:(?:make it|at|um|gegen|around|about)\s+)?(?P<hour>\d{{1,2}}|{_HOUR_WORD})(?:[ .](?P<minute>[0-5]\d))?(?:\s+(?:please|bitte))?\W*",
        plain,
    ):
        span = whole.span("hour") if not whole["minute"] else (whole.start("hour"), whole.end("minute"))
        return _time_at(span, _hour(whole["hour"]), int(whole["minute"] or 0), None, is_bare=True)
    dates = [each.span for each in find_dates(text, languages=languages, today=today)]
    return [
        found
        for match in _AT_HOUR.finditer(plain)
        if not any(start <= match.start("hour") < end for start, end in dates)
        for found in _time_at(match.span("hour"), _hour(match["hour"]), 0, None, is_bare=True)
    ]


def _hour(written: str) -> int:
    return int(written) if written.isdigit() else _HOURS[written]


def _past(match: re.Match[str]) -> list[FoundTime]:
    hour, side = _hour(match["hour"]), match["side"]
    offset = match["offset"].removeprefix("a ").split()[0]
    if offset == "halb":
        return [] if side else _time(match, (hour - 1) or 12, 30, match["half"], is_numeric=False)
    if not side:
        return []
    if (
        side in {"before", "after"}
        and offset not in {"half", "quarter"}
        and not match["offset"].endswith("minutes")
    ):
        return []
    minute = (
        {"half": 30, "quarter": 15, "viertel": 15}.get(offset)
        or _MINUTES.get(offset)
        or (int(offset) if offset.isdigit() else 0)
    )
    if not 0 < minute < 60:
        return []
    if side in {"to", "till", "before", "vor"}:
        hour, minute = (hour - 1) or 12, 60 - minute
    return _time(match, hour, minute, match["half"], is_numeric=False)


def _time(
    match: re.Match[str], hour: int, minute: int, half: str | None, *, is_numeric: bool
) -> list[FoundTime]:
    return _time_at(match.span(), hour, minute, half, is_numeric=is_numeric)


def _time_at(
    span: Span, hour: int, minute: int, half: str | None, *, is_numeric: bool = False, is_bare: bool = False
) -> list[FoundTime]:
    if half:
        is_late = half.startswith("p") or any(
            part in half for part in ("noon", "nachmittag", "evening", "abend", "night", "nacht")
        )
        if is_late and hour < 12:
            hour += 12
        elif not is_late and hour == 12:
            hour = 0
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59:
        return []
    return [FoundTime(f"{hour:02}:{minute:02}", span, is_numeric, is_bare)]


def _longest_of(found: list[FoundTime]) -> list[FoundTime]:
    kept: list[FoundTime] = []
    for each in sorted(found, key=lambda each: (each.span[0] - each.span[1], each.span[0])):
        if all(each.span[1] <= other.span[0] or each.span[0] >= other.span[1] for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.span[0])
