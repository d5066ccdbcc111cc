"""How well the single words of a message and of a flow can be laid side by side, by what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from duologue.understanding.flow_description import read_description
from duologue.understanding.flow_index import FlowText
from duologue.understanding.lexicon.function_words import DESCRIPTION_WORDS, STOP_WORDS
from duologue.understanding.text_features import split_identifier, words_in, words_of
from duologue.understanding.vectors.sentence_vectors import SentenceVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

_UNRELATED = 0.25
"""Two words that are no more alike than this have nothing to do with each other."""


class Alignment(msgspec.Struct, frozen=True, kw_only=True):
    """For every flow how well a message and it can be laid side by side, from 0 to 1."""

    said: Matrix
    """How much of the message has something near it in what the flow says of itself."""
    named: Matrix
    """How much of the flow's name has something near it in the message."""

    def nearest(self, count: int) -> list[int]:
        """The flows that fit best."""
        import numpy as np

        total = self.said + self.named
        order = np.argsort(-total, kind="stable")[:count]
        return [int(number) for number in order if total[number] > 0]


class FlowAlignment:
    """The words of all flows with their vectors."""

    def __init__(
        self, entries: Sequence[FlowText], languages: tuple[str, ...], vectors: SentenceVectors
    ) -> None:
        import numpy as np

        self._vectors = vectors
        self._stop = words_in(STOP_WORDS, languages)
        ignored = self._stop | words_in(DESCRIPTION_WORDS, languages)
        names = [self._known(_name_words(entry), self._stop) for entry in entries]
        spoken = [self._known(_all_words(entry), ignored) for entry in entries]
        words = {
            word: row
            for row, word in enumerate(sorted({word for flow in (*names, *spoken) for word in flow}))
        }
        self._matrix, self._worth = self._stack(list(words))
        # A flow without a single known word is given the row of zeros that stands last.
        self._spoken, self._starts = _flatten(
            [[words[word] for word in flow] or [len(words)] for flow in spoken]
        )
        self._names, self._name_starts = _flatten(
            [[words[word] for word in flow] or [len(words)] for flow in names]
        )
        self._name_worth = (
            np.add.reduceat(self._worth[self._names], self._name_starts) if entries else self._worth
        )

    def compare(self, words: Iterable[str]) -> Alignment | None:
        """Lay a message's words beside every flow's; None where no word is known."""
        import numpy as np

        said = self._known(words, self._stop)
        if not said:
            return None
        matrix, worth = self._stack(said)
        alike = np.maximum(0, (matrix[:-1] @ self._matrix.T - _UNRELATED) / (1 - _UNRELATED))
        nearest = np.maximum.reduceat(alike[:, self._spoken], self._starts, axis=1)
        found = alike.max(axis=0)[self._names] * self._worth[self._names]
        return Alignment(
            said=(worth[:-1] @ nearest) / worth.sum(),
            named=(np.add.reduceat(found, self._name_starts) / np.maximum(self._name_worth, 1e-6)).astype(
                np.float32
            ),
        )

    def _known(self, words: Iterable[str], ignored: frozenset[str]) -> list[str]:
        return [
            word
            for word in dict.fromkeys(words)
            if word not in ignored and self._vectors.word(word) is not None
        ]

    def _stack(self, words: Sequence[str]) -> tuple[Matrix, Matrix]:
        """The words' directions and how telling each is; a row of zeros stands last."""
        import numpy as np

        rows = [vector for word in words if (vector := self._vectors.word(word)) is not None]
        matrix = np.stack([*rows, np.zeros(self._vectors.width, dtype=np.float32)])
        lengths = np.linalg.norm(matrix, axis=1)
        return matrix / np.maximum(lengths, 1e-6)[:, None], lengths.astype(np.float32)


def _name_words(entry: FlowText) -> list[str]:
    names = (entry.name or entry.flow_id, *(each.name for each in entry.translations))
    return [word for name in names for word in split_identifier(name)]


def _all_words(entry: FlowText) -> list[str]:
    wordings = [
        (entry.description, entry.examples),
        *((each.description, each.examples) for each in entry.translations),
    ]
    texts = list(entry.details)
    for description, examples in wordings:
        texts += [read_description(description).positive, *examples]
    spoken = (word for text in texts for word in words_of(text))
    return [*_name_words(entry), *split_identifier(entry.flow_id), *spoken]


def _flatten(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All rows in one, and where each starts."""
    import numpy as np

    starts = np.cumsum([0, *(len(row) for row in rows[:-1])], dtype=np.intp)
    return np.array([number for row in rows for number in row], dtype=np.intp), starts
