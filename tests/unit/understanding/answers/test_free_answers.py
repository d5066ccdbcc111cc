"""Free text and names, without what people say around them."""

import pytest

from duologue.understanding.answers.answer import AmbiguousAnswer, Answer
from duologue.understanding.answers.framing import topic_of
from duologue.understanding.answers.free_text import recognise_free_text
from duologue.understanding.answers.person_name import recognise_person_name


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("it's @foo", "en", "@foo"),
        ("just Bart", "en", "Bart"),
        ("my name is Jane Foo", "en", "Jane Foo"),
        ("the handle is @bar", "en", "@bar"),
        ("um, Times Square please", "en", "Times Square"),
        ("rent, thanks", "en", "rent"),
        ("There is a leak in my roof", "en", "There is a leak in my roof"),
        ("my phone is broken", "en", "my phone is broken"),
        ("to visit my aunt", "en", "to visit my aunt"),
        ("ich heiße Jörg", "de", "Jörg"),
        ("das ist @foo", "de", "@foo"),
        ("der Grund ist Miete", "de", "Miete"),
        ("einfach Miete bitte", "de", "Miete"),
    ],
)
def test_lead_ins_and_politeness_go(text: str, language: str, value: str) -> None:
    answer = recognise_free_text(text, languages=(language,))
    assert answer is not None
    assert answer.value == value
    assert text[slice(*answer.span)] == value
    assert answer.confidence >= 0.8


def test_the_slots_own_words_lead_in_to_its_value() -> None:
    answer = recognise_free_text("the nickname is Blue Whale", topic=topic_of("pet_nickname nickname"))
    assert answer is not None
    assert answer.value == "Blue Whale"


@pytest.mark.parametrize(
    "text", ["what's my balance?", "hello", "how does it work", "thank you!", "?!", "can you help me"]
)
def test_questions_and_pleasantries_are_no_answers(text: str) -> None:
    assert recognise_free_text(text) is None


def test_german_questions_are_no_answers() -> None:
    assert recognise_free_text("was kostet das", languages=("de",)) is None


def test_a_request_is_hardly_an_answer() -> None:
    answer = recognise_free_text("I want to see my transactions. Please show them to me.")
    assert answer is not None
    assert answer.confidence < 0.4


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Amy", "en", "Amy"),
        ("to Bob Smith please", "en", "Bob Smith"),
        ("my friend Bob", "en", "Bob"),
        ("the payee is Fitness Gym", "en", "Fitness Gym"),
        ("O'Brien", "en", "O'Brien"),
        ("an Anna", "de", "Anna"),
        ("ich heiße Jörg Müller", "de", "Jörg Müller"),
    ],
)
def test_a_name_alone_is_sure(text: str, language: str, name: str) -> None:
    answer = recognise_person_name(text, languages=(language,))
    assert isinstance(answer, Answer)
    assert answer.value == name
    assert answer.confidence > 0.8


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("I want to send 55 to Amy from savings right now", "en", "Amy"),
        ("send it to bob smith tomorrow", "en", "bob smith"),
        ("überweise 50 Euro an Anna Schmidt", "de", "Anna Schmidt"),
    ],
)
def test_a_name_in_a_sentence_is_found_after_its_preposition(text: str, language: str, name: str) -> None:
    answer = recognise_person_name(text, languages=(language,))
    assert isinstance(answer, Answer)
    assert answer.value == name


@pytest.mark.parametrize("text", ["what's my balance?", "hello", "No thanks", "that's not right"])
def test_what_names_nobody_is_none(text: str) -> None:
    assert recognise_person_name(text) is None


def test_two_names_are_ambiguous() -> None:
    assert isinstance(recognise_person_name("send 5 to Anna and 6 to Bob"), AmbiguousAnswer)


def test_an_ordinary_word_is_hardly_a_name() -> None:
    answer = recognise_person_name("balance")
    assert isinstance(answer, Answer)
    assert answer.confidence < 0.5
