"""Flows as vectors: embedded once, kept by the content they were made from."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from duologue.ports.embedder import Embedder
from duologue.understanding.generators.flow_views import FlowView, FlowViews

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 64
_MAX_TEXT = 2_000


class FlowVectors:
    """Ranks flows by how near their descriptions are to what was said."""

    def __init__(
        self,
        views: FlowViews,
        embedder: Embedder,
        *,
        should_embed_slots: bool = True,
        folder: Path | None = None,
    ) -> None:
        """`folder`: where vectors are kept from one start to the next; without one they live in memory."""
        self._views = views
        self._embedder = embedder
        self._should_embed_slots = should_embed_slots
        self._folder = folder
        self._lock = asyncio.Lock()
        self._kept: dict[str, bytes] | None = None
        self._flow_ids: tuple[str, ...] = ()
        self._matrix: NDArray[np.float32] | None = None

    @property
    def is_busy(self) -> bool:
        """Flows are being embedded just now."""
        return self._lock.locked()

    async def prepare(self) -> None:
        """Embed what is not embedded yet.

        Raises:
            LanguageModelError: the embedder failed.
        """
        async with self._lock:
            if self._matrix is None:
                await self._build()

    async def rank(self, text: str) -> list[str]:
        """Every flow's id, the nearest first.

        Raises:
            LanguageModelError: the embedder failed.
        """
        await self.prepare()
        assert self._matrix is not None, "it was made a line above"
        if not self._flow_ids:
            return []
        import numpy as np

        (query,) = await self._embedder.embed([text], "query")
        nearness = self._matrix @ np.asarray(query, dtype=np.float32)
        order = np.argsort(-nearness, kind="stable")
        return [self._flow_ids[int(place)] for place in order]

    async def _build(self) -> None:
        import numpy as np

        texts = {
            view.flow_id: describe_flow(view, has_slots=self._should_embed_slots)
            for view in self._views.by_id.values()
        }
        keys = {flow_id: _key(text) for flow_id, text in texts.items()}
        if self._kept is None:
            self._kept = await asyncio.to_thread(self._load)
        missing = {keys[flow_id]: text for flow_id, text in texts.items() if keys[flow_id] not in self._kept}
        await self._embed(missing, self._kept)
        self._flow_ids = tuple(texts)
        rows = [np.frombuffer(self._kept[keys[flow_id]], dtype="<f4") for flow_id in self._flow_ids]
        self._matrix = np.stack(rows).astype(np.float32) if rows else np.zeros((0, 0), dtype=np.float32)
        if missing:
            await asyncio.to_thread(self._save, {key: self._kept[key] for key in keys.values()})

    async def _embed(self, texts: Mapping[str, str], kept: dict[str, bytes]) -> None:
        """Add vectors batch by batch, so that a failure half-way loses none that are there."""
        import numpy as np

        keys = list(texts)
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            vectors = await self._embedder.embed([texts[key] for key in batch], "passage")
            for key, vector in zip(batch, vectors, strict=True):
                kept[key] = np.asarray(vector, dtype="<f4").tobytes()

    @property
    def _file(self) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"flow-vectors-{_key(self._embedder.name)[:16]}.msgpack"

    def _load(self) -> dict[str, bytes]:
        """Vectors kept from an earlier start; a file that cannot be read is as good as none."""
        try:
            content = self._file.read_bytes() if self._file is not None else b""
            found = msgspec.msgpack.decode(content, type=dict[str, bytes]) if content else {}
        except (OSError, msgspec.DecodeError):
            return {}
        sizes = {len(vector) for vector in found.values()}
        return found if len(sizes) == 1 and 0 not in sizes and sizes.pop() % 4 == 0 else {}

    def _save(self, vectors: Mapping[str, bytes]) -> None:
        """Keep them; a folder that cannot be written only costs time at the next start."""
        file = self._file
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
                written.write(msgspec.msgpack.encode(dict(vectors)))
            os.replace(written.name, file)
        except OSError:
            return


def describe_flow(view: FlowView, *, has_slots: bool) -> str:
    """What is embedded of a flow."""
    parts = [view.name, view.description]
    if has_slots:
        parts.extend(_describe_slot(slot.name, slot.description, slot.allowed_values) for slot in view.slots)
    return "\n".join(dict.fromkeys(part for part in parts if part))[:_MAX_TEXT]


def _describe_slot(name: str, description: str, allowed_values: Sequence[str]) -> str:
    words = name.replace("_", " ").replace("-", " ")
    told = f"{words}: {description}" if description else words
    return f"{told} ({', '.join(allowed_values[:20])})" if allowed_values else told


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
