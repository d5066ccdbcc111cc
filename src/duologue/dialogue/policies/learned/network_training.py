"""How the small network learns: gradient descent over batches, the same each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from duologue.dialogue.policies.learned.network import Network, to_shares
from duologue.dialogue.policies.learned.window import Features, find_group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from duologue.dialogue.policies.learned.network import Array

    Places = NDArray[np.int64]

_HIDDEN = 96
_BATCH = 64
_MOST_STEPS = 1500
_MOST_EPOCHS, _LEAST_EPOCHS = 150, 6
_LEFT_OUT = 0.25
"""Share of the input that is left out at each step, so that no single feature decides."""
_BARE = 0.25
"""How often all groups are left out that may be, so that nothing is left of an example but its core."""
_DECAY = 2e-5
_MEAN_PACE, _SPREAD_PACE = 0.1, 0.01
_SMALL_PRODUCT = 200_000
"""Multiplications in one product of matrices: above this number libraries begin to use several threads,
which takes longer for matrices like ours and adds up in another order each time."""


class TrainingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the network is to learn."""

    features: Sequence[Features]
    dense: Array | None = None
    """Further numbers of each example, the vectors of its words."""
    labels: Sequence[tuple[int, ...]]
    """Of each example, the places of its labels; of exclusive ones it is right to choose any of them."""
    weights: Sequence[float]
    names: tuple[str, ...]
    """Of the labels."""
    is_exclusive: bool = True
    """Exactly one label is right; otherwise each label is judged by itself."""
    trust: Sequence[float] = ()
    """Of each label, how far it is preferred where an example has several; nothing for all the same."""
    hidden: Mapping[str, float] = {}
    """How often each group of features is left out as a whole; then what is of no group is never left out."""
    seed: int = 0


def train_network(plan: TrainingPlan) -> Network:
    """Learn; the same plan always gives the same weights."""
    import numpy as np

    vocabulary = sorted({name for features in plan.features for name in features})
    rows = {name: row for row, name in enumerate(vocabulary)}
    training = _Training(plan, rows, np.random.default_rng(plan.seed))
    training.run()
    return Network(vocabulary, plan.names, training.list_weights(), is_exclusive=plan.is_exclusive)


