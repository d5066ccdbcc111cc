"""A small neural network over named features: one hidden layer, run in microseconds."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from duologue.dialogue.policies.learned.window import Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]


class Network:
    """Trained weights; `rate` gives a number for each label."""

    def __init__(
        self,
        vocabulary: Sequence[str],
        names: Sequence[str],
        weights: Sequence[Array],
        *,
        is_exclusive: bool,
    ) -> None:
        self.names = tuple(names)
        self.is_exclusive = is_exclusive
        self._vocabulary = tuple(vocabulary)
        self._rows = {name: row for row, name in enumerate(vocabulary)}
        self._first, self._first_bias, self._second, self._second_bias = weights

    def rate(self, features: Features, dense: Array | None = None) -> Array:
        """The scores of all labels, before they are made into shares."""
        import numpy as np

        known = [(self._rows[name], value) for name, value in features.items() if name in self._rows]
        hidden = self._first_bias.copy()
        if known:
            rows, values = zip(*known, strict=True)
            hidden += np.asarray(values, dtype=np.float32) @ self._first[list(rows)]
        if dense is not None:
            hidden += dense @ self._first[len(self._vocabulary) :]
        np.maximum(hidden, 0.0, out=hidden)
        return hidden @ self._second + self._second_bias

    def judge(self, features: Features, dense: Array | None = None) -> Array:
        """How likely each label is."""
        return to_shares(self.rate(features, dense), is_exclusive=self.is_exclusive)

    def count_known(self, features: Features) -> int:
        """How many of the features were met in training."""
        return sum(name in self._rows for name in features)

    def dump(self) -> dict[str, bytes]:
        """Weights and names as files."""
        names = msgspec.json.encode(
            {"vocabulary": self._vocabulary, "names": self.names, "is_exclusive": self.is_exclusive}
        )
        arrays = (self._first, self._first_bias, self._second, self._second_bias)
        return {"names.json": names} | {
            f"weights{number}.npy": _write_array(array) for number, array in enumerate(arrays)
        }


class _Names(msgspec.Struct, frozen=True, kw_only=True):
    vocabulary: tuple[str, ...]
    names: tuple[str, ...]
    is_exclusive: bool


def read_network(files: Mapping[str, bytes]) -> Network:
    """The network that was dumped."""
    names = msgspec.json.decode(files["names.json"], type=_Names)
    arrays = [_read_array(files[f"weights{number}.npy"]) for number in range(4)]
    return Network(names.vocabulary, names.names, arrays, is_exclusive=names.is_exclusive)


def to_shares(scores: Array, *, is_exclusive: bool) -> Array:
    """Scores as numbers between 0 and 1; of exclusive labels they add up to 1."""
    import numpy as np

    if not is_exclusive:
        return np.reciprocal(np.float32(1.0) + np.exp(-scores))
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _write_array(array: Array) -> bytes:
    import numpy as np

    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getvalue()


def _read_array(data: bytes) -> Array:
    import numpy as np

    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
