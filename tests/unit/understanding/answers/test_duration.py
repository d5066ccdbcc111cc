"""Lengths of time in the unit of the question."""

import pytest

from duologue.understanding.answers.duration import find_unit, recognise_duration


@pytest.mark.parametrize(
    ("text", "unit", "language", "value"),
    [
        ("half a year", "month", "en", 6),
        ("a full year", "month", "en", 12),
        ("2 weeks please", "day", "en", 14),
        ("ein halbes Jahr", "month", "de", 6),
        ("three months", "month", "en", 3),
    ],
)
def test_a_length_of_time_is_told_in_the_unit_that_was_asked_for(
    text: str, unit: str, language: str, value: int
) -> None:
    found = recognise_duration(text, unit, languages=(language,))
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize("text", ["12", "in a minute or two, maybe a day", "a week"])
def test_what_is_no_whole_number_of_the_unit_is_no_answer(text: str) -> None:
    assert recognise_duration(text, "year", languages=("en",)) is None


def test_the_unit_comes_from_the_name_of_the_slot() -> None:
    assert find_unit("permit_months") == "month"
    assert find_unit("amount") is None
