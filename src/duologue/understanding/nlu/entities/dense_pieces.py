"""Dense vectors of pieces: from the encoder's word pieces, or from the light word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from duologue.understanding.nlu.entities.arrays import Floats
from duologue.understanding.nlu.entities.pieces import Piece
from duologue.understanding.text_features import fold
from duologue.understanding.vectors.sentence_vectors import SentenceVectors

if TYPE_CHECKING:
    from duologue.ports.sentence_encoder import EncodedText


def align_encoded(pieces: Sequence[Piece], encoded: EncodedText, width: int) -> Floats:
    """Each piece as the mean of the encoder's pieces that overlap it; zeros where none does."""
    import numpy as np

    if not len(encoded.spans):
        return np.zeros((len(pieces), width), dtype=np.float32)
    places = np.array([piece[1:] for piece in pieces], dtype=np.int32).reshape(-1, 2)
    overlaps = (encoded.spans[None, :, 0] < places[:, None, 1]) & (
        encoded.spans[None, :, 1] > places[:, None, 0]
    )
    shares = overlaps.astype(np.float32)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
    return shares @ encoded.tokens.astype(np.float32, copy=False)


def look_up_vectors(pieces: Sequence[Piece], vectors: SentenceVectors) -> Floats:
    """The light vector of each piece; zeros for words that have none."""
    import numpy as np

    found = np.zeros((len(pieces), vectors.width), dtype=np.float32)
    for place, piece in enumerate(pieces):
        vector = vectors.word(fold(piece.text))
        if vector is not None:
            found[place] = vector
    return found
