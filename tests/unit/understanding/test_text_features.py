"""Words, stems and small slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.understanding.concepts import join_phrases
from duologue.understanding.text_features import (
    edit_distance,
    fold_in_place,
    normalise,
    split_identifier,
    stem,
    tokenise,
)


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(normalise(text)) == len(text)
    assert len(fold_in_place(text)) == len(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokenise(text))


@pytest.mark.parametrize(
    ("forms", "language"),
    [
        (("replace", "replaces", "replacing", "replaced", "replacement"), "en"),
        (("cancel", "cancelled", "cancelling", "cancellation"), "en"),
        (("lose", "lost", "losing"), "en"),
        (("verify", "verified", "verification"), "en"),
        (("policy", "policies"), "en"),
        (("überweisen", "Überweisung", "überwiesen"), "de"),
        (("gestohlen", "gestohlene", "gestohlenen"), "de"),
        (("Karte", "Karten"), "de"),
        (("sperren", "gesperrt", "Sperrung"), "de"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms: tuple[str, ...], language: str) -> None:
    assert len({stem(tokenise(form)[0].word, language) for form in forms}) == 1


@pytest.mark.parametrize(
    ("left", "right"), [("card", "care"), ("business", "busy"), ("new", "news"), ("news", "new")]
)
def test_different_words_keep_different_stems(left: str, right: str) -> None:
    assert stem(left) != stem(right)


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [
        ("savings", "savngs", 1),
        ("transfer", "tranfser", 1),
        ("card", "card", 0),
        ("card", "loan", 3),
        ("a", "abcd", 3),
    ],
)
def test_edit_distance_counts_slips_up_to_its_limit(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, limit=2) == distance


def test_technical_names_fall_into_words() -> None:
    assert split_identifier("recurrent_paymentDate") == ["recurrent", "payment", "date"]


def test_scripts_without_spaces_give_pairs_of_characters() -> None:
    assert [token.word for token in tokenise("转账给我")] == ["转账", "账给", "给我"]


def test_fixed_expressions_become_one_word() -> None:
    assert join_phrases(["the", "cash", "machine", "right", "now"]) == ["the", "atm", "now"]
