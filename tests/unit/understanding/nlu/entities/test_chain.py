"""The likeliest labels, their likelihoods and the slopes agree with counting out every sequence."""

from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from duologue.understanding.nlu.entities.chain import (
    find_best,
    list_steps,
    measure_slopes,
    weigh,
    weigh_steps,
)
from duologue.understanding.nlu.entities.labels import EntityKind, LabelSet

_LABELS = LabelSet([EntityKind("city"), EntityKind("date")])
_PIECES = 4


def _draw(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    chance = np.random.default_rng(seed)
    size = _LABELS.size
    return (
        chance.normal(0, 2, (_PIECES, size)).astype(np.float32),
        chance.normal(0, 1, (size, size)).astype(np.float32),
    )


def _list_ways(scores: NDArray[np.float32], transitions: NDArray[np.float32]) -> dict[tuple[int, ...], float]:
    """Every lawful sequence with its score."""
    ways: dict[tuple[int, ...], float] = {}
    for way in product(range(_LABELS.size), repeat=_PIECES):
        steps = list(zip((*way,), (*way[1:], 0), strict=True))
        if _LABELS.is_first[way[0]] and all(_LABELS.allowed[step] for step in steps):
            ways[way] = sum(float(scores[place, label]) for place, label in enumerate(way)) + sum(
                float(transitions[step]) for step in steps
            )
    return ways


@pytest.mark.parametrize("seed", range(3))
def test_the_likeliest_sequence_is_the_best_of_all(seed: int) -> None:
    scores, transitions = _draw(seed)
    ways = _list_ways(scores, transitions)
    weights = weigh(scores, weigh_steps(transitions, _LABELS), _LABELS)
    best = find_best(scores, list_steps(transitions, _LABELS), weights, _LABELS)
    assert tuple(best) == max(ways, key=lambda way: ways[way])


def test_likelihoods_are_shares_of_all_sequences() -> None:
    scores, transitions = _draw(7)
    ways = _list_ways(scores, transitions)
    total = sum(np.exp(score) for score in ways.values())
    weights = weigh(scores, weigh_steps(transitions, _LABELS), _LABELS)
    for place, label in product(range(_PIECES), range(_LABELS.size)):
        share = sum(np.exp(score) for way, score in ways.items() if way[place] == label) / total
        assert weights[place, label] == pytest.approx(share, abs=1e-4)


def test_slopes_are_what_is_believed_less_what_is_true() -> None:
    scores, transitions = _draw(3)
    ways = _list_ways(scores, transitions)
    total = sum(np.exp(score) for score in ways.values())
    truth = np.array([[0, 1, 3, 8, 0]], dtype=np.int32)
    is_piece = np.array([[True] * _PIECES + [False]])
    padded = np.concatenate([scores, np.zeros((1, _LABELS.size), dtype=np.float32)])[None]
    slopes = measure_slopes(padded, transitions, truth, is_piece, _LABELS)
    single = 8
    share = sum(np.exp(score) for way, score in ways.items() if way[3] == single) / total
    assert slopes.scores[0, 3, single] == pytest.approx(share - 1, abs=1e-4)
    assert not slopes.scores[0, _PIECES].any()
    begin, end = 1, 3
    pairs = sum(
        np.exp(score) * sum(step == (begin, end) for step in pairwise(way)) for way, score in ways.items()
    )
    assert slopes.transitions[begin, end] == pytest.approx(pairs / total - 1, abs=1e-4)


def test_a_long_text_with_large_scores_is_still_weighed() -> None:
    size = _LABELS.size
    scores = np.random.default_rng(1).normal(0, 10, (900, size)).astype(np.float32)
    transitions = np.full((size, size), 9, dtype=np.float32)
    weights = weigh(scores, weigh_steps(transitions, _LABELS), _LABELS)
    assert np.allclose(weights.sum(axis=1), 1)
    assert len(find_best(scores, list_steps(transitions, _LABELS), weights, _LABELS)) == 900
