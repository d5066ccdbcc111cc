"""One of the listed values, however it is named."""

import pytest

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer
from duologue.understanding.answers.choice import Choice, recognise_choice

REASONS = (
    Choice(value="lost", titles=("I lost my card",)),
    Choice(value="damaged", titles=("My card is damaged",)),
    Choice(value="fraud", titles=("I suspect fraud",)),
    Choice(value="traveling", titles=("I'm going to travel",)),
)
TIMING = (Choice(value="now", titles=("Immediate",)), Choice(value="future", titles=("Future",)))
CARDS = (
    Choice(value="1111", titles=("Debit card ending 1111",)),
    Choice(value="2222", titles=("Credit card ending 2222",)),
    Choice(value="3333", titles=("Debit card ending 3333",)),
)
ACCOUNTS = (
    Choice(value="11112222", titles=("Current account",)),
    Choice(value="33334444", titles=("Savings account",)),
)


@pytest.mark.parametrize(
    ("text", "choices", "value"),
    [
        ("lost", REASONS, "lost"),
        ("I have lost it", REASONS, "lost"),
        ("it is broken", REASONS, "damaged"),
        ("damged", REASONS, "damaged"),
        ("fraudulent", REASONS, "fraud"),
        ("travelling", REASONS, "traveling"),
        ("option 3", REASONS, "fraud"),
        ("the second one", REASONS, "damaged"),
        ("the last one please", REASONS, "traveling"),
        ("2", REASONS, "damaged"),
        ("not lost, damaged", REASONS, "damaged"),
        ("immediately", TIMING, "now"),
        ("right now", TIMING, "now"),
        ("asap", TIMING, "now"),
        ("later", TIMING, "future"),
        ("in the futur", TIMING, "future"),
        ("the credit card", CARDS, "2222"),
        ("the second debit card", CARDS, "3333"),
        ("the one ending in 1111", CARDS, "1111"),
        ("from my savings account", ACCOUNTS, "33334444"),
        ("savngs", ACCOUNTS, "33334444"),
        ("4444", ACCOUNTS, "33334444"),
    ],
)
def test_a_value_is_found_by_any_of_its_names(text: str, choices: tuple[Choice, ...], value: str) -> None:
    answer = recognise_choice(text, choices=choices)
    assert isinstance(answer, Answer)
    assert answer.value == value
    assert answer.confidence > 0.55


@pytest.mark.parametrize(
    ("text", "choices", "candidates"),
    [
        ("lost or damaged", REASONS, {"lost", "damaged"}),
        ("debit", CARDS, {"1111", "3333"}),
        ("current or savings", ACCOUNTS, {"11112222", "33334444"}),
    ],
)
def test_equally_near_values_are_not_guessed_between(
    text: str, choices: tuple[Choice, ...], candidates: set[str]
) -> None:
    answer = recognise_choice(text, choices=choices)
    assert isinstance(answer, AmbiguousAnswer)
    assert set(answer.candidates) == candidates


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("my card was swallowed by a whale", REASONS),
        ("account", ACCOUNTS),
        ("not savings", ACCOUNTS),
        ("what's the weather like?", TIMING),
    ],
)
def test_an_unlisted_answer_is_none(text: str, choices: tuple[Choice, ...]) -> None:
    assert recognise_choice(text, choices=choices) is None


@pytest.mark.parametrize(("text", "value"), [("sure", "Yes"), ("not really", "No"), ("yes please", "Yes")])
def test_yes_and_no_among_choices_take_other_words(text: str, value: str) -> None:
    answer = recognise_choice(text, choices=(Choice(value="Yes"), Choice(value="No")))
    assert isinstance(answer, Answer)
    assert answer.value == value


def test_german_choices_forgive_endings_and_order() -> None:
    choices = (Choice(value="giro", titles=("Girokonto",)), Choice(value="spar", titles=("Sparkonto",)))
    first = recognise_choice("das erste", choices=choices, languages=("de",))
    named = recognise_choice("vom Sparkonto bitte", choices=choices, languages=("de",))
    assert isinstance(first, Answer)
    assert isinstance(named, Answer)
    assert (first.value, named.value) == ("giro", "spar")


def test_only_named_keeps_to_names() -> None:
    assert recognise_choice("the second one", choices=REASONS, only_named=True) is None
    named = recognise_choice("I think I lost it on the bus", choices=REASONS, only_named=True)
    assert isinstance(named, Answer)
    assert named.value == "lost"