class _Training:
    """Weights on their way; of the first layer only the rows move whose features are in a batch."""

    def __init__(self, plan: TrainingPlan, rows: Mapping[str, int], random: np.random.Generator) -> None:
        import numpy as np

        self._random = random
        self._is_exclusive = plan.is_exclusive
        self._places, self._values = _fill_inputs(plan.features, rows)
        self._groups, self._hidden = _group(rows, plan.hidden)
        self._dense = plan.dense
        self._targets = _fill_targets(plan)
        self._shares = np.asarray(plan.weights, dtype=np.float32)
        labels = len(plan.names)
        self._trust = np.asarray(plan.trust or [1.0] * labels, dtype=np.float32)
        # The last row stands for no feature at all and is never learned.
        self._named = _Weight(_draw(random, (len(rows) + 1, _HIDDEN), 0.3))
        self._named.value[-1] = 0.0
        width = 0 if plan.dense is None else plan.dense.shape[1]
        self._numbered = _Weight(_draw(random, (width, _HIDDEN), 0.1))
        self._first_bias = _Weight(np.zeros((1, _HIDDEN), dtype=np.float32))
        self._second = _Weight(_draw(random, (_HIDDEN, labels), _HIDDEN**-0.5))
        self._second_bias = _Weight(np.zeros((1, labels), dtype=np.float32))

    def list_weights(self) -> list[Array]:
        """The weights as a network has them."""
        import numpy as np

        first = np.concatenate([self._named.value[:-1], self._numbered.value])
        return [first, self._first_bias.value[0], self._second.value, self._second_bias.value[0]]

    def run(self) -> None:
        """Go through the examples until enough steps are taken."""
        count = len(self._values)
        each = -(-count // _BATCH)
        epochs = min(_MOST_EPOCHS, max(_LEAST_EPOCHS, _MOST_STEPS // each))
        for epoch in range(epochs):
            rate = 0.006 * (1.0 - epoch / epochs) + 0.0002
            order = self._random.permutation(count)
            for start in range(0, count, _BATCH):
                self._take_step(order[start : start + _BATCH], rate)

    def _take_step(self, chosen: Places, rate: float) -> None:
        import numpy as np

        places = self._places[chosen]
        values = self._values[chosen] * self._choose_shown(places) * np.float32(1 / (1 - _LEFT_OUT))
        dense = None if self._dense is None else self._dense[chosen]
        hidden = np.einsum("bk,bkh->bh", values, self._named.value[places]) + self._first_bias.value
        if dense is not None:
            hidden += _multiply(dense, self._numbered.value)
        np.maximum(hidden, 0.0, out=hidden)
        scores = _multiply(hidden, self._second.value) + self._second_bias.value
        judged = to_shares(scores, is_exclusive=self._is_exclusive)
        shares = self._shares[chosen]
        error = (judged - self._find_wanted(chosen, judged)) * (shares / shares.sum())[:, None]
        back = _multiply(error, self._second.value.T) * (hidden > 0)
        self._second.move(_multiply(hidden.T, error), rate)
        self._second_bias.move(error.sum(axis=0, keepdims=True), rate)
        self._first_bias.move(back.sum(axis=0, keepdims=True), rate)
        if dense is not None:
            self._numbered.move(_multiply(dense.T, back), rate)
        self._move_named(places, values, back, rate)

    def _choose_shown(self, places: Places) -> Array:
        """Which features of a batch are seen in this step: not all, so that each has to do without the others."""
        import numpy as np

        kept = self._random.random(places.shape, dtype=np.float32) >= _LEFT_OUT
        if len(self._hidden) == 1:
            return kept.astype(np.float32)
        shown = self._random.random((len(places), len(self._hidden)), dtype=np.float32) >= self._hidden
        shown[:, self._hidden > 0] &= self._random.random((len(places), 1), dtype=np.float32) >= _BARE
        groups = self._groups[places]
        kept |= groups == len(self._hidden) - 1
        return (kept & np.take_along_axis(shown, groups, axis=1)).astype(np.float32)

    def _find_wanted(self, chosen: Places, judged: Array) -> Array:
        """What should have come out; of several labels each as far as it is believed already."""
        import numpy as np

        wanted = self._targets[chosen]
        if not self._is_exclusive:
            return wanted
        wanted = wanted * (judged + np.float32(1e-6)) * self._trust
        return wanted / wanted.sum(axis=1, keepdims=True)

    def _move_named(self, places: Places, values: Array, back: Array, rate: float) -> None:
        import numpy as np

        rows, where = np.unique(places, return_inverse=True)
        spread = np.zeros((len(rows), len(places)), dtype=np.float32)
        columns = np.broadcast_to(np.arange(len(places))[:, None], places.shape)
        spread[where.reshape(places.shape), columns] = values
        known = rows < len(self._named.value) - 1
        self._named.move(_multiply(spread[known], back), rate, rows=rows[known])


class _Weight:
    """A matrix that Adam moves."""

    def __init__(self, value: Array) -> None:
        import numpy as np

        self.value = value
        self._mean = np.zeros_like(value)
        self._spread = np.zeros_like(value)
        self._steps = 0

    def move(self, gradient: Array, rate: float, rows: Places | None = None) -> None:
        """One step against the gradient; of `rows` only, if they are given."""
        import numpy as np

        self._steps += 1
        part = slice(None) if rows is None else rows
        value, mean, spread = self.value[part], self._mean[part], self._spread[part]
        gradient = np.add(gradient, np.float32(_DECAY) * value, dtype=np.float32)
        mean += np.float32(_MEAN_PACE) * (gradient - mean)
        spread += np.float32(_SPREAD_PACE) * (gradient * gradient - spread)
        pace = rate * (1 - (1 - _SPREAD_PACE) ** self._steps) ** 0.5 / (1 - (1 - _MEAN_PACE) ** self._steps)
        self.value[part] = value - np.float32(pace) * mean / (np.sqrt(spread) + np.float32(1e-7))
        self._mean[part], self._spread[part] = mean, spread


def _multiply(left: Array, right: Array) -> Array:
    """The product of two matrices, in parts small enough for one thread."""
    import numpy as np

    each = max(1, _SMALL_PRODUCT // max(1, right.shape[0] * right.shape[1]))
    if len(left) <= each:
        return left @ right
    parts = [left[start : start + each] @ right for start in range(0, len(left), each)]
    return np.concatenate(parts)


def _draw(random: np.random.Generator, shape: tuple[int, int], size: float) -> Array:
    import numpy as np

    return random.standard_normal(shape, dtype=np.float32) * np.float32(size)


def _fill_inputs(examples: Sequence[Features], rows: Mapping[str, int]) -> tuple[Places, Array]:
    """Of each example the rows of its features and their values, filled up to the longest."""
    import numpy as np

    longest = max(len(features) for features in examples)
    places = np.full((len(examples), longest), len(rows), dtype=np.int64)
    values = np.zeros((len(examples), longest), dtype=np.float32)
    for number, features in enumerate(examples):
        for position, (name, value) in enumerate(features.items()):
            places[number, position] = rows[name]
            values[number, position] = value
    return places, values


def _group(rows: Mapping[str, int], hidden: Mapping[str, float]) -> tuple[Places, Array]:
    """Of each feature the place of its group, and how often each group is hidden; what has none comes last, never."""
    import numpy as np

    names = sorted(hidden)
    groups = np.full(len(rows) + 1, len(names), dtype=np.int64)
    for name, row in rows.items():
        if (group := find_group(name)) in hidden:
            groups[row] = names.index(group)
    return groups, np.asarray([*(hidden[name] for name in names), 0.0], dtype=np.float32)


def _fill_targets(plan: TrainingPlan) -> Array:
    import numpy as np

    targets = np.zeros((len(plan.labels), len(plan.names)), dtype=np.float32)
    for number, labels in enumerate(plan.labels):
        targets[number, list(labels)] = 1.0
    return targets
