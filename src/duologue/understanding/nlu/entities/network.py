"""The small network that says how well each label fits each piece of a text."""

from __future__ import annotations

from dataclasses import dataclass

from duologue.understanding.nlu.entities.arrays import Floats, Places

REACHES = (1, 2)
"""How far each layer looks to either side; together three pieces."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """A piece is the sum of its features' vectors and its dense vector; two layers look at its neighbours."""

    features: Floats
    """Shape (features, width)."""
    dense: Floats
    """Shape (dense width, width); nothing if there are no dense vectors."""
    bias: Floats
    contexts: tuple[Floats, ...]
    """Each of shape (3 · width, width): what stands before, the piece, what stands behind."""
    context_biases: tuple[Floats, ...]
    labels: Floats
    """Shape (width, labels)."""
    label_bias: Floats
    transitions: Floats
    """Shape (labels, labels): how well the second follows the first."""

    def rounded(self) -> Network:
        """The network as it is stored, so that it answers alike before and after."""
        import numpy as np

        def round_off(array: Floats) -> Floats:
            return array.astype(np.float16).astype(np.float32)

        return Network(
            features=np.concatenate(
                [round_off(self.features), np.zeros((1, len(self.bias)), dtype=np.float32)]
            ),
            dense=round_off(self.dense),
            bias=round_off(self.bias),
            contexts=tuple(round_off(array) for array in self.contexts),
            context_biases=tuple(round_off(array) for array in self.context_biases),
            labels=round_off(self.labels),
            label_bias=round_off(self.label_bias),
            transitions=round_off(self.transitions),
        )

    def score(self, rows: Places, starts: Places, dense: Floats | None) -> Floats:
        """How well each label fits each piece; `rows[starts[i]:starts[i + 1]]` are the features of piece i."""
        import numpy as np

        # `rounded` puts a row of zeros behind the features: each piece has it, as reduceat knows no empty sums.
        summed = np.add.reduceat(self.features[rows], starts[:-1], axis=0)
        if dense is not None and self.dense.size:
            summed = summed + dense @ self.dense
        hidden = np.tanh(summed + self.bias)
        for reach, weights, bias in zip(REACHES, self.contexts, self.context_biases, strict=True):
            hidden = hidden + np.maximum(look_around(hidden[None], reach)[0] @ weights + bias, 0)
        return hidden @ self.labels + self.label_bias


def look_around(hidden: Floats, reach: int) -> Floats:
    """Each piece between the pieces `reach` before and behind it; shape (texts, pieces, 3 · width)."""
    import numpy as np

    texts, pieces, width = hidden.shape
    around = np.zeros((texts, pieces, 3 * width), dtype=np.float32)
    around[:, :, width : 2 * width] = hidden
    around[:, reach:, :width] = hidden[:, :-reach]
    around[:, :-reach, 2 * width :] = hidden[:, reach:]
    return around


def look_back(slopes: Floats, reach: int) -> Floats:
    """The slopes of `look_around`: what each piece was to itself and to its neighbours."""
    width = slopes.shape[2] // 3
    total = slopes[:, :, width : 2 * width].copy()
    total[:, :-reach] += slopes[:, reach:, :width]
    total[:, reach:] += slopes[:, :-reach, 2 * width :]
    return total
