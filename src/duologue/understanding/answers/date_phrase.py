"""Where dates stand in a message, and which day each means."""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from duologue.understanding.answers.answer import Span
from duologue.understanding.answers.overlap import longest_of
from duologue.understanding.lexicon.calendar_words import (
    DAY_UNITS,
    LAST_WORDS,
    MONTH_UNITS,
    MONTHS,
    NEXT_WORDS,
    NOW_WORDS,
    ORDINAL_WORDS,
    RELATIVE_DAYS,
    THIS_WORDS,
    WEEKDAYS,
)
from duologue.understanding.lexicon.number_words import NUMBER_WORDS
from duologue.understanding.text_features import fold_in_place


class FoundDate(NamedTuple):
    """A date in a message; `day` is None when it depends on an unknown today."""

    day: date | None
    span: Span
    is_numeric: bool
    """Written in digits, so that its format is the user's own choice."""


class _Reading(NamedTuple):
    today: date | None
    day_first: bool
    prefer_past: bool


_Match = re.Match[str]


def find_dates(
    text: str,
    *,
    languages: Sequence[str] = ("en",),
    today: date | None = None,
    day_first: bool | None = None,
    prefer_past: bool = False,
) -> list[FoundDate]:
    """Every date in a message, in order; of overlapping readings the longest stays."""
    if day_first is None:
        day_first = bool(languages) and languages[0] != "en"
    reading = _Reading(today, day_first, prefer_past)
    plain = fold_in_place(text)
    if not _HINT.search(plain):
        return []
    found: list[FoundDate] = []
    for pattern, resolve in _PATTERNS:
        for match in pattern.finditer(plain):
            resolved = resolve(match, reading)
            if resolved is not _NO_DATE:
                span = _trim(plain, match.span())
                found.append(
                    FoundDate(resolved if isinstance(resolved, date) else None, span, pattern in _NUMERIC)
                )
    return _joined(plain, longest_of(found))


def _trim(text: str, span: Span) -> Span:
    written = text[span[0] : span[1]]
    start = span[0] + len(written) - len(written.lstrip(" ,"))
    return start, start + len(written.strip(" ,"))


def _joined(plain: str, found: list[FoundDate]) -> list[FoundDate]:
    """`Thursday, 8/16/2018`: a weekday beside a date is part of it."""
    kept: list[FoundDate] = []
    for each in found:
        previous = kept[-1] if kept else None
        beside = previous and not plain[previous.span[1] : each.span[0]].strip(" ,.")
        if previous and beside and _is_weekday(plain, previous.span):
            kept[-1] = each
        elif not (beside and _is_weekday(plain, each.span)):
            kept.append(each)
    return kept


def _is_weekday(plain: str, span: Span) -> bool:
    return plain[span[0] : span[1]].rsplit(maxsplit=1)[-1] in WEEKDAYS


class _NoDate:
    """The text looks like a date but is none, as `31/31/2020`."""


_NO_DATE = _NoDate()
_Resolved = date | _NoDate | None
_Resolver = Callable[[_Match, _Reading], _Resolved]


def _any_of(words: Collection[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


_COUNTS: dict[str, int] = {"a": 1, "an": 1, "a couple of": 2} | {
    word: value
    for language in ("en", "de")
    for word, value in NUMBER_WORDS[language].items()
    if 0 < value <= 31
}
_MONTH, _WEEKDAY, _ORDINAL = _any_of(MONTHS), _any_of(WEEKDAYS), _any_of(ORDINAL_WORDS)
_NEXT, _LAST, _THIS = _any_of(NEXT_WORDS), _any_of(LAST_WORDS), _any_of(THIS_WORDS)
_DAY = rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?|(?P<ordinal>{_ORDINAL}))"
_AFTER_WEEKDAY = rf"(?:(?:{_WEEKDAY})\b[,.]*\s+)?(?:the\s+|den\s+|dem\s+|am\s+)?"
_UNIT = _any_of([*DAY_UNITS, *MONTH_UNITS])
# Cheap test before the patterns: nothing of this, no date.
_HINT = re.compile(
    rf"\d|\b(?:{_MONTH}|{_WEEKDAY}|{_any_of(RELATIVE_DAYS)}|{_any_of(NOW_WORDS)}|{_UNIT}|the (?:{_ORDINAL}))|monats|jahres"
)


def _safe_date(year: int, month: int, day: int) -> _Resolved:
    if (
        not 1 <= month <= 12
        or not 1 <= day <= monthrange(max(1, min(year, 9999)), month)[1]
        or not 1 <= year <= 9999
    ):
        return _NO_DATE
    return date(year, month, day)


def _full_year(written: str) -> int:
    return int(written) + 2000 if len(written) == 2 else int(written)


def _nearest_year(month: int, day: int, reading: _Reading) -> _Resolved:
    """The day in the year that makes it the next, or the last, such day."""
    if reading.today is None:
        return None if not isinstance(_safe_date(2024, month, day), _NoDate) else _NO_DATE
    this_year = _safe_date(reading.today.year, month, day)
    if not isinstance(this_year, date):
        return this_year
    if reading.prefer_past and this_year > reading.today:
        return _safe_date(this_year.year - 1, month, day)
    if not reading.prefer_past and this_year < reading.today:
        return _safe_date(this_year.year + 1, month, day)
    return this_year


def _iso(match: _Match, reading: _Reading) -> _Resolved:
    return _safe_date(int(match[1]), int(match[3]), int(match[4]))


def _digits(match: _Match, reading: _Reading) -> _Resolved:
    first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4]
    day, month = (first, second) if reading.day_first or mark == "." or first > 12 else (second, first)
    if month > 12:
        day, month = month, day
    if year:
        return _safe_date(_full_year(year), month, day)
    if mark == "-" or (mark == "." and not match[0].endswith(".")):
        return _NO_DATE
    return _nearest_year(month, day, reading)


