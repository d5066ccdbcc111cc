"""A text as the numbers that the network takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.entities.arrays import Floats
from duologue.understanding.nlu.entities.dense_pieces import align_encoded, look_up_vectors
from duologue.understanding.nlu.entities.known_values import KnownValues
from duologue.understanding.nlu.entities.options import EntityOptions
from duologue.understanding.nlu.entities.piece_features import ASKED, PieceFeatures, list_features
from duologue.understanding.nlu.entities.pieces import Piece
from duologue.understanding.vectors.sentence_vectors import SentenceVectors, read_vectors

if TYPE_CHECKING:
    from duologue.ports.sentence_encoder import EncodedText


_MET_LIMIT = 8192


class ReadingKnowledge(msgspec.Struct, frozen=True, kw_only=True):
    """What the examples taught about reading, before anything was learned from them."""

    features: tuple[str, ...] = ()
    """Sorted; the number of a feature is its place."""
    encoder: str | None = None
    """Name of the encoder whose vectors are looked at."""
    encoder_width: int = 0
    vector_width: int = 0
    """Of the light word vectors, which are looked at beside the encoder's: a word means something out of context too."""
    is_asked_known: bool = False
    """Whether examples told which slots were asked for."""

    @property
    def dense_width(self) -> int:
        """Numbers in the dense vector of a piece."""
        return self.encoder_width + self.vector_width


class TextNumbers(NamedTuple):
    """A text as numbers; the features of piece i are `rows[starts[i]:starts[i + 1]]`."""

    rows: list[int]
    starts: list[int]
    words: list[int]
    """How many features of each piece are of its word."""


class TextReader:
    """Reads texts in one way, while learning and afterwards."""

    def __init__(self, knowledge: ReadingKnowledge, resources: NluResources, options: EntityOptions) -> None:
        self.knowledge = knowledge
        self.encoder = resources.encoder if knowledge.encoder else None
        self._known = KnownValues(resources, options)
        self._numbers = {name: number for number, name in enumerate(knowledge.features)}
        self._met: dict[str, list[int]] = {}
        self._vectors = _find_vectors(knowledge, resources)

    def list_features(
        self, text: str, pieces: Sequence[Piece], asked: Sequence[str] = ()
    ) -> list[PieceFeatures]:
        """The features of the pieces by name."""
        return list_features(
            pieces, self._known.mark(text, pieces), asked if self.knowledge.is_asked_known else ()
        )

    def list_untold(self, asked: Sequence[str]) -> list[str]:
        """What was asked for and no example told of; nothing if examples told of anything that was asked for."""
        is_told = any(f"{ASKED}{name}" in self._numbers for name in asked)
        return [] if is_told else list(asked)

    def number(self, features: Sequence[PieceFeatures], *, is_padded: bool) -> TextNumbers:
        """The features as numbers; with `is_padded` a number that stands for nothing ends each piece."""
        numbers, nothing = self._numbers, len(self._numbers)
        rows: list[int] = []
        starts, words = [0], list[int]()
        for piece in features:
            rows += self._number_parts(piece)
            rows += [row for name in piece.near if (row := numbers.get(name)) is not None]
            words.append(len(rows) - starts[-1])
            rows += [row for name in piece.forms if (row := numbers.get(name)) is not None]
            if is_padded:
                rows.append(nothing)
            starts.append(len(rows))
        return TextNumbers(rows, starts, words)

    def _number_parts(self, piece: PieceFeatures) -> list[int]:
        """Most words of a text have been met before: what their parts are is remembered."""
        rows = self._met.get(piece.text)
        if rows is None:
            rows = [row for name in piece.parts if (row := self._numbers.get(name)) is not None]
            if len(self._met) >= _MET_LIMIT:
                self._met.clear()
            self._met[piece.text] = rows
        return rows

    def look_up_dense(self, text: str, pieces: Sequence[Piece], encoded: EncodedText | None) -> Floats | None:
        """The dense vectors of the pieces; None if nothing was learned from any."""
        import numpy as np

        parts: list[Floats] = []
        if self.encoder is not None:
            found = encoded or self.encoder.encode([text])[0]
            parts.append(align_encoded(pieces, found, self.knowledge.encoder_width))
        if self._vectors is not None:
            parts.append(look_up_vectors(pieces, self._vectors))
        return np.concatenate(parts, axis=1) if parts else None


def _find_vectors(knowledge: ReadingKnowledge, resources: NluResources) -> SentenceVectors | None:
    return read_vectors((resources.language[:2],)) if knowledge.vector_width else None
