"""Counted pieces as numbers: which ones the examples hold, and how telling each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log, sqrt

import msgspec

from duologue.understanding.nlu.features.ngram_pieces import PieceReader
from duologue.understanding.nlu.features.recipe import NgramOptions
from duologue.understanding.nlu.message import Token

MOST_PIECES = 100_000
"""Of one set of options: rarer ones say least."""


class NgramTable(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces that one set of options found in the examples."""

    options: NgramOptions
    pieces: tuple[str, ...]
    rarities: tuple[float, ...]
    """How telling each piece is: the logarithm of how few examples hold it."""
    words: tuple[str, ...] = ()
    """The words of the examples, where others count as unknown."""


class NgramCounter:
    """Turns texts into (column, weight) pairs of length 1."""

    def __init__(self, table: NgramTable) -> None:
        self._reader = PieceReader(table.options, frozenset(table.words) or None)
        self._columns = {piece: column for column, piece in enumerate(table.pieces)}
        self._rarities = table.rarities

    def weigh(self, text: str, tokens: Sequence[Token]) -> list[tuple[int, float]]:
        """The known pieces of a text; frequent ones count less than in proportion."""
        columns = self._columns
        counts = Counter(
            column for piece in self._reader.read(text, tokens) if (column := columns.get(piece)) is not None
        )
        weights = [
            (column, (1 + log(count) if count > 1 else 1.0) * self._rarities[column])
            for column, count in counts.items()
        ]
        length = sqrt(sum(weight * weight for _, weight in weights))
        return [(column, weight / length) for column, weight in weights]


def learn_ngrams(
    options: NgramOptions, texts: Iterable[tuple[str, Sequence[Token]]], *, most: int = MOST_PIECES
) -> NgramTable:
    """The pieces of the examples that the options let through; at most so many, the frequent ones first."""
    given = list(texts)
    reader = PieceReader(options)
    spread: Counter[str] = Counter()
    for text, tokens in given:
        spread.update(set(reader.read(text, tokens)))
    bounds = _count(options.min_df, len(given)), _count(options.max_df, len(given))
    kept = [(piece, count) for piece, count in spread.items() if bounds[0] <= count <= bounds[1]]
    kept.sort(key=lambda pair: (-pair[1], pair[0]))
    kept = sorted(kept[: min(options.max_features or most, most)])
    words: set[str] = set()
    if options.oov_token:
        words = {word for text, tokens in given for word in reader.read_words(text, tokens)}
    return NgramTable(
        options=options,
        pieces=tuple(piece for piece, _ in kept),
        rarities=tuple(round(1 + log((1 + len(given)) / (1 + count)), 4) for _, count in kept),
        words=tuple(sorted(words)),
    )


def _count(bound: int | float, examples: int) -> float:
    """A whole number counts examples, a fraction is a share of them."""
    return bound if isinstance(bound, int) else bound * examples
