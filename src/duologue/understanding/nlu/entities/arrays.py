"""Names for the arrays that the labeller works with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.floating]"
"""Weights, scores, likelihoods; 32 bits at work, though arithmetic does not promise it."""
Places: TypeAlias = "NDArray[np.integer]"
"""Numbers of rows, pieces, labels."""
Flags: TypeAlias = "NDArray[np.bool_]"
