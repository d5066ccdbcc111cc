"""A text's vectors, seen by how near they are to vectors of some examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from duologue.understanding.nlu.features.views import ENCODED, LIGHT, OTHER, WORDS

if TYPE_CHECKING:
    from duologue.understanding.nlu.features.arrays import Floats

MOST_LANDMARKS = 1280
_SHARES = {LIGHT: 0.5, ENCODED: 1.0, WORDS: 1.0, OTHER: 1.0}
"""How much one view counts beside others."""
_CENTRE_TRUST, _SPREAD_TRUST = 20.0, 200.0
"""How many examples it takes to believe their own middle and spread half."""
_JITTER = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmarks:
    """Examples in one view that others are compared with, and how vectors are brought to one scale first."""

    centre: Floats
    scale: Floats
    points: Floats
    """One row for each landmark, of length 1."""

    def compare(self, vectors: Floats) -> Floats:
        """How near each vector is to each landmark: 1 for the same, towards 0 for others."""
        return _measure(self.place(vectors), self.points)

    def place(self, vectors: Floats) -> Floats:
        """The vectors on one scale, of length 1."""
        return _bring_to_length_one((vectors - self.centre) * self.scale)


@dataclass(frozen=True, kw_only=True, slots=True)
class Meanings:
    """The same examples in every view that there is."""

    views: Mapping[str, Landmarks]
    is_direct: bool = False
    """Whether the vectors themselves stand beside nearness: some of the examples do not span them all."""

    def compare(self, views: Mapping[str, Floats]) -> Floats:
        """How near each text is to each landmark in those views of it that are given, and what else is looked at."""
        import numpy as np

        nearness = sum_up({name: self.views[name].compare(vectors) for name, vectors in views.items()})
        if not self.is_direct:
            return nearness
        # A view that this text does not have counts as its middle: it speaks for no label.
        direct = [
            one.place(views[name]) if name in views else np.zeros((len(nearness), len(one.centre)))
            for name, one in self.views.items()
        ]
        return np.concatenate([nearness, *direct], axis=1, dtype=np.float32)

    def whiten(self) -> Floats:
        """What turns nearness into coordinates in which all directions count the same."""
        import numpy as np

        nearness = sum_up({name: _measure(one.points, one.points) for name, one in self.views.items()})
        nearness = nearness.astype(np.float64)
        nearness[np.diag_indices_from(nearness)] += _JITTER
        return np.linalg.inv(np.linalg.cholesky(nearness)).T.astype(np.float32)


def choose_meanings(views: Mapping[str, Floats]) -> Meanings:
    """Every n-th example, so that all parts of the data have their share if they come in order."""
    return Meanings(
        views={name: _choose_landmarks(vectors) for name, vectors in views.items()},
        is_direct=any(len(vectors) > MOST_LANDMARKS for vectors in views.values()),
    )


def sum_up(parts: Mapping[str, Floats]) -> Floats:
    """The average over views, some counting more than others."""
    import numpy as np

    total = sum(_SHARES[name] for name in parts)
    return np.sum([part * np.float32(_SHARES[name] / total) for name, part in parts.items()], axis=0)


def _choose_landmarks(vectors: Floats) -> Landmarks:
    import numpy as np

    count = len(vectors)
    centre = vectors.mean(axis=0) * (count / (count + _CENTRE_TRUST))
    spread = vectors.var(axis=0)
    spread = (count * spread + _SPREAD_TRUST * spread.mean()) / (count + _SPREAD_TRUST)
    scale = 1 / np.sqrt(spread + 1e-8)
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_LANDMARKS)).round().astype(np.int64))
    placed = _bring_to_length_one((vectors[chosen] - centre) * scale)
    return Landmarks(
        centre=centre.astype(np.float32),
        scale=scale.astype(np.float32),
        points=placed.astype(np.float16).astype(np.float32),
    )


def _measure(vectors: Floats, points: Floats) -> Floats:
    import numpy as np

    return np.exp(2 * (vectors @ points.T - 1))


def _bring_to_length_one(vectors: Floats) -> Floats:
    import numpy as np

    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
