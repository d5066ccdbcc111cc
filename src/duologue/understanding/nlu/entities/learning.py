"""Learning of the network: examples in small groups, Adam, and much left out so that it does not learn by heart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from duologue.core.errors import DefinitionError
from duologue.understanding.nlu.entities.arrays import Floats, Places
from duologue.understanding.nlu.entities.chain import measure_slopes
from duologue.understanding.nlu.entities.labels import OUTSIDE, LabelSet
from duologue.understanding.nlu.entities.network import REACHES, Network, look_around, look_back
from duologue.understanding.nlu.entities.piece_table import Batch, PieceTable, make_batch

if TYPE_CHECKING:
    Arrays = dict[str, Floats]

_FEATURES = "features"
_PRIOR = 0.2
"""How often a step that no example shows counts as seen."""
_FEW, _MANY = 1000, 4000
_FEWEST_STEPS = 300
_INERTIA, _SPREAD = 0.9, 0.999


class LearningPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how boldly to learn."""

    width: int = 96
    rounds: int = 10
    """How often every example is seen."""
    group: int = 64
    """Examples in one step."""
    speed: float = 3e-3
    hidden_words: float = 0.25
    """Share of pieces whose word is hidden."""
    left_out: float = 0.4
    """Share of numbers left out in each layer."""
    seed: int = 0


