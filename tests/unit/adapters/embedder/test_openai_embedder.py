"""Embeddings over OpenAI's API."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from duologue.adapters.embedder.openai import open_embedder
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.embedder import Embedder
from duologue.testing.model_replies import Fault, ScriptedReply, refuse
from duologue.testing.model_server import ModelServer, make_vector


@pytest.fixture(scope="module")
def running_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(running_server: ModelServer) -> ModelServer:
    running_server.reset()
    return running_server


def open_at(server: ModelServer, **options: Any) -> Embedder:
    return open_embedder(
        {"provider": "openai", "model": "e", "api_base": server.url, "api_key": "sk-secret", **options}
    )


async def test_every_text_gets_a_vector_of_length_one_in_order(server: ModelServer) -> None:
    embedder = open_at(server)
    texts = ["send money", "Žofie 🦊", "send money"]
    vectors = await embedder.embed(texts, "query")
    assert [math.isclose(math.hypot(*vector), 1) for vector in vectors] == [True] * 3
    assert vectors[0] == vectors[2] != vectors[1]
    raw = make_vector("Žofie 🦊", 16)
    assert vectors[1] == pytest.approx([value / math.hypot(*raw) for value in raw])
    await embedder.close()


async def test_many_texts_are_sent_in_batches(server: ModelServer) -> None:
    embedder = open_at(server, dimensions=16)
    texts = [f"text {number}" for number in range(70)]
    vectors = await embedder.embed(texts, "passage")
    alone = await embedder.embed(["text 69"], "passage")
    assert len(vectors) == 70
    assert vectors[69] == alone[0]
    assert sorted(len(request.texts) for request in server.other_requests) == [1, 6, 32, 32]
    assert server.other_requests[0].body["dimensions"] == 16
    assert embedder.name == "openai/e@16"
    await embedder.close()


async def test_no_text_is_no_request_and_an_empty_one_is_none_that_servers_refuse(
    server: ModelServer,
) -> None:
    embedder = open_at(server)
    assert await embedder.embed([], "query") == []
    assert server.other_requests == []
    assert len(await embedder.embed([""], "query")) == 1
    assert server.other_requests[0].texts == (" ",)
    await embedder.close()


async def test_models_that_read_questions_differently_are_told_which_is_one(server: ModelServer) -> None:
    embedder = open_at(server, provider="voyage")
    await embedder.embed(["one"], "query")
    await embedder.embed(["one"], "passage")
    assert [request.body["input_type"] for request in server.other_requests] == ["query", "document"]
    await embedder.close()


async def test_vectors_are_put_in_order_by_their_number(server: ModelServer) -> None:
    embedder = open_at(server)
    data = [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 0]}]
    server.reply(ScriptedReply(raw=json.dumps({"data": data}).encode()))
    assert await embedder.embed(["a", "b"], "query") == [[1.0, 0.0], [0.0, 1.0]]
    await embedder.close()


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b'{"data": []}',
        b'{"data": [{"embedding": [1, 0]}, {"embedding": [1]}]}',
        b'{"data": [{"embedding": [0, 0]}, {"embedding": [1, 0]}]}',
        b'{"data": [{"embedding": "AAAA"}, {"embedding": "AAAA"}]}',
        b"<html></html>",
    ],
)
async def test_nonsense_is_no_embedding(server: ModelServer, body: bytes) -> None:
    embedder = open_at(server)
    server.reply(ScriptedReply(raw=body))
    with pytest.raises(LanguageModelError, match="no embedding") as caught:
        await embedder.embed(["a", "b"], "query")
    assert caught.value.reason is ModelFailure.BROKEN_OFF
    await embedder.close()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (ScriptedReply(fault=Fault.STALL), ModelFailure.TIMEOUT),
        (ScriptedReply(fault=Fault.CLOSE), ModelFailure.UNAVAILABLE),
        (refuse(401, "Incorrect API key provided: sk-secret"), ModelFailure.AUTHENTICATION),
        (refuse(429, "slow down", retry_after=4), ModelFailure.RATE_LIMIT),
        (refuse(404, "no such model"), ModelFailure.UNKNOWN_MODEL),
        (refuse(503), ModelFailure.UNAVAILABLE),
    ],
)
async def test_a_failure_says_why(server: ModelServer, reply: ScriptedReply, reason: ModelFailure) -> None:
    embedder = open_at(server, timeout=0.3)
    server.reply(reply)
    with pytest.raises(LanguageModelError) as caught:
        await embedder.embed(["my account is empty"], "query")
    assert caught.value.reason is reason
    assert caught.value.retry_after == (4.0 if reason is ModelFailure.RATE_LIMIT else None)
    assert "sk-secret" not in str(caught.value)
    assert "my account" not in str(caught.value)
    await embedder.close()


def test_an_embedder_without_a_model_is_one_sentence() -> None:
    with pytest.raises(DefinitionError, match="has no `model`"):
        open_embedder({"provider": "openai"})
