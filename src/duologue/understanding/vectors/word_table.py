"""The light word vectors of one language, as they lie in the package."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FOLDER = "tables"


class WordTable(msgspec.Struct, frozen=True, kw_only=True):
    """The known words of one language and their vectors; the length of a vector is how telling its word is."""

    rows: dict[str, int]
    packed: NDArray[np.uint8]
    """Two numbers of four bits in a byte."""
    scales: NDArray[np.float32]

    def vector(self, row: int) -> NDArray[np.float32]:
        """The vector of one word."""
        import numpy as np

        packed = self.packed[row]
        unpacked = np.empty(packed.shape[0] * 2, dtype=np.float32)
        unpacked[0::2] = packed & 15
        unpacked[1::2] = packed >> 4
        return (unpacked - 8.0) * self.scales[row]


@lru_cache(maxsize=16)
def read_table(language: str, folder: Path | None = None) -> WordTable | None:
    """The table of a language, from the package or another folder; None where there is none."""
    import numpy as np

    tables = folder or resources.files("duologue.understanding.vectors") / _FOLDER
    place = tables / f"{language}.npz"
    if not place.is_file():
        return None
    with np.load(BytesIO(place.read_bytes()), allow_pickle=False) as stored:
        words = stored["words"].tobytes().decode("utf-8").split("\n")
        return WordTable(
            rows={word: row for row, word in enumerate(words)},
            packed=stored["packed"],
            scales=stored["scales"].astype(np.float32),
        )