def _with_month_name(match: _Match, reading: _Reading) -> _Resolved:
    day = int(match["day"]) if match["day"] else ORDINAL_WORDS[match["ordinal"]]
    month = MONTHS[match["month"]]
    if match["year"]:
        return _safe_date(int(match["year"]), month, day)
    return _nearest_year(month, day, reading)


def _day_of_month(match: _Match, reading: _Reading) -> _Resolved:
    day = int(match["day"]) if match["day"] else ORDINAL_WORDS[match["ordinal"]]
    if not 1 <= day <= 31:
        return _NO_DATE
    if reading.today is None:
        return None
    here = _safe_date(reading.today.year, reading.today.month, day)
    if isinstance(here, date) and (here <= reading.today if reading.prefer_past else here >= reading.today):
        return here
    other = _shift_months(reading.today.replace(day=1), -1 if reading.prefer_past else 1)
    return _safe_date(other.year, other.month, day)


def _day_of_next_month(match: _Match, reading: _Reading) -> _Resolved:
    if reading.today is None:
        return None
    day = int(match["day"]) if match["day"] else ORDINAL_WORDS[match["ordinal"]]
    other = _shift_months(reading.today.replace(day=1), 1)
    return _safe_date(other.year, other.month, day)


def _edge_of_month(match: _Match, reading: _Reading) -> _Resolved:
    if reading.today is None:
        return None
    is_end = (match["edge"] or match["glued_edge"]) in {"end", "ende"}
    is_year = (match["unit"] or match["glued_unit"]).startswith(("year", "jahr"))
    anchor = reading.today.replace(day=1)
    is_next = bool(match["which"]) and match["which"] not in THIS_WORDS
    if is_year:
        year = anchor.year + (1 if is_next or not is_end else 0)
        return date(year, 12, 31) if is_end else date(year, 1, 1)
    anchor = _shift_months(anchor, 1 if is_next or not is_end else 0)
    return anchor.replace(day=monthrange(anchor.year, anchor.month)[1]) if is_end else anchor


def _relative_day(match: _Match, reading: _Reading) -> _Resolved:
    return reading.today and reading.today + timedelta(days=RELATIVE_DAYS[match[1]])


def _now(match: _Match, reading: _Reading) -> _Resolved:
    return reading.today


def _weekday_of_next_week(match: _Match, reading: _Reading) -> _Resolved:
    if reading.today is None:
        return None
    weekday = WEEKDAYS[match["first"] or match["second"]]
    return reading.today + timedelta(days=7 - reading.today.weekday() + weekday)


def _named_weekday(match: _Match, reading: _Reading) -> _Resolved:
    if reading.today is None:
        return None
    which, weekday = match["which"] or match["after"] or "", WEEKDAYS[match["weekday"]]
    ahead = (weekday - reading.today.weekday()) % 7
    if which in LAST_WORDS or (reading.prefer_past and not which):
        return reading.today - timedelta(days=(7 - ahead) if ahead or which else 0)
    if which in NEXT_WORDS:
        return reading.today + timedelta(days=ahead or 7)
    return reading.today + timedelta(days=ahead)


def _next_or_last_unit(match: _Match, reading: _Reading) -> _Resolved:
    if reading.today is None:
        return None
    sign = -1 if match["which"] and match["which"] in LAST_WORDS else 1
    return _shift(reading.today, sign, match["unit"])


