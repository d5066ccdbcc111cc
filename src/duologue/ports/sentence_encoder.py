"""Sentences become vectors, inside the process: what the trained pipeline stands on where words are not enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedText:
    """A text as vectors."""

    sentence: NDArray[np.float32]
    """Shape (width,)."""
    tokens: NDArray[np.float32]
    """Shape (pieces, token_width): each word piece in its context."""
    spans: NDArray[np.int32]
    """Shape (pieces, 2): where each piece stands in the text, `start` and `end` in characters."""


class SentenceEncoder(Protocol):
    """Turns texts into vectors. Safe to use from several threads; the same text always gives the same vectors."""

    @property
    def name(self) -> str:
        """Of the model and its version: what was learned with one cannot be used with another."""
        ...

    @property
    def width(self) -> int: ...

    @property
    def token_width(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """One for each text, in order. Blocks: a millisecond or more a text."""
        ...
