"""Names for the arrays that features and intent models are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.floating]"
Places: TypeAlias = "NDArray[np.integer]"
