"""Reads values where Duckling itself is not installed: own rules, and libraries for dates and telephone numbers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from duologue.core.values import OpenData
from duologue.understanding.nlu.extractors.duckling import units
from duologue.understanding.nlu.extractors.duckling.reader import DIMENSIONS

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)]", re.IGNORECASE)
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
_PHONE = re.compile(r"(?<!\w)\+?\d[\d /().-]{5,18}\d(?!\w)")
_DIGITS = r"(?<![\w.,])-?\d+(?:[.,]\d+)*"
_ORDINAL = re.compile(r"\b(?P<place>\d+)(?:st|nd|rd|th|º|ª|er|ème|e)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\d\s*(?::\d\d|h\b|[ap]\.?m\b|uhr\b|o'clock)|\b(?:noon|midnight)\b", re.IGNORECASE)

Match = OpenData
_Found = Iterator[tuple[int, int, OpenData]]


class PlainReader:
    """Where two values overlap, the longer one stays; of two alike, the more telling kind."""

    def __init__(self, locale: str, timezone: str, dimensions: Sequence[str] | None) -> None:
        self._language, _, region = locale.partition("_")
        self._region = (region or {"en": "US"}.get(self._language, self._language)).upper()
        self._zone = _find_zone(timezone)
        self._wanted = tuple(DIMENSIONS if dimensions is None else dimensions)
        self._words = units.NUMBER_WORDS.get(self._language, {})
        spelt = "|".join(sorted(map(re.escape, self._words), key=len, reverse=True))
        self._amount = re.compile(rf"{_DIGITS}|\b(?:{spelt})\b" if spelt else _DIGITS, re.IGNORECASE)
        self._readers: Mapping[str, Callable[[str, float], _Found]] = {
            "email": self._read_emails,
            "url": self._read_urls,
            "credit-card-number": self._read_cards,
            "phone-number": self._read_phones,
            "amount-of-money": self._read_money,
            "duration": self._read_durations,
            "distance": lambda text, _: self._read_measures(text, units.DISTANCE),
            "volume": lambda text, _: self._read_measures(text, units.VOLUME),
            "quantity": lambda text, _: self._read_measures(text, units.WEIGHT),
            "temperature": lambda text, _: self._read_measures(text, units.TEMPERATURE),
            "time": self._read_times,
            "ordinal": self._read_ordinals,
            "number": self._read_numbers,
        }

    def read(self, text: str, now: float) -> list[Match]:
        found = [
            {
                "body": text[start:end],
                "start": start,
                "end": end,
                "dim": kind,
                "value": value,
                "latent": False,
            }
            for kind, reader in self._readers.items()
            if kind in self._wanted
            for start, end, value in reader(text, now)
        ]
        return sorted(_drop_overlaps(found), key=lambda match: match["start"])

    # ------------------------------------------------------------------------------------- addresses

    def _read_emails(self, text: str, _now: float) -> _Found:
        yield from ((*match.span(), {"value": match[0]}) for match in _EMAIL.finditer(text))

    def _read_urls(self, text: str, _now: float) -> _Found:
        for match in _URL.finditer(text):
            domain = re.sub(r"^https?://|[/?#].*$", "", match[0], flags=re.IGNORECASE)
            yield *match.span(), {"value": match[0], "domain": domain}

    def _read_cards(self, text: str, _now: float) -> _Found:
        for match in _CARD.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if _is_card(digits):
                yield *match.span(), {"value": digits}

    def _read_phones(self, text: str, _now: float) -> _Found:
        if find_spec("phonenumbers") is None:
            for match in _PHONE.finditer(text):
                yield *match.span(), {"value": re.sub(r"[^\d+]", "", match[0])}
            return
        import phonenumbers

        for found in phonenumbers.PhoneNumberMatcher(text, self._region):
            number = str(found.number.national_number)
            has_code = found.raw_string.startswith("+")
            value = (
                f"(+{found.number.country_code}) {number}"
                if has_code
                else re.sub(r"\D", "", found.raw_string)
            )
            yield found.start, found.end, {"value": value}

    # --------------------------------------------------------------------------------------- amounts

    def _read_numbers(self, text: str, _now: float) -> _Found:
        for match in self._amount.finditer(text):
            yield *match.span(), {"value": self._value_of(match[0]), "type": "value"}

    def _read_ordinals(self, text: str, _now: float) -> _Found:
        for match in _ORDINAL.finditer(text):
            yield *match.span(), {"value": int(match["place"]), "type": "value"}
        if self._language == "en":
            for match in re.finditer(r"\b[a-z]+\b", text, re.IGNORECASE):
                if place := units.ORDINAL_WORDS.get(match[0].lower()):
                    yield *match.span(), {"value": place, "type": "value"}

    def _read_money(self, text: str, _now: float) -> _Found:
        yield from self._read_measures(text, units.MONEY)
        for match in self._amount.finditer(text):
            before = re.search(r"(?:[€$£¥₹]|\b[a-z]{3})\s?$", text[: match.start()], re.IGNORECASE)
            unit = units.MONEY.get(before[0].strip().lower()) if before else None
            if before and unit:
                yield before.start(), match.end(), self._measure(match[0], unit)

    def _read_durations(self, text: str, _now: float) -> _Found:
        for start, end, measure in self._read_measures(text, units.DURATION):
            unit, amount = measure["unit"], measure["value"]
            seconds = {"value": amount * units.SECONDS[unit], "unit": "second"}
            yield start, end, {**measure, unit: amount, "normalized": seconds}

    def _read_measures(self, text: str, spellings: Mapping[str, str]) -> _Found:
        for match in self._amount.finditer(text):
            behind = re.match(r"\s?-?(°?[^\W\d_]+|[^\w\s.,;:!?])", text[match.end() :])
            unit = spellings.get(behind[1].lower()) if behind else None
            if behind and unit:
                yield match.start(), match.end() + behind.end(), self._measure(match[0], unit)

    def _measure(self, amount: str, unit: str) -> OpenData:
        return {"value": self._value_of(amount), "type": "value", "unit": unit}

    def _value_of(self, amount: str) -> int | float:
        spelt = self._words.get(amount.lower())
        return _read_number(amount, comma_is_decimal=self._language != "en") if spelt is None else spelt

    # ----------------------------------------------------------------------------------------- times

    def _read_times(self, text: str, now: float) -> _Found:
        if find_spec("dateparser") is None:
            return
        from dateparser.search import search_dates  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

        settings: dict[str, Any] = {
            "RELATIVE_BASE": datetime.fromtimestamp(now, self._zone).replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "MDY" if self._region == "US" else "DMY",
        }
        try:
            found: Any = search_dates(text, languages=[self._language], settings=settings)
        except ValueError:  # a language that the library does not know
            return
        place = 0
        for body, moment in found or ():
            start = text.find(body, place)
            # A bare number is no time.
            if start < 0 or re.fullmatch(r"[\d\W]*|\w{1,2}", body):
                continue
            place = start + len(body)
            yield start, place, self._describe_time(moment, body)

    def _describe_time(self, moment: datetime, body: str) -> OpenData:
        has_clock = _CLOCK.search(body) is not None
        grain = "day" if not has_clock else "minute" if moment.minute else "hour"
        kept = moment if has_clock else moment.replace(hour=0, minute=0)
        local = kept.replace(second=0, microsecond=0, tzinfo=self._zone)
        value = {"value": local.isoformat(timespec="milliseconds"), "grain": grain, "type": "value"}
        return {**value, "values": [value]}


def _drop_overlaps(found: Sequence[Match]) -> Iterator[Match]:
    """The longest first; the kinds come in the order of what they tell."""
    taken: list[tuple[int, int]] = []
    for match in sorted(found, key=lambda match: match["start"] - match["end"]):
        span = (match["start"], match["end"])
        if all(span[1] <= start or end <= span[0] for start, end in taken):
            taken.append(span)
            yield match


def _read_number(digits: str, *, comma_is_decimal: bool) -> int | float:
    """`1,234.5` and `1.234,5`: the last sign parts the decimals, unless it parts thousands."""
    decimal, thousands = (",", ".") if comma_is_decimal else (".", ",")
    whole = digits.replace(thousands, "") if re.search(rf"\{thousands}\d{{3}}(?!\d)", digits) else digits
    whole = whole.replace(decimal, ".").replace(thousands, ".")
    parts = whole.split(".")
    if len(parts) > 2:
        whole = "".join(parts)
    return float(whole) if "." in whole else int(whole)


def _is_card(digits: str) -> bool:
    """By Luhn's sum."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    same = all(left == right for left, right in pairwise(digits))
    return not same and sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
