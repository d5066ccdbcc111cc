"""What embedders of vendors have in common: batches, one time limit, vectors of length 1."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from duologue.adapters.language_model.vendor_failures import Vendor
from duologue.core.errors import LanguageModelError
from duologue.ports.embedder import Vector

EmbedBatch: TypeAlias = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]]]]
Explain: TypeAlias = Callable[[Exception], LanguageModelError | None]

DEFAULT_TIMEOUT = 30.0
"""Seconds for a whole call, however many texts it has."""
_AT_ONCE = 4
"""Batches of one call that are under way at the same time."""


async def embed_in_batches(
    texts: Sequence[str],
    embed_batch: EmbedBatch,
    *,
    size: int,
    limit: float,
    vendor: Vendor,
    explain: Explain,
) -> list[Vector]:
    """Vectors of length 1, one for each text.

    Raises:
        LanguageModelError: the vendor failed, or gave something else than a vector for each text.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def embed(batch: Sequence[str]) -> Sequence[Sequence[float]]:
        async with gate:
            vectors = await embed_batch(batch)
        if len(vectors) != len(batch):
            raise ValueError(f"{len(vectors)} vectors for {len(batch)} texts")
        return [scale(vector) for vector in vectors]

    # Vendors refuse an empty text, and with it the whole batch.
    filled = [text or " " for text in texts]
    batches = [filled[start : start + size] for start in range(0, len(filled), size)]
    scope = asyncio.timeout(limit)
    try:
        async with scope, asyncio.TaskGroup() as group:
            tasks = [group.create_task(embed(batch)) for batch in batches]
    except TimeoutError:
        raise vendor.fail_by_time(limit) from None
    except ExceptionGroup as errors:
        error = errors.exceptions[0]
        raise explain(error) or error from None
    return [vector for task in tasks for vector in task.result()]


def scale(vector: Sequence[float]) -> Vector:
    """The direction of a vector, of length 1.

    Raises:
        ValueError: it has none.
    """
    length = math.hypot(*vector)
    if not math.isfinite(length) or length == 0:
        raise ValueError("a vector without a direction")
    return [value / length for value in vector]
