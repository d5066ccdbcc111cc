"""Numbers and amounts of money, in digits and in words."""

import pytest

from duologue.understanding.answers.amount import recognise_amount
from duologue.understanding.answers.answer import AmbiguousAnswer, Answer
from duologue.understanding.answers.number import recognise_number


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("50", "en", 50),
        ("-3", "en", -3),
        ("12.5", "en", 12.5),
        ("1,234.56", "en", 1234.56),
        ("1.234,56", "de", 1234.56),
        ("1.234", "de", 1234),
        ("1,234", "en", 1234),
        ("2k", "en", 2000),
        ("3 million", "en", 3_000_000),
        ("twenty five", "en", 25),
        ("a hundred and twenty", "en", 120),
        ("one million two hundred thousand", "en", 1_200_000),
        ("two and a half", "en", 2.5),
        ("three point one four", "en", 3.14),
        ("just one please", "en", 1),
        ("fünfzig", "de", 50),
        ("fünfundzwanzig", "de", 25),
        ("zweihundertfünfzig", "de", 250),
        ("eintausendzweihundert", "de", 1200),
        ("anderthalb", "de", 1.5),
        ("zwei Komma fünf", "de", 2.5),
        ("quatre-vingt-dix", "fr", 90),
        ("soixante et onze", "fr", 71),
        ("treinta y cinco", "es", 35),
        ("doscientos cincuenta", "es", 250),
        ("duecentocinquanta", "it", 250),
        ("ventitré", "it", 23),
        ("vijfentwintig", "nl", 25),
        ("vinte e cinco", "pt", 25),
    ],
)
def test_numbers_are_read_in_the_users_language(text: str, language: str, value: float) -> None:
    answer = recognise_number(text, languages=(language,))
    assert isinstance(answer, Answer)
    assert answer.value == value
    assert answer.confidence > 0.9


@pytest.mark.parametrize("text", ["that one", "CLAIM1234", "12/12/2025", "hello", "the first of May"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert recognise_number(text) is None


def test_a_number_beside_a_time_is_the_number() -> None:
    answer = recognise_number("we are 4 people and come at 7pm")
    assert isinstance(answer, Answer)
    assert answer.value == 4


def test_two_numbers_are_ambiguous() -> None:
    answer = recognise_number("between 10 and 20")
    assert isinstance(answer, AmbiguousAnswer)
    assert answer.candidates == (10, 20)


def test_an_article_is_no_number() -> None:
    assert recognise_number("ich hätte gern einen Tisch", languages=("de",)) is None


def test_an_answer_inside_a_sentence_is_less_sure() -> None:
    alone = recognise_number("4")
    inside = recognise_number("my four kids and a dog want seats")
    assert isinstance(alone, Answer)
    assert isinstance(inside, Answer)
    assert inside.confidence < 0.7 < alone.confidence


@pytest.mark.parametrize(
    ("text", "language", "value", "currency"),
    [
        ("$50", "en", 50, "USD"),
        ("make it 60 euros", "en", 60, "EUR"),
        ("55.55$", "en", 55.55, "USD"),
        ("fifty bucks", "en", 50, "USD"),
        ("EUR 50", "en", 50, "EUR"),
        ("50eur", "en", 50, "EUR"),
        ("5 euros and 50 cents", "en", 5.5, "EUR"),
        ("5 euros 50", "en", 5.5, "EUR"),
        ("£1,200.50", "en", 1200.5, "GBP"),
        ("€1.000", "en", 1000, "EUR"),
        ("75", "en", 75, None),
        ("fünfzig Euro", "de", 50, "EUR"),
        ("1.234,56 €", "de", 1234.56, "EUR"),
    ],
)
def test_amounts_come_with_their_currency(
    text: str, language: str, value: float, currency: str | None
) -> None:
    answer = recognise_amount(text, languages=(language,))
    assert isinstance(answer, Answer)
    assert answer.value == value
    assert answer.unit == currency
    assert answer.confidence > 0.9


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("send 55 to Amy tomorrow at 5pm", 55),
        ("pay 200 on 12/12/2025", 200),
        ("move 100 from 12345678", 100),
        ("two tickets for 30 dollars", 30),
    ],
)
def test_other_numbers_in_the_message_are_no_money(text: str, value: float) -> None:
    answer = recognise_amount(text)
    assert isinstance(answer, Answer)
    assert answer.value == value


def test_counted_things_are_no_money() -> None:
    assert recognise_amount("I will do it in 3 weeks") is None
