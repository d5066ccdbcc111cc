"""Words of other languages get the vectors of the English words that a multilingual model holds nearest."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from wordfreq import top_n_list, word_frequency

Matrix = NDArray[np.float32]

WORDS = {"de": 7000, "fr": 5000, "es": 5000, "it": 4500, "nl": 4500, "pt": 4000}
ENGLISH_WORDS = 12_000
_NEIGHBOURS, _SHARPNESS, _RIDGE, _LINEAR_SHARE = 8, 0.03, 3.0, 0.5
_WORD = re.compile(r"^[^\W\d_]{2,}(?:'[^\W\d_]+)?$")


def list_words(language: str, count: int) -> list[str]:
    """The most common words of a language."""
    return [word for word in top_n_list(language, count) if _WORD.match(word)]


class Known(NamedTuple):
    """Words of one language and what the multilingual model makes of them."""

    words: Sequence[str]
    language: str
    rows: Matrix


def translate_vectors(foreign: Known, english: Known, vectors: Matrix) -> Matrix:
    """Vectors for the foreign words, in the space of the English words' light `vectors`."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = vectors / np.maximum(lengths, 1e-6)
    known, unknown = _centred(english.rows), _centred(foreign.rows)
    linear = _unit(unknown @ _regress(known, directions))
    alike = unknown @ known.T
    nearest = np.argpartition(-alike, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    near = np.take_along_axis(alike, nearest, 1)
    share = np.exp((near - near.max(axis=1, keepdims=True)) / _SHARPNESS)
    share /= share.sum(axis=1, keepdims=True)
    by_neighbours = _unit((share[:, :, None] * directions[nearest]).sum(axis=1))
    telling = (share * lengths[nearest, 0]).sum(axis=1)
    usual = np.polyfit(_rarity(english), lengths[:, 0], 2)
    length = 0.5 * np.polyval(usual, _rarity(foreign)) + 0.5 * telling
    return _unit(_LINEAR_SHARE * linear + (1 - _LINEAR_SHARE) * by_neighbours) * length[:, None]


def _regress(rows: Matrix, wanted: Matrix) -> Matrix:
    return np.linalg.solve(rows.T @ rows + _RIDGE * np.eye(rows.shape[1]), rows.T @ wanted)


def _rarity(known: Known) -> Matrix:
    return np.log(np.array([word_frequency(word, known.language) for word in known.words]) + 1e-8)


def _centred(rows: Matrix) -> Matrix:
    return _unit(rows - rows.mean(axis=0))


def _unit(rows: Matrix) -> Matrix:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
