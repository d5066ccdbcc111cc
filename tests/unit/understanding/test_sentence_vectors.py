"""A sentence's meaning as one direction."""

import time

import numpy as np
import pytest

from duologue.understanding.vectors.sentence_vectors import SentenceVectors, read_vectors


def _alike(left: str, right: str, *, languages: tuple[str, ...] = ("en",)) -> float:
    vectors = read_vectors(languages)
    return float(vectors.embed_one(left) @ vectors.embed_one(right))


@pytest.mark.parametrize(
    ("said", "near", "far"),
    [
        ("my purse was snatched", "report a theft", "book a flight"),
        ("I want to get rid of my old sofa", "collect bulky furniture", "opening hours of the office"),
        ("my phone was nicked", "report a stolen phone", "order a pizza"),
        ("I owe you money, how much is it", "show the invoice", "the weather forecast"),
    ],
)
def test_sentences_without_a_word_in_common_are_near_when_they_mean_the_same(
    said: str, near: str, far: str
) -> None:
    assert _alike(said, near) > _alike(said, far) + 0.15


@pytest.mark.parametrize(
    ("language", "said", "near", "far"),
    [
        ("de", "meine Kreditkarte wurde geklaut", "block a stolen card", "reserve a table"),
        ("fr", "je voudrais réserver une table", "book a restaurant", "transfer money"),
        ("es", "quiero enviar dinero a mi hermano", "transfer money", "the weather forecast"),
        ("it", "voglio mandare soldi a mio fratello", "transfer money", "weather forecast"),
        ("nl", "hoe laat gaat de winkel open", "opening hours of the shop", "block a card"),
        ("pt", "quero cancelar o meu pedido", "cancel an order", "book a flight"),
    ],
)
def test_other_languages_lie_in_the_same_space(language: str, said: str, near: str, far: str) -> None:
    assert (
        _alike(said, near, languages=(language, "en")) > _alike(said, far, languages=(language, "en")) + 0.1
    )


def test_unknown_words_are_read_as_their_relatives_slips_and_compounds() -> None:
    english, german = read_vectors(("en",)), read_vectors(("de",))
    for vectors, said, meant in (
        (english, "insurrance", "insurance"),
        (german, "kreditkartenlimit", "kreditkarten"),
    ):
        found, wanted = vectors.word(said), vectors.word(meant)
        assert found is not None
        assert wanted is not None
        assert float(found @ wanted) / float(np.linalg.norm(found) * np.linalg.norm(wanted)) > 0.5
    assert english.word("xqzvkwj") is None


def test_a_text_without_known_words_has_no_direction() -> None:
    vectors = SentenceVectors(("en",))
    assert float(np.linalg.norm(vectors.embed_one("12345 !!"))) == 0.0
    assert vectors.embed([]).shape == (0, vectors.width)


def test_a_language_without_a_table_reads_english() -> None:
    assert float(np.linalg.norm(SentenceVectors(("xx",)).embed_one("block my card"))) == pytest.approx(1.0)


def test_a_word_longer_than_any_real_one_is_not_guessed_at() -> None:
    vectors = read_vectors(("de",))

    began = time.process_time()
    assert vectors.word("a" * 20_000) is None
    assert time.process_time() - began < 0.5
    assert vectors.word("kreditkartenlimit") is not None
