"""Embeddings of AWS Bedrock: those of Amazon Titan and of Cohere."""

from collections.abc import Mapping, Sequence

import msgspec

from duologue.adapters.embedder.vendor_vectors import DEFAULT_TIMEOUT, embed_in_batches
from duologue.adapters.language_model.bedrock_client import BedrockClient, open_client
from duologue.adapters.language_model.vendor_options import VendorOptions, read_vendor_options
from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.ports.embedder import Embedder, TextRole, Vector

_COHERE_BATCH = 96
_INPUT_TYPES: Mapping[TextRole, str] = {"query": "search_query", "passage": "search_document"}


def open_embedder(options: Mapping[str, object]) -> Embedder:
    """The embedder that a model group describes.

    Raises:
        DefinitionError: the SDK is not installed, the model is of another family, or an option cannot be read.
    """
    read = read_vendor_options(options, provider="bedrock", timeout=DEFAULT_TIMEOUT)
    if "titan" not in read.model and "cohere" not in read.model:
        raise DefinitionError(
            f"The embedder {read.name} is of a family that is not known here; Amazon Titan's and Cohere's are."
        )
    client, extra = open_client(read)
    return BedrockEmbedder(read, client, dimensions=extra.get("dimensions"))


class BedrockEmbedder:
    """One of Bedrock's models of embeddings."""

    def __init__(self, options: VendorOptions, client: BedrockClient, *, dimensions: int | None) -> None:
        self._options = options
        self._client = client
        self._dimensions = dimensions
        self._is_cohere = "cohere" in options.model

    @property
    def name(self) -> str:
        size = f"@{self._dimensions}" if self._dimensions else ""
        return f"{self._options.name}{size}"

    async def embed(self, texts: Sequence[str], role: TextRole) -> Sequence[Vector]:
        async def embed_batch(batch: Sequence[str]) -> Sequence[Sequence[float]]:
            client = await self._client.get()
            answer = await client.invoke_model(
                modelId=self._options.model,
                contentType="application/json",
                accept="application/json",
                body=msgspec.json.encode(self._build(batch, role)),
            )
            async with answer["body"] as body:
                return _read_vectors(await body.read(), is_cohere=self._is_cohere)

        return await embed_in_batches(
            texts,
            embed_batch,
            # Titan takes one text at a time.
            size=_COHERE_BATCH if self._is_cohere else 1,
            limit=self._options.timeout,
            vendor=self._client.vendor,
            explain=lambda error: self._client.explain(error, tuple(texts)),
        )

    async def close(self) -> None:
        await self._client.close()

    def _build(self, batch: Sequence[str], role: TextRole) -> OpenData:
        if not self._is_cohere:
            size = {"dimensions": self._dimensions} if self._dimensions else {}
            return {"inputText": batch[0], **size}
        size = {"output_dimension": self._dimensions} if self._dimensions else {}
        return {
            "texts": list(batch),
            "input_type": _INPUT_TYPES[role],
            "embedding_types": ["float"],
            "truncate": "END",
            **size,
        }


class _OfTitan(msgspec.Struct):
    embedding: list[float]


class _ByType(msgspec.Struct, rename={"vectors": "float"}):
    vectors: list[list[float]]


class _OfCohere(msgspec.Struct):
    embeddings: _ByType | list[list[float]]


def _read_vectors(answer: bytes, *, is_cohere: bool) -> Sequence[Sequence[float]]:
    """The vectors of either family.

    Raises:
        ValueError: the answer holds something else.
    """
    if not is_cohere:
        return [msgspec.json.decode(answer, type=_OfTitan).embedding]
    found = msgspec.json.decode(answer, type=_OfCohere).embeddings
    return found.vectors if isinstance(found, _ByType) else found
