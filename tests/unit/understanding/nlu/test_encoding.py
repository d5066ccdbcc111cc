"""Sentences are encoded once, whoever learns from them."""

from collections.abc import Sequence

import msgspec
import numpy as np

from duologue.core.values import OpenData
from duologue.ports.sentence_encoder import EncodedText
from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.encoding import RememberingEncoder
from duologue.understanding.nlu.message import TrainingExample
from duologue.understanding.nlu.pipeline import train_pipeline


class Entry(msgspec.Struct, frozen=True):
    name: str
    options: OpenData = {}


class CountingEncoder:
    """A vector of the length and of the first letter, and which texts it was asked for."""

    name = "counting-1"
    width = token_width = 2

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        self.texts += texts
        return [self._encode(text) for text in texts]

    def _encode(self, text: str) -> EncodedText:
        vector = np.array([len(text), ord(text[0])], dtype=np.float32) * np.float32(self._scale)
        spans = np.array([(0, len(text))], dtype=np.int32)
        return EncodedText(sentence=vector, tokens=vector[None], spans=spans)


def test_a_sentence_is_encoded_once_until_all_is_forgotten() -> None:
    encoder = CountingEncoder()
    remembering = RememberingEncoder(encoder)
    remembering.encode(["a", "b", "a"])
    remembering.encode(["b", "c"])
    assert encoder.texts == ["a", "b", "c"]
    remembering.forget()
    remembering.encode(["a", "a"])
    assert encoder.texts == ["a", "b", "c", "a", "a"]


def test_what_is_remembered_is_the_same_to_the_last_bit() -> None:
    for scale in (1.0, 1 / 3):
        encoder = CountingEncoder(scale)
        (told,), (kept,) = encoder.encode(["word"]), RememberingEncoder(encoder).encode(["word"])
        assert kept.tokens.dtype == np.float32
        assert np.array_equal(kept.tokens, told.tokens)


def test_intents_and_responses_are_learned_from_one_encoding() -> None:
    encoder = CountingEncoder()
    sentences = {"when are you open": "faq/hours", "how much is it": "faq/price", "hello": None, "hi": None}
    examples = [
        TrainingExample(text=text, intent="faq" if key else "greet", response_key=key)
        for text, key in sentences.items()
    ]
    entries = (
        Entry("WhitespaceTokenizer"),
        Entry("LanguageModelFeaturizer"),
        Entry("LogisticRegressionClassifier"),
        Entry("ResponseSelector"),
    )
    train_pipeline(entries, examples, NluResources(encoder=encoder))
    assert {text: encoder.texts.count(text) for text in sentences} == dict.fromkeys(sentences, 1)
