"""Dates and times of day, as people write and say them."""

from datetime import date

import pytest

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer
from duologue.understanding.answers.date import recognise_date
from duologue.understanding.answers.time import recognise_time

WEDNESDAY = date(2025, 11, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2025-11-05"),
        ("tomorrow please", "2025-11-06"),
        ("the day after tomorrow", "2025-11-07"),
        ("next friday", "2025-11-07"),
        ("on Monday", "2025-11-10"),
        ("last monday", "2025-11-03"),
        ("monday next week", "2025-11-10"),
        ("in two weeks", "2025-11-19"),
        ("in a month", "2025-12-05"),
        ("two days ago", "2025-11-03"),
        ("a week from today", "2025-11-12"),
        ("3rd of May", "2026-05-03"),
        ("December 24", "2025-12-24"),
        ("Sunday, 9 August 2026", "2026-08-09"),
        ("the fifteenth of July", "2026-07-15"),
        ("the 3rd", "2025-12-03"),
        ("first of next month", "2025-12-01"),
        ("the end of the month", "2025-11-30"),
    ],
)
def test_wordy_dates_become_iso(text: str, day: str) -> None:
    answer = recognise_date(text, today=WEDNESDAY)
    assert isinstance(answer, Answer)
    assert answer.value == answer.normalised == day
    assert answer.confidence > 0.9


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("heute", "2025-11-05"),
        ("übermorgen", "2025-11-07"),
        ("1. März", "2026-03-01"),
        ("am 3. Mai 2026", "2026-05-03"),
        ("nächsten Freitag", "2025-11-07"),
        ("in zwei Wochen", "2025-11-19"),
        ("vor drei Tagen", "2025-11-02"),
        ("am Ersten des nächsten Monats", "2025-12-01"),
        ("Monatsende", "2025-11-30"),
        ("am 15.", "2025-11-15"),
    ],
)
def test_german_dates_become_iso(text: str, day: str) -> None:
    answer = recognise_date(text, languages=("de",), today=WEDNESDAY)
    assert isinstance(answer, Answer)
    assert answer.normalised == day


@pytest.mark.parametrize(
    ("text", "language", "written", "day"),
    [
        ("12/24/2025", "en", "12/24/2025", "2025-12-24"),
        ("on 12-12-2025 please", "en", "12-12-2025", "2025-12-12"),
        ("2025-12-24", "en", "2025-12-24", "2025-12-24"),
        ("5/6/2026", "en", "5/6/2026", "2026-05-06"),
        ("5/6/2026", "de", "5/6/2026", "2026-06-05"),
        ("24.12.25", "de", "24.12.25", "2025-12-24"),
        ("12.3.", "de", "12.3.", "2026-03-12"),
    ],
)
def test_dates_in_digits_keep_the_users_format(text: str, language: str, written: str, day: str) -> None:
    answer = recognise_date(text, languages=(language,), today=WEDNESDAY)
    assert isinstance(answer, Answer)
    assert answer.value == written
    assert answer.normalised == day


@pytest.mark.parametrize("text", ["31/31/2020", "I may pay later", "12.5", "we sit outside now with friends"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert recognise_date(text, today=WEDNESDAY) is None


def test_good_morning_in_german_is_not_tomorrow() -> None:
    assert recognise_date("Guten Morgen", languages=("de",), today=WEDNESDAY) is None


def test_two_dates_are_ambiguous() -> None:
    answer = recognise_date("Thursday or Friday", today=WEDNESDAY)
    assert isinstance(answer, AmbiguousAnswer)
    assert answer.candidates == ("2025-11-06", "2025-11-07")


def test_a_weekday_beside_a_date_is_one_date() -> None:
    answer = recognise_date("on Friday, 11/14/2025", today=WEDNESDAY)
    assert isinstance(answer, Answer)
    assert answer.value == "11/14/2025"


def test_a_past_question_reads_friday_as_the_last_one() -> None:
    answer = recognise_date("it happened on Friday", today=WEDNESDAY, prefer_past=True)
    assert isinstance(answer, Answer)
    assert answer.normalised == "2025-10-31"


def test_without_today_a_relative_date_stays_as_said() -> None:
    answer = recognise_date("Next friday")
    assert isinstance(answer, Answer)
    assert (answer.value, answer.normalised) == ("Next friday", None)


@pytest.mark.parametrize(
    ("text", "language", "clock"),
    [
        ("3pm", "en", "15:00"),
        ("6 a.m.", "en", "06:00"),
        ("15:30", "en", "15:30"),
        ("half past three", "en", "03:30"),
        ("half nine", "en", "09:30"),
        ("quarter to five", "en", "04:45"),
        ("3 o'clock in the afternoon", "en", "15:00"),
        ("seven thirty", "en", "07:30"),
        ("around 7", "en", "07:00"),
        ("noon", "en", "12:00"),
        ("8", "en", "08:00"),
        ("2030", "en", "20:30"),
        ("a table for 4 at 8", "en", "08:00"),
        ("15 Uhr", "de", "15:00"),
        ("20 Uhr 15", "de", "20:15"),
        ("halb drei", "de", "02:30"),
        ("viertel nach drei", "de", "03:15"),
        ("acht Uhr abends", "de", "20:00"),
        ("mittags", "de", "12:00"),
    ],
)
def test_times_become_a_24_hour_clock(text: str, language: str, clock: str) -> None:
    answer = recognise_time(text, languages=(language,), today=WEDNESDAY)
    assert isinstance(answer, Answer)
    assert answer.normalised == clock


def test_a_date_beside_the_time_does_no_harm() -> None:
    answer = recognise_time("on 12/12/2025 at 7pm", today=WEDNESDAY)
    assert isinstance(answer, Answer)
    assert answer.value == "7pm"
    assert answer.confidence > 0.9


def test_no_time_is_none() -> None:
    assert recognise_time("I would rather not") is None
