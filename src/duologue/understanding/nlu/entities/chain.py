"""Sequences of labels: the likeliest one, how sure each piece of it is, and the slopes to learn by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple, TypeAlias

from duologue.understanding.nlu.entities.arrays import Flags, Floats, Places
from duologue.understanding.nlu.entities.labels import OUTSIDE, LabelSet

_UNLIKELY = 2e-3
_TINY = 1e-30
_SAFE = 4
"""After so many pieces likelihoods are brought back to a size that numbers can hold."""

Steps: TypeAlias = Sequence[Sequence[float]]


class ChainSlopes(NamedTuple):
    """By how much scores and transitions should fall."""

    scores: Floats
    transitions: Floats


def weigh_steps(transitions: Floats, labels: LabelSet) -> Floats:
    """How much each lawful step from label to label adds to a sequence; nothing for those that are not."""
    import numpy as np

    return np.exp(transitions.astype(np.float64)) * labels.allowed


def list_steps(transitions: Floats, labels: LabelSet) -> Steps:
    """How well each label follows each other one, as plain numbers; minus infinity for steps that are not lawful."""
    import numpy as np

    return np.where(labels.allowed, transitions, -np.inf).tolist()


def weigh(scores: Floats, step_weights: Floats, labels: LabelSet) -> Floats:
    """How likely each label of each piece is, over all lawful sequences; shape (pieces, labels)."""
    import numpy as np

    local = np.exp((scores - scores.max(axis=1, keepdims=True)).astype(np.float64))
    forward, backward = np.empty_like(local), np.empty_like(local)
    forward[0] = local[0] * labels.is_first
    for place in range(1, len(local)):
        row = np.dot(forward[place - 1], step_weights, out=forward[place])
        row *= local[place]
        if not place % _SAFE:
            row /= row.sum() + _TINY
    # A text ends as if something outside followed.
    backward[-1] = step_weights[:, OUTSIDE]
    for place in range(len(local) - 2, -1, -1):
        row = np.dot(step_weights, local[place + 1] * backward[place + 1], out=backward[place])
        if not place % _SAFE:
            row /= row.sum() + _TINY
    weights = np.multiply(forward, backward, out=forward)
    weights /= weights.sum(axis=1, keepdims=True) + _TINY
    return weights


def find_best(scores: Floats, steps: Steps, weights: Floats, labels: LabelSet) -> list[int]:
    """The likeliest lawful sequence of those labels that are likely enough by themselves, and of outside."""
    import numpy as np

    likely = weights > _UNLIKELY
    likely[:, OUTSIDE] = True
    places, found = np.nonzero(likely)
    candidates: list[list[tuple[int, float]]] = [[] for _ in scores]
    for place, label, score in zip(
        places.tolist(), found.tolist(), scores[places, found].tolist(), strict=True
    ):
        candidates[place].append((label, score))
    ways = {label: (score, [label]) for label, score in candidates[0] if labels.is_first[label]}
    for here in candidates[1:]:
        ways = {
            label: (best[0] + score, [*best[1], label])
            for label, score in here
            if (best := _find_best_way(ways, label, steps))
        }
    ended = _find_best_way(ways, OUTSIDE, steps)
    return ended[1] if ended else [OUTSIDE] * len(scores)


def _find_best_way(
    ways: Mapping[int, tuple[float, list[int]]], label: int, steps: Steps
) -> tuple[float, list[int]] | None:
    """The best of the ways that a label may follow."""
    best, path = -inf, None
    for before, (score, way) in ways.items():
        total = score + steps[before][label]
        if total > best:
            best, path = total, way
    return None if path is None else (best, path)


def measure_slopes(
    scores: Floats,
    transitions: Floats,
    truth: Places,
    is_piece: Flags,
    labels: LabelSet,
) -> ChainSlopes:
    """How far what is believed is from the truth, for texts of one length.

    Every text ends with at least one place that holds no piece; such places are outside for certain, which teaches
    the transitions at the end of a text.
    """
    import numpy as np

    texts, places, size = scores.shape
    steps = np.exp(transitions) * labels.allowed
    local = np.exp(scores - scores.max(axis=-1, keepdims=True))
    local[~is_piece] = 0
    local[~is_piece, OUTSIDE] = 1
    forward, totals = _go_forward(local, steps, labels)
    onward = np.empty_like(local)
    believed = np.empty_like(local)
    backward = np.ones((texts, size), dtype=np.float32)
    back_steps = np.ascontiguousarray(steps.T)
    for place in range(places - 1, -1, -1):
        believed[:, place] = forward[:, place] * backward
        onward[:, place] = local[:, place] * backward / totals[:, place, None]
        backward = onward[:, place] @ back_steps
    believed /= believed.sum(axis=-1, keepdims=True) + _TINY
    pairs = (forward[:, :-1].reshape(-1, size).T @ onward[:, 1:].reshape(-1, size)) * steps
    np.subtract.at(pairs, (truth[:, :-1].ravel(), truth[:, 1:].ravel()), 1)
    at_text, at_place = np.nonzero(is_piece)
    believed[at_text, at_place, truth[is_piece]] -= 1
    believed[~is_piece] = 0
    return ChainSlopes(believed, pairs)


def _go_forward(local: Floats, steps: Floats, labels: LabelSet) -> tuple[Floats, Floats]:
    import numpy as np

    forward = np.empty_like(local)
    totals = np.empty(local.shape[:2], dtype=np.float32)
    reached = local[:, 0] * labels.is_first
    for place in range(local.shape[1]):
        if place:
            reached = (forward[:, place - 1] @ steps) * local[:, place]
        totals[:, place] = reached.sum(axis=-1) + _TINY
        forward[:, place] = reached / totals[:, place, None]
    return forward, totals
