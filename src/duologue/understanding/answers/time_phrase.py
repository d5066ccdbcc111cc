"""Where times of day stand in a message: `3pm`, `15:30`, `half past three`, `halb drei`."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.overlap import longest_of
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
    r"(?P<half>a\.?\s?m\b\.?(?!\s*\d)|p\.?\s?m\b\.?|(?:in the |this )?(?:morning|afternoon|evening)|at night|tonight|"
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
_BARE = re.compile(
    rf"(?<![\w:.,/$€£-])(?:(?P<joined>[01]\d[0-5]\d|2[0-3][0-5]\d)|(?P<hour>\d{{1,2}}|\b(?:{_HOUR_WORD}))(?:[ .](?P<minute>[0-5]\d))?(?:\s?(?:ish|hrs?|h))?)"
    r"(?![\w:/%€$£]|[.,]\d|\s+(?:people|persons?|guests?|adults?|kids?|children|days?|weeks?|months?|hours?|minutes?|personen|leute|tage[n]?|wochen|stunden|minuten|of us)\b)"
)
_TIME_WORD = re.compile(r"\b(?:at|by|around|after|before|until|till|um|gegen|ab|nach|vor|bis)\s+$")
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
    return longest_of(found)


def find_bare_hours(text: str, *, languages: Sequence[str], today: date | None = None) -> list[FoundTime]:
    """Numbers that are times only because a time was asked for: `7`, `maybe 7`, `after 9`, `2030`."""
    plain = fold_in_place(text)
    dates = [each.span for each in find_dates(text, languages=languages, today=today)]
    found: list[FoundTime] = []
    for match in _BARE.finditer(plain):
        if any(start <= match.start() < end for start, end in dates):
            continue
        if match["joined"]:
            hour, minute = divmod(int(match["joined"]), 100)
        else:
            hour, minute = _hour(match["hour"]), int(match["minute"] or 0)
        found.extend(_time_at(match.span(), hour, minute, None, is_bare=True))
    # `a table for 4 at 8`: of several numbers the one after a word of time.
    marked = [each for each in found if _TIME_WORD.search(plain[: each.span[0]])]
    return marked if len(found) > 1 and marked else found


def _hour(written: str) -> int:
    return int(written) if written.isdigit() else _HOURS[written]


def _past(match: re.Match[str]) -> list[FoundTime]:
    hour, side = _hour(match["hour"]), match["side"]
    offset = match["offset"].removeprefix("a ").split()[0]
    if offset == "halb":
        return [] if side else _time(match, (hour - 1) or 12, 30, match["half"], is_numeric=False)
    if not side:
        # British `half nine` is half past nine.
        return _time(match, hour, 30, match["half"], is_numeric=False) if offset == "half" else []
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
