"""Embeddings of every other provider, through any-llm."""

from collections.abc import Mapping, Sequence

from duologue.adapters.embedder.vendor_vectors import DEFAULT_TIMEOUT, embed_in_batches
from duologue.adapters.language_model.any_llm_client import AnyLlmClient, open_client
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.ports.embedder import Embedder, TextRole, Vector

_BATCH = 32


def open_embedder(options: Mapping[str, object]) -> Embedder:
    """The embedder that a model group describes.

    Raises:
        DefinitionError: the library or an SDK is not installed, or an option cannot be read.
    """
    read = read_vendor_options(options, provider="any", timeout=DEFAULT_TIMEOUT)
    return AnyLlmEmbedder(read, open_client(read))


class AnyLlmEmbedder:
    """One model of embeddings of one of any-llm's providers."""

    def __init__(self, options: VendorOptions, client: AnyLlmClient) -> None:
        self._options = options
        self._client = client

    @property
    def name(self) -> str:
        return self._options.name

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        async def embed_batch(batch: Sequence[str]) -> Sequence[Sequence[float]]:
            answer = await self._client.sdk.aembedding(
                self._options.model, list(batch), **self._options.extra
            )
            ordered = sorted(answer.data, key=lambda item: item.index)
            return [item.embedding for item in ordered]

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
