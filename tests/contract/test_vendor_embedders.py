"""Embedders of vendors give a vector of length 1 for each text, in order, and fail as language models do."""

import math
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from duologue.adapters.embedder import any_llm, bedrock, gemini
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.embedder import Embedder
from duologue.testing.model_replies import Fault, ModelWire, ScriptedReply, refuse
from duologue.testing.model_server import ModelServer, make_vector
from duologue.testing.openai_wire import OpenAiWire
from tests.contract.bedrock_wire import BedrockWire
from tests.contract.gemini_wire import GeminiWire

KEY = "sk-very-secret-key"
AWS: Mapping[str, Any] = {
    "aws_access_key_id": KEY,
    "aws_secret_access_key": "s",
    "aws_region_name": "eu-west-1",
}
TEXTS = [f"text number {number}" for number in range(130)]


class EmbedderContract:
    wire: ModelWire
    model: str
    keys: Mapping[str, Any]
    opener: Callable[..., Embedder]

    def open_embedder(self, server: ModelServer, **options: Any) -> Embedder:
        opener = type(self).opener
        return opener({"model": self.model, "api_base": server.url, **self.keys, **options})

    @pytest.fixture
    async def server(self) -> AsyncIterator[ModelServer]:
        async with ModelServer(wire=self.wire, models=[self.model], api_key=KEY) as server:
            yield server

    @pytest.fixture
    async def embedder(self, server: ModelServer) -> AsyncIterator[Embedder]:
        embedder = self.open_embedder(server)
        yield embedder
        await embedder.close()

    async def test_each_text_gets_its_own_vector_of_length_1(self, embedder: Embedder) -> None:
        vectors = await embedder.embed(TEXTS, "passage")
        assert [round(math.hypot(*vector), 6) for vector in vectors] == [1.0] * len(TEXTS)
        for vector, text in zip(vectors, TEXTS, strict=True):
            raw = make_vector(text, 16)
            assert vector == pytest.approx([value / math.hypot(*raw) for value in raw], abs=1e-5)

    async def test_no_texts_are_no_vectors(self, embedder: Embedder) -> None:
        assert list(await embedder.embed([], "query")) == []

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (400, ModelFailure.BAD_REQUEST),
            (403, ModelFailure.AUTHENTICATION),
            (404, ModelFailure.UNKNOWN_MODEL),
            (429, ModelFailure.RATE_LIMIT),
            (503, ModelFailure.UNAVAILABLE),
        ],
    )
    async def test_a_refusal_says_why(
        self, server: ModelServer, embedder: Embedder, status: int, reason: ModelFailure
    ) -> None:
        server.reply(refuse(status, f"no, because of {TEXTS[0]}"))
        with pytest.raises(LanguageModelError) as caught:
            await embedder.embed(TEXTS[:1], "query")
        assert caught.value.reason is reason
        assert TEXTS[0] not in str(caught.value)
        assert KEY not in str(caught.value)

    async def test_a_call_never_takes_longer_than_its_limit(self, server: ModelServer) -> None:
        embedder = self.open_embedder(server, timeout=0.3)
        server.reply(ScriptedReply(fault=Fault.STALL))
        with pytest.raises(LanguageModelError) as caught:
            await embedder.embed(TEXTS[:1], "query")
        assert caught.value.reason is ModelFailure.TIMEOUT
        await embedder.close()

    async def test_a_server_that_is_gone_is_unavailable(
        self, server: ModelServer, embedder: Embedder
    ) -> None:
        await server.stop()
        with pytest.raises(LanguageModelError) as caught:
            await embedder.embed(TEXTS[:1], "query")
        assert caught.value.reason is ModelFailure.UNAVAILABLE

    async def test_an_answer_that_is_none_is_no_bug_of_ours(
        self, server: ModelServer, embedder: Embedder
    ) -> None:
        server.reply(ScriptedReply(raw=b"<html>Welcome</html>", content_type="text/html"))
        with pytest.raises(LanguageModelError):
            await embedder.embed(TEXTS[:1], "query")


class TestGeminiEmbedder(EmbedderContract):
    wire = GeminiWire()
    model = "gemini-embedding-001"
    keys = MappingProxyType({"api_key": KEY})
    opener = gemini.open_embedder

    async def test_the_role_and_the_size_reach_the_provider(self, server: ModelServer) -> None:
        embedder = self.open_embedder(server, dimensions=8)
        await embedder.embed(["a"], "query")
        (part,) = server.other_requests[0].body["requests"]
        assert (part["taskType"], part["outputDimensionality"]) == ("RETRIEVAL_QUERY", 8)
        assert embedder.name == "gemini/gemini-embedding-001@8"
        await embedder.close()


class TestTitanEmbedder(EmbedderContract):
    wire = BedrockWire()
    model = "amazon.titan-embed-text-v2:0"
    keys = AWS
    opener = bedrock.open_embedder


class TestCohereEmbedderOnBedrock(EmbedderContract):
    wire = BedrockWire()
    model = "cohere.embed-multilingual-v3"
    keys = AWS
    opener = bedrock.open_embedder

    async def test_the_role_reaches_the_provider(self, server: ModelServer, embedder: Embedder) -> None:
        await embedder.embed(["a"], "query")
        await embedder.embed(["a"], "passage")
        roles = [request.body["input_type"] for request in server.other_requests]
        assert roles == ["search_query", "search_document"]


class TestAnyLlmEmbedder(EmbedderContract):
    wire = OpenAiWire()
    model = "an-embedder"
    keys = MappingProxyType({"provider": "databricks", "api_key": KEY})
    opener = any_llm.open_embedder
