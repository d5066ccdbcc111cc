"""Examples as arrays: the features, dense vectors and labels of all their pieces, one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duologue.understanding.nlu.entities.arrays import Flags, Floats, Places


@dataclass(frozen=True, kw_only=True, slots=True)
class PieceTable:
    """Piece i has the features `rows[starts[i]:starts[i + 1]]`, the first `words[i]` of them of its word."""

    rows: Places
    starts: Places
    words: Places
    dense: Floats | None
    labels: Places
    offsets: Places
    """Example i has the pieces `offsets[i]` to `offsets[i + 1]`."""

    @property
    def lengths(self) -> Places:
        import numpy as np

        return np.diff(self.offsets)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Examples side by side, padded to one length."""

    pieces: Places
    """Numbers of the pieces that stand in the grid, row by row."""
    is_piece: Flags
    truth: Places


def make_batch(table: PieceTable, examples: Sequence[int]) -> Batch:
    """The grid of some examples, one place longer than the longest."""
    import numpy as np

    places = int(max(table.lengths[example] for example in examples)) + 1
    grid = np.full((len(examples), places), -1, dtype=np.intp)
    for row, example in enumerate(examples):
        first, last = table.offsets[example], table.offsets[example + 1]
        grid[row, : last - first] = np.arange(first, last)
    is_piece = grid >= 0
    truth = np.zeros(grid.shape, dtype=np.int32)
    truth[is_piece] = table.labels[grid[is_piece]]
    return Batch(pieces=grid[is_piece], is_piece=is_piece, truth=truth)
