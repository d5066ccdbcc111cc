"""Messages in parts: several wishes, told apart."""

import pytest

from duologue.understanding.readings.clauses import split_loosely, split_strongly


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("check my balance and then send 50 to Anna", "en", ["check my balance", "send 50 to Anna"]),
        ("Block my card. Also, order a new one!", "en", ["Block my card", "order a new one"]),
        ("send 50 to Anna and Bob", "en", ["send 50 to Anna and Bob"]),
        ("zeig den Saldo und danach die Umsätze", "de", ["zeig den Saldo", "die Umsätze"]),
        ("muestra el saldo y luego envía 50", "es", ["muestra el saldo", "envía 50"]),
    ],
)
def test_a_clear_joint_parts_two_wishes(text: str, language: str, parts: list[str]) -> None:
    assert split_strongly(text, languages=(language,)) == parts


def test_an_and_parts_what_may_be_two_wishes() -> None:
    parts = split_loosely("block my card and order a new one", languages=("en",))
    assert parts == ["block my card", "order a new one"]


def test_a_flood_of_joints_comes_back_in_few_parts() -> None:
    assert len(split_loosely("and " * 2_000 + "x", languages=("en",))) <= 7
