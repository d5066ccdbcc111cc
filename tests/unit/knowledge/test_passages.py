"""Documents fall into passages where their authors made a cut, and nowhere lose a word."""

import pytest

from duologue.core.documents import Document
from duologue.knowledge.passages import LONGEST, Passage, cut_document, split_units
from tests.unit.knowledge.documents import FAQ, LIBRARY


def cut(text: str) -> list[Passage]:
    return cut_document(Document(source="a.txt", text=text))


def test_headings_lead_what_stands_under_them() -> None:
    found = [(passage.title, passage.lead) for passage in cut_document(LIBRARY)]

    assert found == [
        ("The town library", "Opening hours"),
        ("The town library", "Borrowing"),
        ("The town library", "Fees"),
        ("The town library", "Rooms"),
    ]


def test_a_question_and_its_answer_are_one_passage() -> None:
    first, *_ = cut_document(FAQ)

    assert first == Passage(
        text="An interlibrary loan is a book that we fetch for you from another town. It takes about a week.",
        source="faq.txt",
        title="Questions that readers ask",
        lead="What is an interlibrary loan?",
        is_answer=True,
    )


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("OPENING HOURS\nFrom nine to five.", "OPENING HOURS"),
        ("1. Opening hours\n\nFrom nine to five.", "1. Opening hours"),
        ("Opening hours\n\nFrom nine to five.", "Opening hours"),
        ("**Opening hours**\nFrom nine to five.", "Opening hours"),
        ("### Opening hours ###\nFrom nine to five.", "Opening hours"),
        ("When are you open?\nFrom nine to five.", "When are you open?"),
        ("Frage: Wann ist offen?\nAntwort: From nine to five.", "Wann ist offen?"),
        ("**Q1:** When?\n**A:** From nine to five.", "When?"),
        ("P: ¿Cuándo?\nR: From nine to five.", "¿Cuándo?"),
    ],
)
def test_a_heading_is_known_by_its_looks(text: str, lead: str) -> None:
    (passage,) = cut(text)

    assert (passage.lead, passage.text.removeprefix("** ")) == (lead, "From nine to five.")


@pytest.mark.parametrize(
    "text",
    [
        "We are open all day.\n\nCome and see us.",
        "- one\n- two\n\n- three",
        "F. Scott Fitzgerald wrote it.",
        "Note: bring your card\nand your passport.",
        "```\n# not a heading\n```",
    ],
)
def test_ordinary_lines_are_no_headings(text: str) -> None:
    (passage,) = cut(text)

    assert (passage.lead, passage.text) == ("", text)


def test_the_lines_at_the_top_that_describe_a_document_are_no_text() -> None:
    (passage,) = cut("---\ntitle: Opening hours\ntags: time, days\n---\nFrom nine to five.")

    assert (passage.title, passage.text) == ("Opening hours", "From nine to five.")


def test_a_long_text_is_cut_between_sentences_and_nothing_is_lost() -> None:
    sentences = [f"This is sentence number {number} of a text that goes on and on." for number in range(100)]
    passages = cut(" ".join(sentences))

    assert " ".join(passage.text for passage in passages) == " ".join(sentences)
    assert all(len(passage.text) <= LONGEST and passage.text.endswith(".") for passage in passages)


def test_a_line_without_end_is_cut_anywhere() -> None:
    passages = cut("x" * 10_000)

    assert "".join(passage.text for passage in passages) == "x" * 10_000
    assert max(len(passage.text) for passage in passages) <= 2 * LONGEST


def test_an_entry_of_frequent_questions_is_a_passage_as_it_is() -> None:
    document = Document(source="faq.json", text="When?", answer="From nine to five.\n\nDaily.", title="Hours")

    assert cut_document(document) == [
        Passage(
            text="From nine to five.\n\nDaily.",
            source="faq.json",
            title="Hours",
            lead="When?",
            is_answer=True,
        )
    ]


def test_an_empty_document_has_no_passages() -> None:
    assert cut("\n \n# Only a heading\n") == []


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = "It costs 4.90 euros, e.g. for Dr. Jones. “Really?” Yes!\nA new line"

    assert [text[start:end] for start, end in split_units(text)] == [
        "It costs 4.90 euros, e.g. for Dr. Jones.",
        "“Really?”",
        "Yes!",
        "A new line",
    ]
