"""Vectors of passages that were embedded before, kept in one file for each model."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

from duologue.ports.embedder import Embedder, TextRole, Vector

_MOST = 50_000


class CachingEmbedder:
    """Asks another embedder only for passages that it has not seen; questions are never kept."""

    def __init__(self, inner: Embedder, folder: Path) -> None:
        self._inner = inner
        self._path = folder / f"{_digest(inner.name)[:16]}.npz"
        self._known: dict[str, Vector] | None = None

    @property
    def name(self) -> str:
        return self._inner.name

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        """See `Embedder.embed`."""
        if role == "query":
            return await self._inner.embed(texts, role)
        known = self._known if self._known is not None else _read(self._path)
        self._known = known
        keys = [_digest(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            vectors = await self._inner.embed(list(missing.values()), role)
            known.update(zip(missing, vectors, strict=True))
            _write(self._path, known)
        return [known[key] for key in keys]

    async def close(self) -> None:
        await self._inner.close()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _read(path: Path) -> dict[str, Vector]:
    """What was kept; a damaged file counts as empty, for it can be made again."""
    import numpy as np

    if not path.is_file():
        return {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"].tolist(), strict=True))
    except (OSError, ValueError, KeyError, BadZipFile):
        return {}


def _write(path: Path, known: dict[str, Vector]) -> None:
    """Replace the file at one stroke; a folder that cannot be written only costs time at the next start."""
    import numpy as np

    kept = dict(list(known.items())[-_MOST:])
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, keys=np.array(list(kept)), vectors=np.array(list(kept.values()), dtype=np.float32))
        Path(name).replace(path)
