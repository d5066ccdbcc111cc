"""How alike a message is to all of a flow's examples together, little words and word order included."""

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

import msgspec

from duologue.understanding.text_features import words_of


class WordingIndex(msgspec.Struct, frozen=True, kw_only=True):
    """For each word and pair of words the flows whose examples use it, and how much."""

    postings: dict[str, tuple[tuple[int, float], ...]]
    rarity: dict[str, float]
    unknown: float
    """The rarity of a word that no example has."""


def build_wording_index(examples: Sequence[Sequence[str]]) -> WordingIndex:
    """Index the examples of every flow; one row of texts for each flow."""
    counted = [[_counts(text) for text in texts] for texts in examples]
    spread = Counter(feature for rows in counted for feature in set().union(*rows))
    flows = len(examples)
    rarity = {feature: log((1 + flows) / (1 + count)) + 1 for feature, count in spread.items()}
    postings: dict[str, list[tuple[int, float]]] = {}
    for number, rows in enumerate(counted):
        for feature, weight in _centre(rows, rarity).items():
            postings.setdefault(feature, []).append((number, weight))
    return WordingIndex(
        postings={feature: tuple(places) for feature, places in postings.items()},
        rarity=rarity,
        unknown=log(1 + flows) + 1,
    )


def likeness_to_flows(text: str, index: WordingIndex) -> dict[int, float]:
    """The cosine between the message and the middle of each flow's examples."""
    vector = _vector(_counts(text), index.rarity, index.unknown)
    alike: dict[int, float] = {}
    for feature, weight in vector.items():
        for number, strength in index.postings.get(feature, ()):
            alike[number] = alike.get(number, 0.0) + weight * strength
    return alike


def _counts(text: str) -> Counter[str]:
    words = words_of(text)
    counts = Counter("#" if word.isdigit() else word for word in words)
    counts.update(f"{left} {right}" for left, right in zip(words, words[1:], strict=False))
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
