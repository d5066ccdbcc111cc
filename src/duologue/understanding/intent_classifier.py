"""Which intent a message has, learned from a project's own examples when it is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING

import msgspec

from duologue.understanding.text_features import stem, words_of
from duologue.understanding.vectors.sentence_vectors import SentenceVectors, read_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

_ROUNDS, _RATE, _DECAY = 120, 0.5, 2e-4
_MOST_FEATURES = 4_000
_VECTOR_WEIGHT = 1.5
_FAR, _NEAR = 0.25, 0.6
"""A message less alike to its nearest example than the first is most likely none of the intents."""


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent and how likely the message has it."""

    name: str
    confidence: float


class IntentClassifier:
    """A multinomial logistic regression on words, pairs of words, pieces of words and the light sentence vectors."""

    def __init__(
        self,
        *,
        intents: tuple[str, ...],
        features: dict[str, int],
        rarity: Matrix,
        weights: Matrix,
        examples: Matrix,
        vectors: SentenceVectors,
        language: str,
    ) -> None:
        """Use `train`."""
        self._intents = intents
        self._features = features
        self._rarity = rarity
        self._weights = weights
        self._examples = examples
        self._vectors = vectors
        self._language = language

    @classmethod
    def train(
        cls, examples: Sequence[tuple[str, str]], *, languages: Sequence[str] = ("en",)
    ) -> IntentClassifier:
        """Learn from (intent, sentence) pairs; the same pairs always give the same classifier."""
        import numpy as np

        language, vectors = languages[0], read_vectors(tuple(languages))
        intents = tuple(sorted({intent for intent, _ in examples}))
        counted = [Counter(_features_of(text, language)) for _, text in examples]
        spread = Counter(feature for counts in counted for feature in counts)
        known = {feature: column for column, (feature, _) in enumerate(spread.most_common(_MOST_FEATURES))}
        rarity = np.array([log(1 + len(examples) / spread[feature]) for feature in known], dtype=np.float32)
        weights = np.zeros((len(known) + vectors.width + 1, len(intents)), dtype=np.float32)
        classifier = cls(
            intents=intents,
            features=known,
            rarity=rarity,
            weights=weights,
            examples=np.zeros((0, 1), dtype=np.float32),
            vectors=vectors,
            language=language,
        )
        if not examples:
            return classifier
        rows = np.stack([classifier._row(text) for _, text in examples])
        classifier._examples = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
        number = {intent: place for place, intent in enumerate(intents)}
        classifier._fit(rows, np.array([number[intent] for intent, _ in examples]))
        return classifier

    def predict(self, text: str) -> tuple[Intent, ...]:
        """Every intent, the likeliest first; the confidences add up to less than 1 for a message unlike all examples."""
        if not self._intents or not len(self._examples):
            return ()
        row = self._row(text)
        chances = _softmax(row[None] @ self._weights)[0] * self._familiarity(row)
        likely = sorted(
            zip(chances.tolist(), self._intents, strict=True), key=lambda pair: (-pair[0], pair[1])
        )
        return tuple(Intent(name=name, confidence=round(chance, 4)) for chance, name in likely)

    def _fit(self, rows: Matrix, wanted: NDArray[np.intp]) -> None:
        """Gradient descent with momentum; an intent with many examples weighs little more than one with few."""
        import numpy as np

        targets = np.eye(len(self._intents), dtype=np.float32)[wanted]
        importance = (1 / np.sqrt(targets.sum(axis=0)))[wanted]
        importance = (importance / importance.sum())[:, None].astype(np.float32)
        # The weights are always a sum of rows: with fewer rows than features, counting in shares of rows is quicker.
        in_shares = len(rows) < rows.shape[1]
        products = rows @ rows.T if in_shares else rows
        shares = np.zeros((len(rows) if in_shares else rows.shape[1], len(self._intents)), dtype=np.float32)
        speed = np.zeros_like(shares)
        for _ in range(_ROUNDS):
            error = (_softmax(products @ shares) - targets) * importance
            slope = (error if in_shares else rows.T @ error) + _DECAY * shares
            speed = 0.9 * speed - _RATE * slope
            shares = shares + speed * _STEP
        self._weights = rows.T @ shares if in_shares else shares

    def _familiarity(self, row: Matrix) -> float:
        """From 0 to 1: how much the message is like any example at all."""
        import numpy as np

        length = float(np.sqrt(row @ row))
        nearest = float((self._examples @ row).max()) / length if length else 0.0
        return min(1.0, max(0.0, (nearest - _FAR) / (_NEAR - _FAR)))

    def _row(self, text: str) -> Matrix:
        """The features of one text: those of its words with length 1, then its vector, then 1 for the bias."""
        import numpy as np

        row = np.zeros(len(self._features) + self._vectors.width + 1, dtype=np.float32)
        for feature, count in Counter(_features_of(text, self._language)).items():
            if (column := self._features.get(feature)) is not None:
                row[column] = sqrt(count) * self._rarity[column]
        length = float(np.sqrt(row @ row))
        if length:
            row /= length
        row[len(self._features) : -1] = self._vectors.embed_one(text) * _VECTOR_WEIGHT
        row[-1] = 0.3
        return row


_STEP = 10.0
_PIECES = (3, 4)


def _features_of(text: str, language: str) -> Iterator[str]:
    words = ["#" if word.isdigit() else word for word in words_of(text)]
    yield from (stem(word, language) for word in words)
    yield from (f"{left} {right}" for left, right in pairwise(words))
    yield from _pieces_of(words)


def _pieces_of(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        framed = f"<{word}>"
        for size in _PIECES:
            yield from (f"~{framed[start : start + size]}" for start in range(len(framed) - size + 1))


def _softmax(values: Matrix) -> Matrix:
    import numpy as np

    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
