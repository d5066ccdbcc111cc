"""How alike a message is to all of a flow's examples together, little words and word order included."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log, sqrt

import msgspec

from duologue.understanding.text_features import words_of


class WordingIndex(msgspec.Struct, frozen=True, kw_only=True):
    """For each flow the words and pairs of words of its examples, and how much each counts."""

    centres: tuple[dict[str, float], ...]
    rarity: dict[str, float]
    unknown: float
    """The rarity of a word that no example has."""


def build_wording_index(examples: Sequence[Sequence[str]]) -> WordingIndex:
    """Index the examples of every flow; one row of texts for each flow."""
    counted = [[_counts(words_of(text)) for text in texts] for texts in examples]
    spread = Counter(feature for rows in counted for feature in {feature for row in rows for feature in row})
    flows = len(examples)
    rarity = {feature: log((1 + flows) / (1 + count)) + 1 for feature, count in spread.items()}
    return WordingIndex(
        centres=tuple(_centre(rows, rarity) for rows in counted),
        rarity=rarity,
        unknown=log(1 + flows) + 1,
    )


def likeness_to_flows(words: Sequence[str], flows: Iterable[int], index: WordingIndex) -> dict[int, float]:
    """The cosine between the message and the middle of each flow's examples; flows without any are left out."""
    vector = list(_vector(_counts(words), index.rarity, index.unknown).items())
    alike: dict[int, float] = {}
    for number in flows:
        if centre := index.centres[number]:
            alike[number] = sum([weight * centre[feature] for feature, weight in vector if feature in centre])
    return alike


def _counts(words: Sequence[str]) -> Counter[str]:
    counts = Counter("#" if word.isdigit() else word for word in words)
    counts.update(f"{left} {right}" for left, right in pairwise(words))
    return counts


def _vector(counts: Counter[str], rarity: dict[str, float], unknown: float) -> dict[str, float]:
    weights = {feature: (1 + log(count)) * rarity.get(feature, unknown) for feature, count in counts.items()}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {feature: weight / length for feature, weight in weights.items()}


def _centre(rows: Sequence[Counter[str]], rarity: dict[str, float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for row in rows:
        for feature, weight in _vector(row, rarity, 0.0).items():
            total[feature] = total.get(feature, 0.0) + weight
    length = sqrt(sum(weight * weight for weight in total.values())) or 1.0
    return {feature: weight / length for feature, weight in total.items()}
