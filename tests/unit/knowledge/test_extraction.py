"""Answers are the documents' own words: as many as answer the question, and none where nothing does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duologue.core.documents import Document
from duologue.knowledge.extraction import LONGEST_QUOTE
from tests.unit.knowledge.documents import FAQ, GERMAN, LIBRARY, ask, quote


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When are you open?", "We are open from Tuesday to Saturday"),
        ("opening hours", "We are open from Tuesday to Saturday"),
        ("How long can I keep a book?", "Books may be kept for four weeks"),
        ("How often may a loan be renewed?", "Books may be kept for four weeks"),
        ("What's an interlibrary loan?", "An interlibrary loan is a book that we fetch"),
        ("what is an interlibary loan", "An interlibrary loan is a book that we fetch"),
        ("Why should I block my card?", "If your card is lost or stolen"),
        ("my card was stolen", "If your card is lost or stolen"),
        ("are the study rooms free?", "Study rooms are free of charge"),
        ("what are your prices?", "- Late return: 50 cents"),
        ("how much does a missing card cost", "- Lost card: 5 euros"),
    ],
)
def test_a_question_is_answered_word_for_word(question: str, answer: str) -> None:
    found = quote(question)

    assert found is not None
    assert found.startswith(answer)
    assert found in LIBRARY.text + FAQ.text


def test_of_a_list_the_line_that_answers_is_said() -> None:
    assert quote("What do photocopies cost?") == "- Photocopies: 10 cents a page"


def test_a_list_is_said_with_the_line_that_announces_it() -> None:
    assert quote("who pays nothing?") == (
        "These people pay nothing:\nChildren and students\nTeachers and librarians\nGuests of the town\nEverybody over 65\nMembers of the friends' association"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Who won the world cup?",
        "Can I buy pizza in the library?",
        "How do I bake a cake?",
        "What is the exchange rate?",
        "Do you sell flight tickets to Mars?",
        "What is that?",
        "",
        "???",
        "Ω≈ç√∫",
    ],
)
def test_what_the_documents_do_not_say_is_not_answered(question: str) -> None:
    assert quote(question) is None


PIECES = st.sampled_from(
    [
        "Q: ",
        "A: ",
        "# ",
        "\n",
        "\n\n",
        ". ",
        "? ",
        ": ",
        "- ",
        "```",
        "fees",
        "loan",
        "open",
        "late",
        "x" * 900,
        "é",
        "漢字",
        "\x00",
    ]
)


@settings(max_examples=200, deadline=None)
@given(text=st.lists(PIECES, max_size=60).map("".join), question=st.lists(PIECES, max_size=8).map("".join))
def test_whatever_the_text_the_answer_stands_in_it(text: str, question: str) -> None:
    found = quote(question, Document(source="odd.txt", text=text))

    assert " ".join((found or "").split()) in " ".join(text.split())
    assert found != ""


def test_the_relevance_says_how_much_of_the_question_is_covered() -> None:
    full, half = ask("opening hours"), ask("opening hours of the castle")

    assert full is not None
    assert full.relevance == 1.0
    assert half is not None
    assert 0.5 <= half.relevance < 1.0


def test_a_long_answer_ends_with_a_whole_line() -> None:
    lines = [f"Step {number}: do this and that, and then the next thing." for number in range(60)]
    document = Document(source="long.txt", text="Q: How do I register?\nA: " + "\n".join(lines))

    answer = quote("how do I register?", document)

    assert answer is not None
    assert len(answer) <= LONGEST_QUOTE
    assert answer.splitlines() == lines[: len(answer.splitlines())]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wann habt ihr geöffnet?", "Von Montag bis Freitag sind wir von 9 bis 18 Uhr da."),
        ("Wie sind eure Öffnungszeiten", "Von Montag bis Freitag sind wir von 9 bis 18 Uhr da."),
        ("Wie lange dauert die Lieferung?", "Die Lieferung dauert zwei Werktage"),
        ("Wie ist die Lieferzeit?", "Die Lieferung dauert zwei Werktage"),
        ("Was kostet der Versand?", "Die Lieferung dauert zwei Werktage"),
    ],
)
def test_german_is_read_with_its_endings_and_compounds(question: str, answer: str) -> None:
    found = quote(question, GERMAN, language="de")

    assert found is not None
    assert found.startswith(answer)


def test_what_a_german_document_does_not_say_is_not_answered() -> None:
    assert quote("Verkauft ihr Pizza?", GERMAN, language="de") is None


def test_thirty_of_thirty_documents_are_told_apart() -> None:
    rooms = [
        Document(source=f"{name}.txt", text=f"The {name} room is on floor {floor}.")
        for floor, name in enumerate(NAMES)
    ]

    assert [quote(f"Where is the {name} room?", *rooms) for name in NAMES] == [room.text for room in rooms]


NAMES = [
    f"{colour}{animal}"
    for colour in ("red", "blue", "green", "black", "white")
    for animal in ("fox", "bear", "lynx", "crane", "otter", "heron")
]
