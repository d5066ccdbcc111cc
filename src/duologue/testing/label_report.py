"""How well labels were predicted: precision, recall and F1 of each, and all together."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

NONE = "None"
"""Stands for a label that is missing."""


def report_labels(gold: Sequence[str | None], predicted: Sequence[str | None]) -> dict[str, Any]:
    """A report in the shape that scikit-learn and Rasa write as JSON: a mapping for each label, then the averages.

    Each label names those with which it is confused most (`confused_with`).
    """
    pairs = Counter(
        (expected or NONE, happened or NONE) for expected, happened in zip(gold, predicted, strict=True)
    )
    of_gold = _count(pairs, 0)
    of_predicted = _count(pairs, 1)
    labels = sorted({*of_gold, *of_predicted})
    rows = {
        label: _score(pairs[label, label], of_predicted[label], of_gold[label], _list_confused(label, pairs))
        for label in labels
    }
    total = sum(pairs.values())
    right = sum(pairs[label, label] for label in labels)
    return {
        **rows,
        "accuracy": right / total if total else 0.0,
        "macro avg": _average(list(rows.values()), [1] * len(rows), total),
        "weighted avg": _average(list(rows.values()), [row["support"] for row in rows.values()], total),
    }


def _count(pairs: Counter[tuple[str, str]], place: int) -> Counter[str]:
    counted: Counter[str] = Counter()
    for pair, count in pairs.items():
        counted[pair[place]] += count
    return counted


def _score(right: int, predicted: int, support: int, confused: dict[str, int]) -> dict[str, Any]:
    precision = right / predicted if predicted else 0.0
    recall = right / support if support else 0.0
    return {
        "precision": precision,
        "recall": recall,
        "f1-score": 2 * precision * recall / (precision + recall) if right else 0.0,
        "support": support,
        "confused_with": confused,
    }


def _list_confused(label: str, pairs: Counter[tuple[str, str]]) -> dict[str, int]:
    others = [(other, count) for (gold, other), count in pairs.items() if gold == label != other]
    return dict(sorted(others, key=lambda item: (-item[1], item[0]))[:3])


def _average(rows: Sequence[dict[str, Any]], weights: Sequence[int], total: int) -> dict[str, Any]:
    weight = sum(weights)
    return {
        **{
            name: sum(row[name] * share for row, share in zip(rows, weights, strict=True)) / weight
            if weight
            else 0.0
            for name in ("precision", "recall", "f1-score")
        },
        "support": total,
    }