def plan_learning(examples: int, seed: int) -> LearningPlan:
    """Few examples are seen more often, in smaller groups, with more words hidden: the rest must do."""
    if examples < _FEW:
        groups = -(-max(examples, 1) // 16)
        rounds = max(4, -(-_FEWEST_STEPS // groups))
        return LearningPlan(group=16, rounds=rounds, speed=5e-3, hidden_words=0.5, seed=seed)
    if examples < _MANY:
        return LearningPlan(group=32, speed=4e-3, hidden_words=0.3, seed=seed)
    return LearningPlan(seed=seed)


class _Seen(NamedTuple):
    """What one pass left behind for the way back."""

    bag: _Bag
    first: Floats
    kept_first: Floats
    layers: list[tuple[Floats, Floats, Floats]]
    """Of each layer: what it looked at, what it made of it, what was kept."""
    hidden: Floats
    dense: Floats | None


class _Bag(NamedTuple):
    """The features of a group's pieces as a sparse matrix over those that occur in it."""

    matrix: _SparseMatrix
    used: Places


if TYPE_CHECKING:

    class _SparseMatrix:
        """What is used of scipy's matrix, which has no types of its own."""

        T: _SparseMatrix

        def __matmul__(self, other: Floats) -> Floats: ...


def learn(table: PieceTable, features: int, labels: LabelSet, plan: LearningPlan) -> Network:
    """The network that fits the examples; the same for the same examples and plan."""
    return _Learner(table, features, labels, plan).learn()


class _Learner:
    def __init__(self, table: PieceTable, features: int, labels: LabelSet, plan: LearningPlan) -> None:
        import numpy as np

        self._table, self._labels, self._plan = table, labels, plan
        self._chance = np.random.Generator(np.random.PCG64(plan.seed))
        dense_width = 0 if table.dense is None else table.dense.shape[1]
        self._arrays = self._begin(features, dense_width)
        self._means: Arrays = {name: np.zeros_like(array) for name, array in self._arrays.items()}
        self._squares: Arrays = {name: np.zeros_like(array) for name, array in self._arrays.items()}
        self._steps = 0

    def _begin(self, features: int, dense_width: int) -> Arrays:
        import numpy as np

        def draw(rows: int, columns: int, size: float) -> Floats:
            return self._chance.standard_normal((rows, columns), dtype=np.float32) * np.float32(size)

        width, size = self._plan.width, self._labels.size
        arrays: Arrays = {
            _FEATURES: draw(features, width, 0.1),
            "dense": draw(dense_width, width, max(dense_width, 1) ** -0.5),
            "bias": np.zeros(width, dtype=np.float32),
            "labels": draw(width, size, width**-0.5),
            "label_bias": np.zeros(size, dtype=np.float32),
            "transitions": self._count_steps(),
        }
        for layer in range(len(REACHES)):
            arrays[f"context_{layer}"] = draw(3 * width, width, (3 * width) ** -0.5)
            arrays[f"context_bias_{layer}"] = np.zeros(width, dtype=np.float32)
        return arrays

    def _count_steps(self) -> Floats:
        """How often a label follows another, as a beginning: steps that no example shows are unlikely."""
        import numpy as np

        labels = self._table.labels
        counts = np.full((self._labels.size, self._labels.size), _PRIOR, dtype=np.float32)
        is_last = np.zeros(len(labels), dtype=np.bool_)
        is_last[self._table.offsets[1:][self._table.lengths > 0] - 1] = True
        following = np.where(is_last, OUTSIDE, np.roll(labels, -1))
        np.add.at(counts, (labels, following), 1)
        return np.log(counts / counts.sum(axis=1, keepdims=True))

    def learn(self) -> Network:
        total = self._plan.rounds * self._count_groups()
        warm_up = 0.05 * total + 1
        for _ in range(self._plan.rounds):
            for examples in self._list_groups():
                share = self._steps / total
                speed = self._plan.speed * min(1.0, (self._steps + 1) / warm_up) * (1 - share)
                self._step(make_batch(self._table, examples), speed)
        layers = range(len(REACHES))
        return Network(
            features=self._arrays[_FEATURES],
            dense=self._arrays["dense"],
            bias=self._arrays["bias"],
            contexts=tuple(self._arrays[f"context_{layer}"] for layer in layers),
            context_biases=tuple(self._arrays[f"context_bias_{layer}"] for layer in layers),
            labels=self._arrays["labels"],
            label_bias=self._arrays["label_bias"],
            transitions=self._arrays["transitions"],
        )

    def _count_groups(self) -> int:
        return -(-int((self._table.lengths > 0).sum()) // self._plan.group)

    def _list_groups(self) -> Iterator[list[int]]:
        """Every example once, with others of about its length, in an order that chance gives."""
        import numpy as np

        lengths, size = self._table.lengths, self._plan.group
        order = self._chance.permutation(np.nonzero(lengths)[0])
        groups: list[list[int]] = []
        for first in range(0, len(order), size * 20):
            part = order[first : first + size * 20]
            part = part[np.argsort(lengths[part], kind="stable")]
            groups += [[int(example) for example in part[at : at + size]] for at in range(0, len(part), size)]
        for place in self._chance.permutation(len(groups)):
            yield groups[place]

    def _step(self, batch: Batch, speed: float) -> None:
        scores, seen = self._go_forward(batch)
        slopes = measure_slopes(
            scores, self._arrays["transitions"], batch.truth, batch.is_piece, self._labels
        )
        texts = len(batch.truth)
        found = self._go_back(slopes.scores / texts, seen, batch)
        found["transitions"] = slopes.transitions / texts
        self._steps += 1
        rate = speed * (1 - _SPREAD**self._steps) ** 0.5 / (1 - _INERTIA**self._steps)
        self._move(found, seen.bag.used, rate)

    def _go_forward(self, batch: Batch) -> tuple[Floats, _Seen]:
        import numpy as np

        arrays, width = self._arrays, self._plan.width
        bag = self._fill_bag(batch.pieces)
        summed = bag.matrix @ arrays[_FEATURES][bag.used] + arrays["bias"]
        dense = None
        if self._table.dense is not None:
            dense = self._table.dense[batch.pieces].astype(np.float32)
            summed += dense @ arrays["dense"]
        first = np.tanh(summed)
        hidden = np.zeros((*batch.is_piece.shape, width), dtype=np.float32)
        hidden[batch.is_piece] = first
        kept_first = self._leave_out(hidden)
        hidden *= kept_first
        is_piece = batch.is_piece[..., None].astype(np.float32)
        layers: list[tuple[Floats, Floats, Floats]] = []
        for layer, reach in enumerate(REACHES):
            around = look_around(hidden, reach)
            made = (
                around.reshape(-1, 3 * width) @ arrays[f"context_{layer}"] + arrays[f"context_bias_{layer}"]
            )
            made = np.maximum(made, 0).reshape(hidden.shape) * is_piece
            kept = self._leave_out(made)
            layers.append((around, made, kept))
            hidden = hidden + made * kept
        scores = hidden.reshape(-1, width) @ arrays["labels"] + arrays["label_bias"]
        return scores.reshape(*batch.is_piece.shape, -1), _Seen(bag, first, kept_first, layers, hidden, dense)

    def _go_back(self, slopes: Floats, seen: _Seen, batch: Batch) -> Arrays:
        import numpy as np

        arrays, width = self._arrays, self._plan.width
        flat = slopes.reshape(-1, self._labels.size)
        found: Arrays = {
            "labels": seen.hidden.reshape(-1, width).T @ flat,
            "label_bias": flat.sum(axis=0),
        }
        back = (flat @ arrays["labels"].T).reshape(seen.hidden.shape)
        for layer in reversed(range(len(REACHES))):
            around, made, kept = seen.layers[layer]
            inner = (back * kept * (made > 0)).reshape(-1, width)
            found[f"context_{layer}"] = around.reshape(-1, 3 * width).T @ inner
            found[f"context_bias_{layer}"] = inner.sum(axis=0)
            looked = (inner @ arrays[f"context_{layer}"].T).reshape(around.shape)
            back = back + look_back(looked, REACHES[layer])
        summed = (back * seen.kept_first)[batch.is_piece] * (1 - np.square(seen.first))
        found["bias"] = summed.sum(axis=0)
        if seen.dense is not None:
            found["dense"] = seen.dense.T @ summed
        found[_FEATURES] = seen.bag.matrix.T @ summed
        return found

    def _fill_bag(self, pieces: Places) -> _Bag:
        import numpy as np

        table = self._table
        starts = table.starts[pieces]
        counts = table.starts[pieces + 1] - starts
        ends = np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(counts)])
        inside = np.arange(int(ends[-1]), dtype=np.intp) - np.repeat(ends[:-1], counts)
        rows = table.rows[np.repeat(starts, counts) + inside]
        is_hidden = self._chance.random(len(pieces)) < self._plan.hidden_words
        hides = np.repeat(is_hidden, counts) & (inside < np.repeat(table.words[pieces], counts))
        used, columns = np.unique(rows, return_inverse=True)
        matrix = _make_sparse((~hides).astype(np.float32), columns, ends, (len(pieces), len(used)))
        return _Bag(matrix, used)

    def _leave_out(self, hidden: Floats) -> Floats:
        import numpy as np

        share = self._plan.left_out
        kept = self._chance.random(hidden.shape, dtype=np.float32) >= share
        return kept.astype(np.float32) / np.float32(1 - share)

    def _move(self, found: Arrays, used: Places, rate: float) -> None:
        """One step of Adam; features that did not occur stay as they are."""
        for name, slope in found.items():
            array, mean, square = self._arrays[name], self._means[name], self._squares[name]
            if name != _FEATURES:
                array -= _advance(mean, square, slope, rate)
                continue
            mean_rows, square_rows = mean[used], square[used]
            array[used] -= _advance(mean_rows, square_rows, slope, rate)
            mean[used], square[used] = mean_rows, square_rows


def _advance(mean: Floats, square: Floats, slope: Floats, rate: float) -> Floats:
    """How far to go, after the running mean and square took the slope in; all in place, as this is half the time."""
    import numpy as np

    mean *= _INERTIA
    mean += (1 - _INERTIA) * slope
    square *= _SPREAD
    np.square(slope, out=slope)
    slope *= 1 - _SPREAD
    square += slope
    way = np.sqrt(square, out=slope)
    way += 1e-8
    np.divide(mean, way, out=way)
    way *= rate
    return way


def _make_sparse(
    values: Floats,
    columns: Places,
    ends: Places,
    shape: tuple[int, int],
) -> _SparseMatrix:
    try:
        # scipy tells no types.
        from scipy.sparse import csr_matrix  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
    except ImportError:
        raise DefinitionError(
            'Learning to find entities needs scipy, which is not installed: pip install "duologue[nlu]".'
        ) from None
    return csr_matrix((values, columns, ends), shape=shape)  # pyright: ignore[reportReturnType]
