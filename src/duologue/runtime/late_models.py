"""Models that are opened at their first use, so that an SDK of a second does not hold up the start."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.embedder import Embedder, TextRole, Vector
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece


class _Closable(Protocol):
    async def close(self) -> None: ...


Model = TypeVar("Model", bound=_Closable)


class _Late(Generic[Model]):
    """Opens once, in a thread, whoever comes first."""

    def __init__(self, name: str, opener: Callable[[], Model]) -> None:
        self._name = name
        self._opener = opener
        self._model: Model | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> Model:
        """The model; blocks while its SDK is imported.

        Raises:
            DefinitionError: it cannot be opened as it is written.
        """
        with self._lock:
            if self._model is None:
                self._model = self._opener()
            return self._model

    async def close(self) -> None:
        if self._model is not None:
            await self._model.close()

    async def _get(self) -> Model:
        if self._model is not None:
            return self._model
        try:
            return await asyncio.to_thread(self.open)
        except DefinitionError as error:
            raise LanguageModelError(str(error), reason=ModelFailure.BAD_REQUEST, model=self._name) from error


class LateLanguageModel(_Late[LanguageModel]):
    """A language model that is not open yet."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[TextPiece | AnswerEnd]:
        stream = (await self._get()).stream(request)
        try:
            async for item in stream:
                yield item
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    async def check(self) -> None:
        await (await self._get()).check()


class LateEmbedder(_Late[Embedder]):
    """An embedder that is not open yet."""

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        return await (await self._get()).embed(texts, role)
