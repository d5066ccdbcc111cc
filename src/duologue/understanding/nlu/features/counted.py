"""All that is counted of a text, laid out in a fixed number of columns."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

import msgspec

from duologue.understanding.nlu.component import NluResources
from duologue.understanding.nlu.features.ngrams import NgramCounter, NgramTable, learn_ngrams
from duologue.understanding.nlu.features.patterns import PatternFinder, PatternTable, gather_patterns
from duologue.understanding.nlu.features.recipe import FeatureRecipe
from duologue.understanding.nlu.message import Token

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats, Places

_PATTERN_WEIGHT = 0.3


class CountedTables(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned about counted features."""

    ngrams: tuple[NgramTable, ...]
    patterns: PatternTable

    def count_columns(self) -> int:
        """The width of a row."""
        return sum(len(table.pieces) for table in self.ngrams) + len(self.patterns.patterns)


class CountedFeatures:
    """Lays out texts as rows; the words of each have length 1."""

    def __init__(self, tables: CountedTables) -> None:
        self._counters = tuple(NgramCounter(table) for table in tables.ngrams)
        self._starts: list[int] = []
        start = 0
        for table in tables.ngrams:
            self._starts.append(start)
            start += len(table.pieces)
        self._share = 1 / sqrt(max(1, len(tables.ngrams)))
        self._patterns = PatternFinder(tables.patterns)
        self._first_pattern = start
        self.width = tables.count_columns()

    def lay_out(self, text: str, tokens: Sequence[Token]) -> tuple[Places, Floats]:
        """The columns that are not zero, each once, and what stands in them."""
        import numpy as np

        columns: list[int] = []
        values: list[float] = []
        for counter, start in zip(self._counters, self._starts, strict=True):
            for column, weight in counter.weigh(text, tokens):
                columns.append(start + column)
                values.append(weight * self._share)
        found = self._patterns.find(text)
        columns.extend(self._first_pattern + place for place in found)
        values.extend([_PATTERN_WEIGHT] * len(found))
        return np.array(columns, dtype=np.int64), np.array(values, dtype=np.float32)


def learn_counted(
    recipe: FeatureRecipe, texts: Sequence[tuple[str, Sequence[Token]]], resources: NluResources, *, most: int
) -> CountedTables:
    """What the examples hold of everything that the recipe counts; at most so many pieces of one kind."""
    patterns = (
        gather_patterns(recipe.patterns, resources)
        if recipe.patterns is not None
        else PatternTable(patterns=())
    )
    return CountedTables(
        ngrams=tuple(learn_ngrams(options, texts, most=most) for options in recipe.list_ngrams()),
        patterns=patterns,
    )
