"""The vectors of a text that a model compares with its examples: of its words, of an encoder, of other featurizers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from duologue.ports.sentence_encoder import EncodedText
from duologue.understanding.vectors.sentence_vectors import read_vectors

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats

LIGHT, ENCODED, WORDS, OTHER = "light", "encoded", "words", "other"


def gather_views(
    texts: Sequence[str],
    *,
    names: Sequence[str],
    language: str,
    encoded: Sequence[EncodedText] | None = None,
    dense: Sequence[Floats] | None = None,
) -> dict[str, Floats]:
    """The vectors of all texts, by the name of the view; one row a text."""
    import numpy as np

    views: dict[str, Floats] = {}
    if LIGHT in names:
        views[LIGHT] = read_vectors((language.partition("-")[0],)).embed(texts)
    if ENCODED in names and encoded is not None:
        views[ENCODED] = np.stack([one.sentence for one in encoded]).astype(np.float32)
    if WORDS in names and encoded is not None:
        views[WORDS] = np.stack([average(one.tokens) for one in encoded])
    if OTHER in names and dense is not None:
        views[OTHER] = np.stack(dense).astype(np.float32)
    return views


def average(tokens: Floats) -> Floats:
    """The middle of some vectors; zeros for none."""
    import numpy as np

    return tokens.sum(axis=0, dtype=np.float32) / max(1, len(tokens))
