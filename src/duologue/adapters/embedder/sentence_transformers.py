"""Embeddings of a model of Hugging Face that runs inside the process, through the package sentence-transformers."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from duologue.core.errors import DefinitionError
from duologue.ports.embedder import Embedder, TextRole, Vector

_PROVIDER = "huggingface_local"


def open_embedder(options: Mapping[str, object]) -> Embedder:
    """The embedder that a model group describes; blocks while the model is loaded.

    Raises:
        DefinitionError: the package is not installed, or the model cannot be loaded.
    """
    model = str(options.get("model") or "")
    if not model:
        raise DefinitionError(f"A model of the provider `{_PROVIDER}` has no `model`: name the one to use.")
    try:
        import sentence_transformers  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise DefinitionError(
            f"Models of the provider `{_PROVIDER}` need a package: pip install sentence-transformers."
        ) from None
    library: Any = sentence_transformers
    try:
        transformer = library.SentenceTransformer(model, **_read_mapping(options, "model_kwargs"))
    except (OSError, ValueError, TypeError) as error:
        raise DefinitionError(f"The model {_PROVIDER}/{model} cannot be loaded: {error}") from None
    return SentenceTransformersEmbedder(model, transformer, _read_mapping(options, "encode_kwargs"))


class SentenceTransformersEmbedder:
    """One loaded model; it works in a thread of its own."""

    def __init__(self, model: str, transformer: Any, encode_options: Mapping[str, Any]) -> None:
        self._model = model
        self._transformer = transformer  # Any: the package is not typed
        self._encode_options = {**encode_options, "normalize_embeddings": True}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sentence-transformers")

    @property
    def name(self) -> str:
        return f"{_PROVIDER}/{self._model}"

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        if not texts:
            return []
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._encode, list(texts))

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _encode(self, texts: list[str]) -> list[list[float]]:
        return self._transformer.encode(texts, **self._encode_options).tolist()


def _read_mapping(options: Mapping[str, object], key: str) -> dict[str, Any]:
    value: Any = options.get(key) or {}
    return dict(value) if isinstance(value, Mapping) else {}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - open options
