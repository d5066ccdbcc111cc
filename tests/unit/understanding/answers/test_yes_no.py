"""Yes and no in many words."""

import pytest

from duologue.understanding.answers.framing import topic_of
from duologue.understanding.answers.yes_no import recognise_yes_no, split_yes_no

PLAIN = 0.9


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Yup!", True),
        ("sure, go ahead", True),
        ("that's right", True),
        ("sounds good, thanks", True),
        ("please do", True),
        ("no problem", True),
        ("👍", True),
        ("no", False),
        ("no thanks", False),
        ("not really", False),
        ("I don't think so", False),
        ("of course not", False),
        ("that's not correct", False),
        ("Nope.", False),
        ("👎", False),
    ],
)
def test_plain_answers_are_sure(text: str, value: bool) -> None:
    answer = recognise_yes_no(text)
    assert answer is not None
    assert answer.value is value
    assert answer.confidence >= PLAIN


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("ja gerne", "de", True),
        ("auf keinen Fall", "de", False),
        ("stimmt nicht", "de", False),
        ("passt so", "de", True),
        ("bien sûr", "fr", True),
        ("non merci", "fr", False),
        ("claro que sí", "es", True),
        ("claro que no", "es", False),
        ("va bene", "it", True),
        ("per niente", "it", False),
        ("jazeker", "nl", True),
        ("nee bedankt", "nl", False),
        ("com certeza", "pt", True),
        ("acho que não", "pt", False),
    ],
)
def test_every_language_says_yes_and_no(text: str, language: str, value: bool) -> None:
    answer = recognise_yes_no(text, languages=(language,))
    assert answer is not None
    assert answer.value is value
    assert answer.confidence >= PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "maybe",
        "I'm not sure",
        "I don't know",
        "yes no",
        "no yes",
        "hello",
        "good morning",
        "right now",
        "what is my balance?",
        "I don't recognise this payment",
        "I want to see my cards",
        "",
    ],
)
def test_what_is_neither_yes_nor_no_is_left_open(text: str) -> None:
    assert recognise_yes_no(text) is None


@pytest.mark.parametrize(
    "text", ["yes but change the amount", "ok, except the date is wrong", "yes, if it costs nothing extra"]
)
def test_a_yes_with_a_reservation_is_no_plain_yes(text: str) -> None:
    answer = recognise_yes_no(text)
    assert answer is not None
    assert answer.value is True
    assert answer.confidence < 0.5


def test_a_no_with_more_to_say_is_less_sure() -> None:
    answer = recognise_yes_no("no, make it sixty")
    assert answer is not None
    assert answer.value is False
    assert 0.5 <= answer.confidence < PLAIN


def test_words_of_the_question_do_not_make_an_answer_less_sure() -> None:
    topic = topic_of("Would you like a new card?")
    with_topic = recognise_yes_no("yes, a new card please", topic=topic)
    without = recognise_yes_no("yes, a new card please")
    assert with_topic is not None
    assert without is not None
    assert with_topic.confidence > without.confidence


@pytest.mark.parametrize(
    ("text", "language", "value", "rest"),
    [
        ("no, to Bob", "en", False, "to Bob"),
        ("yes but make it 60", "en", True, "make it 60"),
        ("No thanks", "en", False, ""),
        ("nein, doch lieber an Lena", "de", False, "doch lieber an Lena"),
        ("sí, pero mañana", "es", True, "mañana"),
    ],
)
def test_a_yes_or_no_is_parted_from_what_follows_it(text: str, language: str, value: bool, rest: str) -> None:
    said = split_yes_no(text, languages=(language,))
    assert said is not None
    assert (said.value, said.rest) == (value, rest)


@pytest.mark.parametrize("text", ["send it to Bob", "maybe", "good morning", ""])
def test_what_begins_with_neither_is_not_parted(text: str) -> None:
    assert split_yes_no(text) is None