def _counted_units(match: _Match, reading: _Reading) -> _Resolved:
    is_past = match["before"] == "vor" or bool(match["after"] and "ago" in match["after"])
    if not match["before"] and not match["after"]:
        return _NO_DATE
    if reading.today is None:
        return None
    count = int(match["count"]) if match["count"].isdigit() else _COUNTS[match["count"]]
    return _shift(reading.today, -count if is_past else count, match["unit"])


def _shift(day: date, count: int, unit: str) -> date:
    if unit in DAY_UNITS:
        return day + timedelta(days=count * DAY_UNITS[unit])
    return _shift_months(day, count * MONTH_UNITS[unit])


def _shift_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


_ISO = _pattern(r"(?<![\w/.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\w/-]|\.\d)")
_DIGITS = _pattern(
    r"(?<![\w/.-])(\d{1,2})([-/.]) ?(\d{1,2})(?:\2 ?(\d{4}|\d{2})(?!\w)|\.(?!\d))?(?![\w/-]|\.\d)"
)
_NUMERIC = (_ISO, _DIGITS)
_PATTERNS: tuple[tuple[re.Pattern[str], _Resolver], ...] = (
    (_ISO, _iso),
    (_DIGITS, _digits),
    (
        _pattern(rf"\b{_AFTER_WEEKDAY}{_DAY}\s*(?:day\s+of\s+|of\s+|-)?(?P<month>{_MONTH})\b\.?(?:,?\s*(?:of\s+)?(?P<year>\d{{4}})\b)?"),
        _with_month_name,
    ),
    (
        _pattern(rf"\b{_AFTER_WEEKDAY}(?P<month>{_MONTH})\b\.?\s*(?:the\s+)?{_DAY}(?!\w|[:.]\d|\s*(?:am|pm|people|uhr)\b)(?:,?\s*(?P<year>\d{{4}})\b)?"),
        _with_month_name,
    ),
    (
        _pattern(
            rf"\b{_AFTER_WEEKDAY}(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)\b|(?<=the )(?P<ordinal>{_ORDINAL})\b)(?:\s+of\s+(?:this|the)\s+month)?"
            rf"(?=\s*$|\s*[.,!?]|\s+(?:please|at|for|if|and|around|in|instead)\b)"
        ),
        _day_of_month,
    ),
    (
        _pattern(rf"\bam\s+(?:(?P<day>\d{{1,2}})\.|(?P<ordinal>{_ORDINAL})\b)(?=\s*$|\s+(?:bitte|um|dieses)\b)(?:\s+dieses monats)?"),
        _day_of_month,
    ),
    (
        _pattern(rf"\b(?:the\s+|am\s+|zum\s+)?{_DAY}\s+(?:day\s+)?(?:of\s+|in\s+|des\s+|im\s+)?(?:the\s+)?(?:{_NEXT})\s+(?:month|monats?)\b"),
        _day_of_next_month,
    ),
    (
        _pattern(
            rf"\b(?:the\s+)?(?P<edge>end|beginning|start|ende|anfang)\s+(?:of\s+|des\s+)?(?:the\s+)?(?:(?P<which>{_NEXT}|{_THIS})\s+)?"
            rf"(?P<unit>month|year|monats?|jahres?)\b|\b(?P<glued_unit>monats|jahres)(?P<glued_edge>ende|anfang)\b"
        ),
        _edge_of_month,
    ),
    (_pattern(rf"\b(?<!guten )({_any_of(RELATIVE_DAYS)})\b"), _relative_day),
    (_pattern(rf"\b({_any_of(NOW_WORDS)})\b"), _now),
    (
        _pattern(
            rf"\b(?P<first>{_WEEKDAY})\s+(?:{_NEXT})\s+(?:week|woche)\b|\b(?:{_NEXT})\s+(?:week|woche)\s+(?:on\s+|am\s+)?(?P<second>{_WEEKDAY})\b"
        ),
        _weekday_of_next_week,
    ),
    (_pattern(rf"\b(?:(?P<which>{_NEXT}|{_LAST}|{_THIS})\s+)?(?P<weekday>{_WEEKDAY})\b(?:\s+(?P<after>next)(?=\s*$|[.,!?]))?"), _named_weekday),
    (
        _pattern(
            rf"\b(?P<which>{_NEXT}|{_LAST})\s+(?P<unit>week|month|year|woche|monat|jahr)\b"
        ),
        _next_or_last_unit,
    ),
    (
        _pattern(
            rf"\b(?:(?P<before>in|within|vor)\s+)?(?P<count>\d{{1,3}}|{_any_of(_COUNTS)})\s+(?P<unit>{_UNIT})\b"
            rf"(?:'s?\s+time)?(?P<after>\s+ago|\s+from\s+(?:now|today)|\s+later)?"
        ),
        _counted_units,
    ),
)  # fmt: skip
