"""Weights of counted pieces: a linear machine with margins that mends what comparing meanings gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from duologue.understanding.nlu.features.scrambling import scramble

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats, Places

_ROUNDS = 6
_STILL = 1e-4
"""A smaller change of an example's pull is not worth writing down."""
_CALM = 0.01
"""An example that changed less than this is left out of the next turn."""
_OWN_SHARE = 0.5
"""How much of its own pull an example would miss; others of its kind would take over the rest."""


class MarginLesson(msgspec.Struct, frozen=True, kw_only=True):
    """Examples as the pieces that they hold."""

    rows: Sequence[tuple[Places, Floats]]
    """Columns, each once, and what stands in them."""
    width: int
    offsets: Floats
    """What others already say of each example and label: 1 for surely so, -1 for surely not."""
    labels: Places
    """-1 for an example that is none of the labels."""
    costs: Floats
    """The price of a missed margin, for each example."""


class Margins(msgspec.Struct, frozen=True, kw_only=True):
    """What came out."""

    weights: Floats
    """Shape (width, labels)."""
    bias: Floats
    unseen: Floats
    """About what each example would hear, beside its offset, if it had not been learned from."""


def widen_margins(lesson: MarginLesson) -> Margins:
    """Learn one label against all others, with squared loss below the margin; all labels at once.

    Each step solves one example's part of the dual problem exactly and leaves the others alone.
    """
    import numpy as np

    count, labels = lesson.offsets.shape
    weights = np.zeros((lesson.width, labels), dtype=np.float32)
    bias = np.zeros(labels, dtype=np.float32)
    pulls = np.zeros((count, labels), dtype=np.float32)
    signs = -np.ones((count, labels), dtype=np.float32)
    labelled = np.flatnonzero(lesson.labels >= 0)
    signs[labelled, lesson.labels[labelled]] = 1
    slacks = (0.5 / lesson.costs).astype(np.float32)
    sizes = np.array([values @ values + 1 for _, values in lesson.rows], dtype=np.float32)
    resting = np.zeros(count, dtype=np.bool_)
    for turn in range(_ROUNDS):
        for number in _shuffle(count, turn):
            if resting[number]:
                resting[number] = False
                continue
            columns, values = lesson.rows[number]
            part, sign, pull = weights[columns], signs[number], pulls[number]
            slope = sign * (values @ part + bias + lesson.offsets[number]) - 1 + pull * slacks[number]
            changed = np.maximum(pull - slope / (sizes[number] + slacks[number]), 0)
            change = (changed - pull) * sign
            most = np.abs(change).max()
            resting[number] = turn > 0 and most < _CALM
            if most < _STILL:
                continue
            pulls[number] = changed
            part += values[:, None] * change
            weights[columns] = part
            # One label alone has nobody to be told from: its bias would hold for everything.
            bias += change if labels > 1 else 0
    heard = np.stack([values @ weights[columns] for columns, values in lesson.rows]) + bias
    own = pulls * signs * sizes[:, None] * _OWN_SHARE
    return Margins(weights=weights, bias=bias, unseen=heard - own)


def _shuffle(count: int, turn: int) -> list[int]:
    """Another order in each turn."""
    import numpy as np

    return list(map(int, np.argsort(scramble(np.arange(turn * count, (turn + 1) * count)), kind="stable")))
