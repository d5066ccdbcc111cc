"""Days as customers write them, in English and German."""

import calendar
import re
from datetime import date, timedelta
from typing import Literal

Toward = Literal["past", "future"]

_DAYS_FROM_TODAY = {
    "today": 0,
    "heute": 0,
    "tomorrow": 1,
    "morgen": 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "übermorgen": 2,
    "yesterday": -1,
    "gestern": -1,
    "the day before yesterday": -2,
    "vorgestern": -2,
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "januar", "jänner"),
            ("february", "feb", "februar"),
            ("march", "mar", "märz"),
            ("april", "apr"),
            ("may", "mai"),
            ("june", "jun", "juni"),
            ("july", "jul", "juli"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct", "oktober", "okt"),
            ("november", "nov"),
            ("december", "dec", "dezember", "dez"),
        ),
        start=1,
    )
    for name in names
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:t.*)?")
_NUMBERS = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4})?)?")
_DAY_MONTH = re.compile(r"(?:the )?(\d{1,2})(?:st|nd|rd|th|\.)? ?(?:of )?([a-zä]+)\.?,?(?: (\d{4}))?")
_MONTH_DAY = re.compile(r"([a-zä]+)\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?")
_IN_DAYS = re.compile(r"in (\d{1,3}) (day|days|tag|tagen|week|weeks|woche|wochen)")
_NEXT_MONTH = re.compile(
    r"(?:on )?(?:the )?(?:first|1st) of next month|(?:am |zum )?(?:ersten|1\.) des nächsten monats"
)


def parse_day(text: str, today: date, toward: Toward) -> date | None:
    """The day meant by a text, or None.

    Where the year is left out it is the nearest one in the direction of `toward`.
    """
    words = re.sub(r"^(on|am|ab|from|since|seit) (the )?", "", " ".join(text.casefold().split()))
    if words in _DAYS_FROM_TODAY:
        return today + timedelta(days=_DAYS_FROM_TODAY[words])
    if match := _IN_DAYS.fullmatch(words):
        return today + timedelta(days=int(match[1]) * (7 if match[2][0] == "w" else 1))
    if _NEXT_MONTH.fullmatch(words):
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if match := _ISO.fullmatch(words):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(words):
        return _with_year(match[3], int(match[2]), int(match[1]), today, toward)
    if match := _DAY_MONTH.fullmatch(words):
        return _with_year(match[3], _MONTHS.get(match[2]), int(match[1]), today, toward)
    if match := _MONTH_DAY.fullmatch(words):
        return _with_year(match[3], _MONTHS.get(match[1]), int(match[2]), today, toward)
    return None


def _with_year(year: str | None, month: int | None, day: int, today: date, toward: Toward) -> date | None:
    if month is None:
        return None
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this_year = _day(today.year, month, day)
    if this_year is None:
        return None
    if toward == "future" and this_year < today:
        return _day(today.year + 1, month, day)
    if toward == "past" and this_year > today:
        return _day(today.year - 1, month, day)
    return this_year


def _day(year: int, month: int, day: int) -> date | None:
    """None for a day that no calendar has, such as 30 February."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return date(year, month, day)
