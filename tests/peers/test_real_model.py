"""The OpenAI adapter against a small real model; what it says is of no matter, how it says it is."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from duologue.adapters.language_model.openai import open_model
from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import AnswerEnd, LanguageModel, ModelRequest, TextPiece, read_answer
from tests.peers.conftest import LocalModelPeer, ModelPeer

PATIENCE = 60.0
"""Seconds that a busy machine may need for a short answer."""
SHORT = ModelRequest(prefix="", prompt="Say hello.", max_tokens=4, temperature=0.0, timeout=PATIENCE)
LONG_TEXT = " ".join(str(number) for number in range(1_000, 1_400))
LONG = ModelRequest(
    prefix="",
    prompt="Count.",
    # A model of this size stops when it likes; held to this schema it cannot.
    schema={"type": "object", "properties": {"text": {"enum": [LONG_TEXT]}}, "required": ["text"]},
    max_tokens=1_800,
    timeout=PATIENCE,
)
SCHEMA = {
    "type": "object",
    "properties": {"flow": {"enum": ["transfer_money", "check_balance"]}},
    "required": ["flow"],
    "additionalProperties": False,
}


def open_at(peer: ModelPeer, **options: Any) -> LanguageModel:
    return open_model({"provider": "self-hosted", "model": peer.model, "api_base": peer.url, **options})


@pytest.fixture
async def model(model_peer: ModelPeer) -> AsyncIterator[LanguageModel]:
    model = open_at(model_peer)
    yield model
    await model.close()


async def test_an_answer_is_streamed_and_counted(model: LanguageModel) -> None:
    items = [item async for item in model.stream(SHORT)]
    *pieces, end = items
    assert len(pieces) > 1
    assert all(isinstance(piece, TextPiece) for piece in pieces)
    assert isinstance(end, AnswerEnd)
    assert 1 <= end.usage.output_tokens <= 4
    assert end.usage.input_tokens > 3
    assert end.finish_reason in ("stop", "length")


async def test_the_prefix_is_read_from_the_servers_cache_the_second_time(model: LanguageModel) -> None:
    request = ModelRequest(
        prefix="You help the customers of a bank. You know two flows: transfer money, check balance.",
        prompt="Hi.",
        max_tokens=1,
        timeout=PATIENCE,
    )
    await read_answer(model, request)
    again = await read_answer(model, request)
    assert 10 < again.usage.cached_tokens <= again.usage.input_tokens


async def test_a_schema_is_kept_by_a_model_that_knows_nothing(model: LanguageModel) -> None:
    request = ModelRequest(
        prefix="", prompt="Which flow?", schema=SCHEMA, max_tokens=40, temperature=0.0, timeout=PATIENCE
    )
    answer = await read_answer(model, request)
    assert json.loads(answer.text)["flow"] in ("transfer_money", "check_balance")


async def test_a_schema_that_the_server_does_not_know_costs_no_answer(model: LanguageModel) -> None:
    request = ModelRequest(
        prefix="", prompt="Hi.", schema={"type": "no such type"}, max_tokens=2, timeout=PATIENCE
    )
    assert (await read_answer(model, request)).finish_reason in ("stop", "length")


async def test_the_completions_endpoint_works_as_well(model_peer: ModelPeer) -> None:
    model = open_at(model_peer, use_chat_completions_endpoint=False)
    answer = await read_answer(model, SHORT)
    assert answer.text
    assert answer.usage.output_tokens > 0
    await model.close()


async def test_the_check_passes(model: LanguageModel) -> None:
    await model.check()


async def test_a_long_answer_is_ended_by_its_time_limit(model: LanguageModel) -> None:
    started = time.monotonic()
    with pytest.raises(LanguageModelError) as caught:
        await read_answer(model, replace(LONG, timeout=0.3))
    assert caught.value.reason is ModelFailure.TIMEOUT
    assert time.monotonic() - started < PATIENCE / 2


async def test_a_cancelled_answer_leaves_the_server_free_for_the_next(model: LanguageModel) -> None:
    has_begun = asyncio.Event()

    async def read() -> None:
        async for _ in model.stream(LONG):
            has_begun.set()

    task = asyncio.ensure_future(read())
    await has_begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # The server answers one request at a time, and the whole long answer takes much longer than this.
    quick = ModelRequest(prefix="", prompt=SHORT.prompt, max_tokens=2, timeout=8)
    assert (await read_answer(model, quick)).usage.output_tokens <= 2


async def test_an_answer_that_is_closed_early_leaves_the_server_free_for_the_next(
    model: LanguageModel,
) -> None:
    cut_off = await read_answer(model, LONG, max_characters=5)
    assert cut_off.is_cut_off
    quick = ModelRequest(prefix="", prompt=SHORT.prompt, max_tokens=2, timeout=8)
    assert (await read_answer(model, quick)).usage.output_tokens <= 2


async def test_a_server_that_dies_in_mid_answer_is_told_apart_and_found_again(
    local_model_peer: LocalModelPeer,
) -> None:
    model = open_at(local_model_peer)
    stream = model.stream(LONG)
    assert isinstance(await anext(stream), TextPiece)
    local_model_peer.kill()
    with pytest.raises(LanguageModelError) as broken:
        async for _ in stream:
            pass
    assert broken.value.reason is ModelFailure.BROKEN_OFF
    with pytest.raises(LanguageModelError) as gone:
        await read_answer(model, SHORT)
    assert gone.value.reason is ModelFailure.UNAVAILABLE
    await asyncio.to_thread(local_model_peer.start)
    assert (await read_answer(model, SHORT)).usage.output_tokens > 0
    await model.close()
