"""Forms of a word are one word; words that tell nothing are left out."""

import pytest

from duologue.knowledge.words import list_terms


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "transfer transfers transferring transferred"),
        ("en", "insure insured insurer insurance"),
        ("en", "policy policies"),
        ("en", "driver drivers driver's driver’s"),
        ("en", "steal stolen"),
        ("de", "Versicherung Versicherungen"),
        ("de", "öffnen geöffnet"),
        ("de", "Kosten kostet"),
        ("fr", "l'assurance assurances"),
        ("es", "factura facturas"),
    ],
)
def test_the_forms_of_a_word_are_one(language: str, words: str) -> None:
    assert len(set(list_terms(words, (language,)))) == 1


@pytest.mark.parametrize(
    ("languages", "text"),
    [
        (("en-GB",), "Could you please tell me what this is about?"),
        (("de",), "Können Sie mir bitte sagen, wie das geht?"),
        (("fr",), "Est-ce que vous pouvez me dire comment faire ?"),
        (("es",), "¿Me puede decir cómo es?"),
        (("it",), "Che cosa è questo?"),
        (("nl",), "Kunt u mij zeggen hoe dat gaat?"),
        (("pt",), "O que é isso?"),
        (("de", "en"), "What is das?"),
    ],
)
def test_the_frame_of_a_question_tells_nothing(languages: tuple[str, ...], text: str) -> None:
    assert list_terms(text, languages) == []


def test_numbers_and_names_of_products_are_kept() -> None:
    assert list_terms("Is the X200 in room 7?", ("en",)) == ["x200", "room", "7"]


def test_a_script_without_spaces_is_read_in_pairs() -> None:
    assert list_terms("営業時間", ("ja",)) == ["営業", "業時", "時間"]
