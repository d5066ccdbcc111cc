"""Passages by the direction of their meaning: embedded once, in the background, and compared with a question."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from duologue.knowledge.passages import Passage
from duologue.ports.embedder import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIME_LIMIT = 5.0
"""Seconds after which a question is not waited for to be embedded."""
_BATCH = 64
_LONGEST = 2_000
_log = logging.getLogger(__name__)


class PassageVectors:
    """Ranks passages by nearness; where the embedder fails or is not done yet, there is no ranking."""

    def __init__(self, embedder: Embedder, *, time_limit: float = TIME_LIMIT) -> None:
        self._embedder = embedder
        self._time_limit = time_limit
        self._matrix: NDArray[np.float32] | None = None
        self._task: asyncio.Task[None] | None = None

    async def prepare(self, passages: Sequence[Passage]) -> None:
        """Embed the passages if they are not. Never raises; a failure is told in the log, and tried again later."""
        if self._matrix is None and passages:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._embed(passages))
            await asyncio.shield(self._task)

    async def rank(self, question: str, passages: Sequence[Passage]) -> list[tuple[int, float]]:
        """Place and nearness of every passage, the nearest first; empty if they cannot be told now."""
        import numpy as np

        try:
            async with asyncio.timeout(self._time_limit):
                await self.prepare(passages)
                if self._matrix is None:
                    return []
                (vector,) = await self._embedder.embed([question[:_LONGEST]], "query")
            nearness = self._matrix @ np.asarray(vector, dtype=np.float32)
        except Exception as error:  # whatever a driver raises, the words still find the passages
            _log.warning(
                "knowledge.not_embedded", extra={"embedder": self._embedder.name, "reason": _name(error)}
            )
            return []
        order = np.argsort(-nearness, kind="stable")
        return [(int(place), float(nearness[place])) for place in order]

    async def close(self) -> None:
        """Stop embedding; the embedder belongs to whoever gave it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _embed(self, passages: Sequence[Passage]) -> None:
        import numpy as np

        texts = [
            "\n".join(part for part in (passage.title, passage.whole) if part)[:_LONGEST]
            for passage in passages
        ]
        rows: list[NDArray[np.float32]] = []
        try:
            for start in range(0, len(texts), _BATCH):
                vectors = await self._embedder.embed(texts[start : start + _BATCH], "passage")
                rows.extend(np.asarray(vector, dtype=np.float32) for vector in vectors)
            self._matrix = np.stack(rows)
        except Exception as error:  # as above
            _log.warning(
                "knowledge.not_embedded", extra={"embedder": self._embedder.name, "reason": _name(error)}
            )


def _name(error: Exception) -> str:
    return str(error) or type(error).__name__
