"""What every language model promises."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import msgspec
import pytest

from duologue.core.errors import LanguageModelError, ModelFailure
from duologue.ports.language_model import (
    AnswerEnd,
    LanguageModel,
    ModelRequest,
    ModelUsage,
    TextPiece,
    read_answer,
)
from duologue.testing.model_replies import Fault, ModelWire, ScriptedReply, refuse
from duologue.testing.model_server import ModelServer
from duologue.testing.openai_wire import OpenAiWire

MODEL = "scripted-model"
API_KEY = "sk-very-secret-key"
QUESTION = ModelRequest(
    prefix="You are the assistant of a bank.", prompt="The user says: my balance?", timeout=5.0
)
SHORT = 0.4
"""A time limit that a test can wait for."""
SLACK = 1.5
"""What a busy machine may take longer."""
OUR_SECRETS = (API_KEY, QUESTION.prefix, QUESTION.prompt)

NOT_A_STREAM = ScriptedReply(
    raw=b"<html><body>Welcome to the guest network.</body></html>", content_type="text/html"
)


def ask(**changes: Any) -> ModelRequest:  # fields of ModelRequest
    """The usual question with other options."""
    return msgspec.structs.replace(QUESTION, **changes)


@asynccontextmanager
async def open_stream(model: LanguageModel) -> AsyncGenerator[AsyncIterator[TextPiece | AnswerEnd]]:
    """An answer that is closed early, as whoever has read enough does it."""
    stream = model.stream(QUESTION)
    try:
        yield stream
    finally:
        close: Any = getattr(stream, "aclose")  # noqa: B009 the port promises an iterator; adapters give a generator
        await close()


async def fail_to_answer(model: LanguageModel, request: ModelRequest = QUESTION) -> LanguageModelError:
    """The error with which the model fails."""
    with pytest.raises(LanguageModelError) as caught:
        await read_answer(model, request)
    error = caught.value
    assert_fit_for_an_operator(error)
    return error


def assert_fit_for_an_operator(error: LanguageModelError) -> None:
    """One line that names the model and no secret."""
    text = str(error)
    assert text.strip()
    assert "\n" not in text
    assert len(text) < 600
    assert error.model in text
    for secret in OUR_SECRETS:
        assert secret not in text


class LanguageModelContract:
    """Derive a class with the method `open_model`, and `wire` if the provider's API is not OpenAI's.

    The suite drives the adapter against a scripted server of that wire.
    """

    pytestmark = pytest.mark.asyncio

    wire: ClassVar[ModelWire] = OpenAiWire()
    """How the provider's API spells things."""
    follows_schemas: ClassVar[bool] = True
    """Whether the adapter holds the model to a JSON schema."""
    counts_cached_tokens: ClassVar[bool] = True
    """Whether the provider says how much of the prompt came from its cache."""
    reads_retry_after: ClassVar[bool] = True
    """Whether the provider says how long to wait."""
    check_finds_unknown_models: ClassVar[bool] = True
    """Whether the provider can be asked what models it has."""

    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        """The adapter, pointed at the server, asking for the model `MODEL` with the key `API_KEY`.

        Args:
            options: options of the adapter that replace the usual ones, such as `timeout`.
        """
        raise TypeError("a contract's class says how to open its model")

    @pytest.fixture(scope="class")
    @classmethod
    def running_server(cls) -> Iterator[ModelServer]:
        """One for all tests of the class, for starting it takes longer than most of them."""
        with ModelServer(wire=cls.wire) as server:
            yield server

    @pytest.fixture
    async def server(self, running_server: ModelServer) -> ModelServer:
        """The provider, with nothing said or asked yet."""
        await running_server.start()
        running_server.reset()
        running_server.models, running_server.api_key = [MODEL], API_KEY
        return running_server

    @pytest.fixture
    async def model(self, server: ModelServer) -> AsyncIterator[LanguageModel]:
        model = self.open_model(server)
        yield model
        await model.close()

    # ---------------------------------------------------------------- an answer

    async def test_an_answer_comes_in_pieces_and_ends_with_what_it_cost(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        usage = ModelUsage(
            input_tokens=40, cached_tokens=32 if self.counts_cached_tokens else 0, output_tokens=5
        )
        server.reply(ScriptedReply(pieces=("Žofie", " 🦊\n", "ok"), usage=usage))
        items = [item async for item in model.stream(QUESTION)]
        assert "".join(item.text for item in items if isinstance(item, TextPiece)) == "Žofie 🦊\nok"
        assert len(items) > 2
        end = items[-1]
        assert isinstance(end, AnswerEnd)
        assert end.usage == usage
        assert end.finish_reason == "stop"
        assert MODEL in end.model
        assert not any(isinstance(item, AnswerEnd) for item in items[:-1])

    async def test_the_first_piece_is_there_before_the_last_is_sent(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply(ScriptedReply(pieces=("first", "second"), fault=Fault.STALL, fault_after=1))
        async with open_stream(model) as stream:
            assert await anext(stream) == TextPiece(text="first")

    async def test_an_empty_answer_is_an_answer(self, server: ModelServer, model: LanguageModel) -> None:
        server.reply(ScriptedReply(text=""))
        answer = await read_answer(model, QUESTION)
        assert answer.text == ""
        assert not answer.is_cut_off

    async def test_an_answer_cut_off_by_the_number_of_tokens_says_so(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply(ScriptedReply(text="start flow tran", finish_reason="length"))
        assert (await read_answer(model, QUESTION)).finish_reason == "length"

    async def test_many_questions_at_once_each_get_their_own_answer(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.answer_with(lambda request: f"answer to {request.prompt}")
        answers = await asyncio.gather(*(read_answer(model, ask(prompt=f"question {i}")) for i in range(12)))
        assert [answer.text for answer in answers] == [f"answer to question {i}" for i in range(12)]

    # ---------------------------------------------------------------- the request

    async def test_the_prefix_is_sent_first_and_stays_the_same(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.answer_with(lambda request: "ok")
        await read_answer(model, ask(prompt="one"))
        await read_answer(model, ask(prompt="two"))
        assert [request.prompt for request in server.requests] == ["one", "two"]
        assert {request.prefix for request in server.requests} == {QUESTION.prefix}
        assert {request.model for request in server.requests} == {MODEL}

    async def test_without_a_prefix_only_the_prompt_is_sent(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply("ok")
        await read_answer(model, ask(prefix=""))
        assert (server.requests[0].prefix, server.requests[0].prompt) == ("", QUESTION.prompt)

    async def test_limits_of_the_request_reach_the_provider(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply("ok")
        await read_answer(model, ask(max_tokens=17, temperature=0.25))
        assert server.requests[0].max_tokens == 17
        assert server.requests[0].temperature == 0.25

    async def test_a_schema_reaches_the_provider(self, server: ModelServer, model: LanguageModel) -> None:
        schema = {
            "type": "object",
            "properties": {"flow": {"type": "string"}},
            "required": ["flow"],
            "additionalProperties": False,
        }
        server.reply('{"flow": "transfer"}')
        assert (await read_answer(model, ask(schema=schema))).text == '{"flow": "transfer"}'
        assert server.requests[0].schema == (schema if self.follows_schemas else None)

    # ---------------------------------------------------------------- letting go

    async def test_closing_the_iterator_ends_the_call(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply(ScriptedReply(pieces=("a ",), pause=0.01, is_endless=True), "second")
        async with open_stream(model) as stream:
            assert isinstance(await anext(stream), TextPiece)
        await server.wait_for_disconnects(1)
        assert (await read_answer(model, QUESTION)).text == "second"

    async def test_cancelling_the_task_ends_the_call(self, server: ModelServer, model: LanguageModel) -> None:
        server.reply(ScriptedReply(fault=Fault.STALL), "second")
        task = asyncio.ensure_future(read_answer(model, QUESTION))
        await server.wait_for_requests(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.wait_for_disconnects(1)
        assert (await read_answer(model, QUESTION)).text == "second"

    async def test_reading_too_much_ends_the_call(self, server: ModelServer, model: LanguageModel) -> None:
        server.reply(ScriptedReply(pieces=("flood " * 200,), is_endless=True))
        answer = await read_answer(model, QUESTION, max_characters=5000)
        assert answer.is_cut_off
        assert len(answer.text) == 5000
        await server.wait_for_disconnects(1)

    async def test_an_answer_of_ten_megabytes_is_read_only_as_far_as_asked(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply(ScriptedReply(pieces=("x" * 10_000_000,)))
        answer = await read_answer(model, QUESTION, max_characters=1000)
        assert answer.is_cut_off
        assert len(answer.text) == 1000

    async def test_closing_twice_is_harmless(self, server: ModelServer) -> None:
        model = self.open_model(server)
        server.reply("ok")
        await read_answer(model, QUESTION)
        await model.close()
        await model.close()

    # ---------------------------------------------------------------- time

    @pytest.mark.parametrize(
        "reply",
        [
            pytest.param(ScriptedReply(fault=Fault.STALL), id="before the headers"),
            pytest.param(
                ScriptedReply(text="a b", fault=Fault.STALL, fault_after=0), id="before the first piece"
            ),
            pytest.param(
                ScriptedReply(text="a b", fault=Fault.STALL, fault_after=1), id="after the first piece"
            ),
            pytest.param(
                ScriptedReply(pieces=("a ",), pause=0.1, is_endless=True), id="while it drips for ever"
            ),
            pytest.param(ScriptedReply(pieces=("a " * 100,), is_endless=True), id="while it floods for ever"),
        ],
    )
    async def test_an_answer_never_takes_longer_than_its_limit(
        self, server: ModelServer, model: LanguageModel, reply: ScriptedReply
    ) -> None:
        # The first call of an SDK reads its own files, which can alone take longer than the limit.
        server.reply("ok", reply)
        await read_answer(model, QUESTION)
        started = time.monotonic()
        error = await fail_to_answer_at_any_length(model, ask(timeout=SHORT))
        assert time.monotonic() - started < SHORT + SLACK
        assert error.reason is ModelFailure.TIMEOUT
        assert error.is_retryable
        assert_fit_for_an_operator(error)
        await server.wait_for_disconnects(1)

    async def test_the_models_own_limit_holds_where_the_request_has_none(self, server: ModelServer) -> None:
        model = self.open_model(server, timeout=SHORT)
        server.reply(ScriptedReply(fault=Fault.STALL))
        error = await fail_to_answer(model, ask(timeout=None))
        assert error.reason is ModelFailure.TIMEOUT
        assert f"{SHORT:g}" in str(error)
        await model.close()

    # ---------------------------------------------------------------- failures

    @pytest.mark.parametrize(
        ("status", "code", "reason"),
        [
            (400, "", ModelFailure.BAD_REQUEST),
            (401, "invalid_api_key", ModelFailure.AUTHENTICATION),
            (403, "", ModelFailure.AUTHENTICATION),
            (404, "model_not_found", ModelFailure.UNKNOWN_MODEL),
            (429, "rate_limit_exceeded", ModelFailure.RATE_LIMIT),
            (500, "", ModelFailure.UNAVAILABLE),
            (502, "", ModelFailure.UNAVAILABLE),
            (503, "", ModelFailure.UNAVAILABLE),
        ],
    )
    async def test_a_refusal_says_why_and_is_not_tried_again(
        self, server: ModelServer, model: LanguageModel, status: int, code: str, reason: ModelFailure
    ) -> None:
        server.reply(refuse(status, f"no, because of {QUESTION.prompt}", code=code))
        error = await fail_to_answer(model)
        assert error.reason is reason
        assert len(server.requests) == 1

    async def test_a_provider_that_asks_us_to_wait_is_quoted(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.reply(refuse(429, code="rate_limit_exceeded", retry_after=3))
        error = await fail_to_answer(model)
        assert error.retry_after == (3.0 if self.reads_retry_after else None)

    @pytest.mark.parametrize("fault", [Fault.CUT, Fault.CLOSE, Fault.RESET, Fault.GARBAGE])
    async def test_an_answer_that_stops_in_the_middle_is_broken_off(
        self, server: ModelServer, model: LanguageModel, fault: Fault
    ) -> None:
        server.reply(ScriptedReply(text="a b c d", fault=fault, fault_after=2))
        error = await fail_to_answer(model)
        assert error.reason is ModelFailure.BROKEN_OFF
        assert error.is_retryable

    @pytest.mark.parametrize(
        "reply",
        [
            pytest.param(ScriptedReply(fault=Fault.CLOSE), id="closed connection"),
            pytest.param(ScriptedReply(fault=Fault.RESET), id="reset connection"),
            pytest.param(ScriptedReply(fault=Fault.GARBAGE), id="no HTTP at all"),
            pytest.param(NOT_A_STREAM, id="a web page"),
        ],
    )
    async def test_a_server_that_is_no_model_is_unavailable(
        self, server: ModelServer, model: LanguageModel, reply: ScriptedReply
    ) -> None:
        server.reply(reply)
        error = await fail_to_answer(model)
        assert error.reason in (ModelFailure.UNAVAILABLE, ModelFailure.BROKEN_OFF)
        assert error.is_retryable

    async def test_a_server_that_is_gone_is_unavailable_until_it_is_back(self, server: ModelServer) -> None:
        model = self.open_model(server)
        server.reply("before")
        assert (await read_answer(model, QUESTION)).text == "before"
        await server.stop()
        assert (await fail_to_answer(model)).reason is ModelFailure.UNAVAILABLE
        await server.start()
        server.reply("after")
        assert (await read_answer(model, QUESTION)).text == "after"
        await model.close()

    # ---------------------------------------------------------------- the check

    async def test_the_check_passes_where_the_model_answers(
        self, server: ModelServer, model: LanguageModel
    ) -> None:
        server.answer_with(lambda request: "ok")
        await model.check()

    async def test_the_check_finds_a_wrong_key(self, server: ModelServer) -> None:
        server.answer_with(lambda request: "ok")
        server.api_key = "another"
        assert (await self.fail_the_check(server)).reason is ModelFailure.AUTHENTICATION

    async def test_the_check_finds_an_unknown_model(self, server: ModelServer) -> None:
        if not self.check_finds_unknown_models:
            pytest.skip("the provider cannot be asked")
        server.answer_with(lambda request: "ok")
        server.models = ["another-model"]
        error = await self.fail_the_check(server)
        assert error.reason is ModelFailure.UNKNOWN_MODEL
        assert MODEL in str(error)

    async def test_the_check_finds_a_server_that_is_not_there(self, server: ModelServer) -> None:
        await server.stop()
        assert (await self.fail_the_check(server)).reason is ModelFailure.UNAVAILABLE

    async def fail_the_check(self, server: ModelServer) -> LanguageModelError:
        """The error with which the check of a new model fails."""
        model = self.open_model(server)
        with pytest.raises(LanguageModelError) as caught:
            await model.check()
        await model.close()
        assert_fit_for_an_operator(caught.value)
        return caught.value


async def fail_to_answer_at_any_length(model: LanguageModel, request: ModelRequest) -> LanguageModelError:
    """The error with which the model fails however much it says before."""
    with pytest.raises(LanguageModelError) as caught:
        async for _ in model.stream(request):
            pass
    return caught.value
