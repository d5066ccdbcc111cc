"""Sentences as vectors, each encoded once for all components that look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duologue.ports.sentence_encoder import EncodedText, SentenceEncoder
from duologue.understanding.nlu.message import NluMessage, TrainingExample

_NOTE = "encoded"


def encode_message(message: NluMessage, encoder: SentenceEncoder | None) -> EncodedText | None:
    """The message as vectors; None without an encoder."""
    if encoder is None:
        return None
    encoded: EncodedText | None = message.notes.get(_NOTE)
    if encoded is None:
        encoded = message.notes[_NOTE] = encoder.encode((message.text,))[0]
    return encoded


def encode_examples(
    examples: Sequence[TrainingExample], encoder: SentenceEncoder | None
) -> list[EncodedText] | None:
    """The examples as vectors, in order; None without an encoder."""
    return None if encoder is None else encoder.encode([example.text for example in examples])


class RememberingEncoder:
    """Encodes every sentence once while a pipeline learns: intents and entities are learned from the same ones."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._kept: dict[str, EncodedText] | None = {}

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def width(self) -> int:
        return self._encoder.width

    @property
    def token_width(self) -> int:
        return self._encoder.token_width

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        kept = self._kept
        if kept is None:
            return self._encoder.encode(texts)
        unknown = [text for text in dict.fromkeys(texts) if text not in kept]
        for text, encoded in zip(unknown, self._encoder.encode(unknown), strict=True):
            kept[text] = _shrink(encoded)
        return [_restore(kept[text]) for text in texts]

    def forget(self) -> None:
        """What was encoded so far is let go; from now on nothing is remembered."""
        self._kept = None


def _shrink(encoded: EncodedText) -> EncodedText:
    """In half the memory, where nothing is lost by it."""
    import numpy as np

    halves = encoded.tokens.astype(np.float16)
    is_same = np.array_equal(halves, encoded.tokens)
    return replace(encoded, tokens=halves) if is_same else encoded


def _restore(encoded: EncodedText) -> EncodedText:
    import numpy as np

    return replace(encoded, tokens=encoded.tokens.astype(np.float32, copy=False))
