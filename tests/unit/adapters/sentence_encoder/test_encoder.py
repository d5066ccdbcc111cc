"""The packaged encoder puts sentences near others of the same meaning."""

import numpy as np
import pytest

from duologue.adapters.sentence_encoder.encoder import read_encoder
from duologue.ports.sentence_encoder import SentenceEncoder

TEXTS = (
    "How do I reset my password?",
    "I forgot my login code",
    "What is the weather like in Boston?",
    "Will it rain tomorrow?",
)


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    pytest.importorskip("onnxruntime")
    found = read_encoder()
    assert found is not None
    return found


def test_sentences_of_one_meaning_are_near(encoder: SentenceEncoder) -> None:
    vectors = np.stack([one.sentence for one in encoder.encode(TEXTS)])
    nearness = vectors @ vectors.T

    assert np.diag(nearness) == pytest.approx(1, abs=1e-3)
    assert nearness[0, 1] > nearness[0, 2:].max()
    assert nearness[2, 3] > nearness[2, :2].max()


def test_every_word_piece_knows_its_place(encoder: SentenceEncoder) -> None:
    (found,) = encoder.encode(["Rain in Köln?"])

    assert [("Rain in Köln?"[start:end]) for start, end in found.spans] == ["Rain", "in", "Köln", "?"]
    assert found.tokens.shape == (4, encoder.token_width)
    assert found.sentence.shape == (encoder.width,)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.usefixtures("encoder")
def test_a_sentence_means_the_same_alone_and_beside_others(threads: int) -> None:
    found = read_encoder(threads)
    assert found is not None
    texts = [f"{text} {' again' * times}" for times in range(3) for text in TEXTS * 9]

    beside = found.encode(texts)

    for place in (0, 5, 40, 107):
        (alone,) = found.encode([texts[place]])
        assert np.array_equal(alone.sentence, beside[place].sentence)
        assert np.array_equal(alone.tokens, beside[place].tokens)
        assert np.array_equal(alone.spans, beside[place].spans)


def test_no_texts_are_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]) == []


@pytest.mark.parametrize("text", ["", "   ", "word " * 2000, "\u0000\ud83d", "日本語"])
def test_any_text_is_encoded(encoder: SentenceEncoder, text: str) -> None:
    (found,) = encoder.encode([text])

    assert np.isfinite(found.sentence).all()
    assert len(found.spans) == len(found.tokens)
