"""Embeddings of OpenAI, and of every server that speaks its API."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from openai import AsyncOpenAI

from duologue.adapters.language_model.openai_client import build_client
from duologue.adapters.language_model.openai_errors import EXPECTED_ERRORS, Caller, explain_error
from duologue.adapters.language_model.openai_options import (
    ModelOptions,
    OpenAiOptions,
    read_options,
    require_api_base,
)
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.core.values import OpenData
from duologue.ports.embedder import Embedder, TextRole, Vector

_BATCH = 32
"""Texts in one request; no server that we know of takes fewer."""
_AT_ONCE = 4
"""Requests of one call that run at the same time."""
# Models that read questions and passages differently, where the API can say which is which.
_INPUT_TYPES = {
    "voyage": {"query": "query", "passage": "document"},
    "nvidia_nim": {"query": "query", "passage": "passage"},
}


class _Embedding(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(msgspec.Struct):
    data: list[_Embedding]


def open_embedder(options: ModelOptions) -> Embedder:
    """The embedder that a model group describes.

    Raises:
        DefinitionError: an option is missing or cannot be read.
    """
    read = read_options(options)
    if not read.model:
        raise DefinitionError(
            f"An embedder of provider {read.provider!r} has no `model`: name the one to use."
        )
    address = require_api_base(read)
    client = build_client(read, address=address, bearer=read.api_key)
    caller = Caller(name=f"{read.provider}/{read.model}", address=address, api_key=read.api_key)
    return OpenAiEmbedder(read, client=client, caller=caller)


class OpenAiEmbedder:
    """One model of embeddings behind an API like OpenAI's."""

    def __init__(
        self,
        options: OpenAiOptions,
        *,
        client: AsyncOpenAI,
        caller: Caller,
        close_credential: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._options = options
        self._client = client
        self._caller = caller
        self._close_credential = close_credential
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        dimensions = self._options.parameters.get("dimensions")
        return f"{self._caller.name}@{dimensions}" if dimensions else self._caller.name

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        """See `Embedder.embed`; the time limit is that of each request."""
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._embed_batch(batch, role)) for batch in batches]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [vector for task in tasks for vector in task.result()]

    async def close(self) -> None:
        await self._client.close()
        if self._close_credential is not None:
            await self._close_credential()

    async def _embed_batch(self, texts: Sequence[str], role: TextRole) -> list[Vector]:
        body: OpenData = {
            **self._options.parameters,
            **self._options.extra_body,
            "model": self._options.deployment or self._options.model,
            # Servers refuse an empty text, and with it the whole batch.
            "input": [text or " " for text in texts],
        }
        if self._options.provider in _INPUT_TYPES:
            body["input_type"] = _INPUT_TYPES[self._options.provider][role]
        try:
            async with self._turns, asyncio.timeout(self._options.timeout):
                # Not the SDK's own method, which asks for an encoding that not every server knows.
                answer = await self._client.post("/embeddings", body=body, cast_to=object)
            return _read_vectors(answer, len(texts))
        except TimeoutError:
            raise self._caller.fail_by_time(self._options.timeout) from None
        except (msgspec.ValidationError, ValueError):
            raise self._fail_to_read() from None
        except EXPECTED_ERRORS as error:
            raise explain_error(error, self._caller, texts=texts) from None

    def _fail_to_read(self) -> LanguageModelError:
        what = f"at {self._caller.place} answers with something that is no embedding; look at its `api_base`."
        return self._caller.fail(ModelFailure.BROKEN_OFF, what)


def _read_vectors(answer: object, count: int) -> list[Vector]:
    """One vector of length 1 for each text.

    Raises:
        ValueError: the answer holds something else.
    """
    found = msgspec.convert(answer, _Embeddings, strict=False).data
    if len(found) != count or len({len(one.embedding) for one in found}) > 1:
        raise ValueError("not one vector for each text")
    return [_normalise(one.embedding) for one in sorted(found, key=lambda one: one.index)]


def _normalise(vector: Sequence[float]) -> Vector:
    length = math.hypot(*vector)
    if not math.isfinite(length) or length == 0:
        raise ValueError("a vector without a direction")
    return [value / length for value in vector]
