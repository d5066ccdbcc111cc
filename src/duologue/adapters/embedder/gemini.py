"""Google's embeddings, by API key or through Vertex AI."""

from collections.abc import Mapping, Sequence
from typing import Any

from duologue.adapters.embedder.vendor_vectors import DEFAULT_TIMEOUT, embed_in_batches
from duologue.adapters.language_model.gemini_client import GeminiClient, open_client
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.ports.embedder import Embedder, TextRole, Vector

_BATCH = 100
_TASKS: Mapping[TextRole, str] = {"query": "RETRIEVAL_QUERY", "passage": "RETRIEVAL_DOCUMENT"}


def open_embedder(options: Mapping[str, object]) -> Embedder:
    """The embedder that a model group describes.

    Raises:
        DefinitionError: the SDK is not installed, or an option cannot be read.
    """
    read = read_vendor_options(options, provider="gemini", timeout=DEFAULT_TIMEOUT)
    client, extra = open_client(read)
    return GeminiEmbedder(read, client, dimensions=extra.get("dimensions"))


class GeminiEmbedder:
    """One of Google's models of embeddings."""

    def __init__(self, options: VendorOptions, client: GeminiClient, *, dimensions: int | None) -> None:
        self._options = options
        self._client = client
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        size = f"@{self._dimensions}" if self._dimensions else ""
        return f"{self._options.name}{size}"

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        # Any, because the SDK types contents by a dozen kinds, some of them of libraries that are not there.
        models: Any = self._client.models
        config = {"task_type": _TASKS[role], "output_dimensionality": self._dimensions}

        async def embed_batch(batch: Sequence[str]) -> Sequence[Sequence[float]]:
            answer = await models.embed_content(
                model=self._options.model, contents=list(batch), config=config
            )
            return [embedding.values or () for embedding in answer.embeddings or ()]

        return await embed_in_batches(
            texts,
            embed_batch,
            size=_BATCH,
            limit=self._options.timeout,
            vendor=self._client.vendor,
            explain=lambda error: self._client.explain(error, tuple(texts)),
        )

    async def close(self) -> None:
        await self._client.close()
