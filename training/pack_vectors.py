"""Write word vectors as the packed tables that lie in the package."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_LEVELS = 7
_LONGEST = 1.6
"""No rare word may drown all the others of its sentence."""
TABLES = Path(__file__).parent.parent / "src/duologue/understanding/vectors/tables"


def write_table(
    language: str, words: Sequence[str], vectors: NDArray[np.float32], folder: Path = TABLES
) -> int:
    """Pack a language's vectors, four bits a number; returns the size of the file. The commonest word stands first."""
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    vectors = vectors * np.minimum(1, _LONGEST / lengths)
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-6) / _LEVELS
    levels = (np.clip(np.round(vectors / scales[:, None]), -_LEVELS, _LEVELS) + 8).astype(np.uint8)
    packed = levels[:, 0::2] | (levels[:, 1::2] << 4)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{language}.npz"
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode("utf-8"), dtype=np.uint8),
        packed=packed,
        scales=scales.astype(np.float16),
    )
    return path.stat().st_size
