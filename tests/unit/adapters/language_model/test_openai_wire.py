"""What goes over the wire to OpenAI's API and its likes, and what comes back, in the ways in which they differ."""

import json
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest

from duologue.adapters.language_model.openai import open_model
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.language_model import LanguageModel, ModelRequest, ModelUsage, read_answer
from duologue.testing.model_replies import Fault, ReceivedRequest, ScriptedReply, refuse
from duologue.testing.model_server import Answer, ModelServer

REQUEST = ModelRequest(prefix="You are a bank.", prompt="my balance")
SCHEMA = {"type": "object", "properties": {"flow": {"type": "string"}}}


@pytest.fixture(scope="module")
def running_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(running_server: ModelServer) -> ModelServer:
    running_server.reset()
    return running_server


def open_at(server: ModelServer, **options: Any) -> LanguageModel:
    return open_model({"provider": "openai", "model": "m", "api_base": server.url, "api_key": "k", **options})


async def ask(model: LanguageModel, request: ModelRequest = REQUEST) -> str:
    return (await read_answer(model, request)).text


def refuse_unless(*refusals: tuple[str, Answer]) -> Any:
    """An answerer that refuses requests with a certain parameter, as a server that does not know it."""

    def answer(request: ReceivedRequest) -> Answer:
        for name, refusal in refusals:
            if name in request.body:
                return refusal
        return "ok"

    return answer


# -------------------------------------------------------------------- options


async def test_options_are_parameters_of_every_request(server: ModelServer) -> None:
    model = open_at(
        server,
        temperature="0.5",
        max_tokens="99",
        top_p=0.9,
        logit_bias={"50256": -100},
        something_new={"deep": True},
        extra_headers={"X-Team": "support"},
        extra_body={"top_k": 1},
        cache={"no-cache": True},
        timeout=3,
        id="x",
        rpm=100,
    )
    server.reply("ok")
    await ask(model)
    request = server.requests[0]
    assert request.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are a bank."},
            {"role": "user", "content": "my balance"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 99,
        "top_p": 0.9,
        "logit_bias": {"50256": -100},
        "something_new": {"deep": True},
        "top_k": 1,
    }
    assert request.headers["x-team"] == "support"
    await model.close()


async def test_the_request_wins_over_the_options(server: ModelServer) -> None:
    model = open_at(server, temperature=0.5, max_tokens=99)
    server.reply("ok")
    await ask(model, ModelRequest(prefix="", prompt="x", temperature=0.0, max_tokens=5))
    assert (server.requests[0].temperature, server.requests[0].max_tokens) == (0.0, 5)
    await model.close()


async def test_old_names_of_options_are_understood(server: ModelServer) -> None:
    model = open_model(
        {
            "provider": "openai",
            "model_name": "m",
            "openai_api_base": server.url + "/chat/completions",
            "openai_api_key": " k\n",
            "request_timeout": 0.2,
        }
    )
    server.reply("ok", ScriptedReply(fault=Fault.STALL))
    assert await ask(model) == "ok"
    assert server.requests[0].api_key == "k"
    with pytest.raises(LanguageModelError, match=r"0\.2 s"):
        await ask(model)
    await model.close()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"provider": "openai"}, "has no `model`"),
        ({"provider": "self-hosted", "model": "m"}, "needs `api_base`"),
        ({"provider": "self-hosted", "model": "m", "api_base": "localhost:8000/v1"}, "must begin with http"),
        ({"model": "m", "timeout": "soon"}, r"cannot be read: .*timeout"),
        ({"model": "m", "temperature": "hot"}, r"cannot be read: .*temperature"),
        ({"model": "m", "ca_bundle": "/nowhere/ca.pem"}, "certificates in /nowhere/ca.pem cannot be loaded"),
    ],
)
def test_an_option_that_is_of_no_use_is_one_sentence(options: dict[str, object], complaint: str) -> None:
    with pytest.raises(DefinitionError, match=complaint) as caught:
        open_model(options)
    assert "\n" not in str(caught.value)


async def test_ollama_is_found_at_its_root(server: ModelServer) -> None:
    model = open_model({"provider": "ollama", "model": "m", "api_base": server.origin})
    server.reply("ok")
    assert await ask(model) == "ok"
    assert server.requests[0].path == "/v1/chat/completions"
    await model.close()


async def test_what_the_environment_holds_for_openai_is_not_sent_elsewhere(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-openai")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-openai")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    model = open_model({"provider": "self-hosted", "model": "m", "api_base": server.url})
    server.reply("ok")
    await ask(model)
    assert "of-openai" not in str(server.requests[0].headers)
    assert "authorization" not in server.requests[0].headers
    await model.close()


# -------------------------------------------------------------------- the other endpoint


async def test_the_completions_endpoint_takes_prefix_and_prompt_as_one_text(server: ModelServer) -> None:
    model = open_at(server, use_chat_completions_endpoint="false")
    usage = ModelUsage(input_tokens=7, output_tokens=2)
    server.reply(ScriptedReply(text="two words", usage=usage))
    answer = await read_answer(model, REQUEST)
    assert (answer.text, answer.usage) == ("two words", usage)
    assert server.requests[0].path == "/v1/completions"
    assert server.requests[0].prompt == "You are a bank.\n\nmy balance"
    assert server.requests[0].max_tokens == 512
    await model.close()


# -------------------------------------------------------------------- refused parameters


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        (
            "temperature",
            refuse(
                400,
                "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1)"
                " value is supported.",
                field="temperature",
                code="unsupported_value",
            ),
        ),
        (
            "stream_options",
            refuse(
                422,
                "[{'type': 'extra_forbidden', 'loc': ['body', 'stream_options'], 'msg': 'Extra inputs are not"
                " permitted'}]",
            ),
        ),
        ("response_format", refuse(400, "This model does not support response format `json_schema`.")),
        ("response_format", refuse(400, "failed to parse grammar")),
        ("reasoning_effort", refuse(400, "Unrecognized request argument supplied: reasoning_effort")),
    ],
)
async def test_a_refused_parameter_is_left_out_from_then_on(
    server: ModelServer, name: str, refusal: ScriptedReply
) -> None:
    model = open_at(server, temperature=0.5, reasoning_effort="low")
    request = ModelRequest(prefix="", prompt="x", schema=SCHEMA)
    server.answer_with(refuse_unless((name, refusal)))
    assert await ask(model, request) == "ok"
    assert await ask(model, request) == "ok"
    assert [name in request.body for request in server.requests] == [True, False, False]
    await model.close()


async def test_several_refusals_in_a_row_are_survived(server: ModelServer) -> None:
    model = open_at(server, temperature=0.5)
    refusals = [
        (name, refuse(400, f"Unsupported parameter: '{name}'", field=name))
        for name in ("temperature", "stream_options", "response_format")
    ]
    server.answer_with(refuse_unless(*refusals))
    assert await ask(model, ModelRequest(prefix="", prompt="x", schema=SCHEMA)) == "ok"
    assert len(server.requests) == 4
    await model.close()


@pytest.mark.parametrize(
    ("model_name", "first"), [("gpt-4o", "max_tokens"), ("gpt-5.1", "max_completion_tokens")]
)
async def test_the_limit_of_tokens_goes_by_its_other_name_where_one_is_refused(
    server: ModelServer, model_name: str, first: str
) -> None:
    other = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}[first]
    model = open_at(server, model=model_name, max_tokens=50)
    server.answer_with(
        refuse_unless(
            (first, refuse(400, f"Unsupported parameter: '{first}'. Use '{other}' instead.", field=first))
        )
    )
    assert await ask(model) == "ok"
    assert [first in request.body for request in server.requests] == [True, False]
    assert [request.max_tokens for request in server.requests] == [50, 50]
    await model.close()


async def test_a_limit_of_the_request_takes_the_place_of_the_options_under_either_name(
    server: ModelServer,
) -> None:
    model = open_at(server, model="gpt-5.1", max_tokens=50)
    server.reply("ok")
    await ask(model, ModelRequest(prefix="", prompt="x", max_tokens=5))
    assert server.requests[0].body["max_completion_tokens"] == 5
    assert "max_tokens" not in server.requests[0].body
    await model.close()


@pytest.mark.parametrize(
    "error",
    ["System role not supported", "Conversation roles must alternate user/assistant/user/assistant/..."],
)
async def test_a_model_without_system_messages_gets_the_prefix_in_the_users(
    server: ModelServer, error: str
) -> None:
    model = open_at(server)
    server.answer_with(lambda request: refuse(400, error) if request.prefix else "ok")
    assert await ask(model) == "ok"
    assert await ask(model) == "ok"
    assert [request.prompt for request in server.requests] == [
        "my balance",
        "You are a bank.\n\nmy balance",
        "You are a bank.\n\nmy balance",
    ]
    await model.close()


async def test_a_schema_that_is_not_strict_enough_is_sent_as_a_loose_one(server: ModelServer) -> None:
    def answer(request: ReceivedRequest) -> Answer:
        if request.body["response_format"]["json_schema"]["strict"]:
            return refuse(
                400,
                "Invalid schema for response_format 'answer': In context=(), 'additionalProperties' is required"
                " to be supplied and to be false.",
                field="response_format",
            )
        return "{}"

    model = open_at(server)
    server.answer_with(answer)
    request = ModelRequest(prefix="", prompt="x", schema=SCHEMA)
    assert await ask(model, request) == "{}"
    assert await ask(model, request) == "{}"
    assert len(server.requests) == 3
    assert server.requests[-1].schema == SCHEMA
    await model.close()


async def test_a_value_that_is_out_of_range_is_the_authors_to_mend(server: ModelServer) -> None:
    model = open_at(server, temperature=5)
    server.answer_with(
        lambda request: refuse(400, "Invalid 'temperature': must be at most 2.", field="temperature")
    )
    with pytest.raises(LanguageModelError, match="must be at most 2") as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.BAD_REQUEST
    assert len(server.requests) == 1
    await model.close()


async def test_a_server_that_refuses_everything_is_not_asked_for_ever(server: ModelServer) -> None:
    model = open_at(server, temperature=0.5)
    server.answer_with(lambda request: refuse(400, "Unsupported parameter.", field="temperature"))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.BAD_REQUEST
    assert len(server.requests) == 2
    await model.close()


# -------------------------------------------------------------------- reasoning


@pytest.mark.parametrize(
    ("model_name", "effort"),
    [
        ("gpt-5.1-2025-11-13", "none"),
        ("gpt-5-mini", "minimal"),
        ("gpt-5-codex", "low"),
        ("o3-mini", "low"),
        ("o1", "low"),
        ("openai/gpt-oss-20b", "low"),
        ("gpt-5-chat-latest", None),
        ("o1-mini", None),
        ("gpt-4o-2024-11-20", None),
        ("mistral-small", None),
    ],
)
async def test_models_that_reason_are_asked_to_reason_as_little_as_they_can(
    server: ModelServer, model_name: str, effort: str | None
) -> None:
    model = open_at(server, model=model_name)
    server.reply("ok")
    await ask(model)
    assert server.requests[0].body.get("reasoning_effort") == effort
    await model.close()


async def test_the_lowest_effort_that_the_server_names_is_taken(server: ModelServer) -> None:
    def answer(request: ReceivedRequest) -> Answer:
        if request.body.get("reasoning_effort") == "none":
            return refuse(
                400,
                "Unsupported value: 'none' is not supported with the 'm' model. Supported values are: 'medium',"
                " 'low', and 'high'.",
                field="reasoning_effort",
            )
        return "ok"

    model = open_at(server, reasoning_effort="none")
    server.answer_with(answer)
    assert await ask(model) == "ok"
    assert await ask(model) == "ok"
    assert [request.body["reasoning_effort"] for request in server.requests] == ["none", "low", "low"]
    await model.close()


# -------------------------------------------------------------------- answers of many servers


async def test_an_answer_that_is_not_streamed_is_read_too(server: ModelServer) -> None:
    body = {
        "model": "m-1",
        "choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
    model = open_at(server)
    server.reply(ScriptedReply(raw=json.dumps(body).encode()))
    answer = await read_answer(model, REQUEST)
    assert (answer.text, answer.model) == ("whole", "m-1")
    assert answer.usage == ModelUsage(input_tokens=3, output_tokens=1)
    await model.close()


ODD_EVENTS = b"""\
: a comment that keeps the connection open

event: completion\r
data:{"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}\r
\r
data: {"choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}],"usage":null}

data: {"choices":[{"index":1,"delta":{"content":"another answer"}}]}

data: {"choices":[{"delta":{"content":[{"type":"text","text":" two"}]},"finish_reason":""}]}

data: {"choices":null}

data: {"choices":[
data: {"delta":{},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"prompt_tokens":"9","completion_tokens":-1,"prompt_cache_hit_tokens":4}}

data: [DONE]"""


async def test_streams_of_many_forms_are_understood(server: ModelServer) -> None:
    model = open_at(server)
    server.reply(ScriptedReply(raw=ODD_EVENTS, content_type="text/event-stream; charset=utf-8"))
    answer = await read_answer(model, REQUEST)
    assert answer.text == "one two"
    assert answer.usage == ModelUsage(input_tokens=9, cached_tokens=4)
    assert not answer.is_cut_off
    await model.close()


@pytest.mark.parametrize(
    "events",
    [
        b'data: {"choices": [{"delta": {"content": 5}}]}\n\n',
        b"data: {not json}\n\n",
        b"data: []\n\n",
        b'data: {"choices": [{"delta": {"content": "never ends"}}]}\n\n',
        b"",
        b"\xff\xfe\x00",
        b'data: {"error": {"message": "my balance is too long", "code": null}}\n\n',
    ],
)
async def test_a_stream_of_nonsense_is_broken_off(server: ModelServer, events: bytes) -> None:
    model = open_at(server)
    server.reply(ScriptedReply(raw=events, content_type="text/event-stream"))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.BROKEN_OFF
    assert "my balance" not in str(caught.value)
    await model.close()


async def test_an_error_in_the_stream_keeps_its_number(server: ModelServer) -> None:
    model = open_at(server)
    events = b'data: {"error": {"message": "slow down", "code": 429}}\n\n'
    server.reply(ScriptedReply(raw=events, content_type="text/event-stream"))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.reason is ModelFailure.RATE_LIMIT
    await model.close()


async def test_a_whole_answer_whose_bill_never_comes_is_an_answer(server: ModelServer) -> None:
    model = open_at(server, timeout=0.4)
    end = b'data: {"choices":[{"delta":{"content":"done"},"finish_reason":"stop"}]}\n\n'
    server.reply(
        ScriptedReply(
            raw=end, content_type="text/event-stream", headers={"content-length": str(len(end) + 1000)}
        )
    )
    started = time.monotonic()
    assert await ask(model) == "done"
    assert time.monotonic() - started < 3
    await model.close()


# -------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "1e9"}, 3600.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
async def test_the_wait_that_a_provider_asks_for_is_read(
    server: ModelServer, headers: dict[str, str], seconds: float | None
) -> None:
    model = open_at(server)
    server.reply(ScriptedReply(status=429, error="slow down", headers=headers))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.retry_after == seconds
    await model.close()


async def test_a_wait_may_be_a_date_by_the_servers_own_clock(server: ModelServer) -> None:
    model = open_at(server)
    then = formatdate(time.time() + 30, usegmt=True)
    server.reply(ScriptedReply(status=503, error="maintenance", headers={"retry-after": then}))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.retry_after is not None
    assert 25 <= caught.value.retry_after <= 31
    await model.close()


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (refuse(402, "Insufficient Balance"), ModelFailure.RATE_LIMIT),
        (refuse(408, "Request Timeout"), ModelFailure.TIMEOUT),
        (refuse(413, "Too large"), ModelFailure.BAD_REQUEST),
        (refuse(529, "Overloaded"), ModelFailure.UNAVAILABLE),
        (refuse(400, "Model Not Exist"), ModelFailure.UNKNOWN_MODEL),
        (refuse(400, "Invalid model: mistral-tiny-2"), ModelFailure.UNKNOWN_MODEL),
        (refuse(400, "nope", code="model_not_found"), ModelFailure.UNKNOWN_MODEL),
    ],
)
async def test_every_provider_has_its_own_way_to_refuse(
    server: ModelServer, refusal: ScriptedReply, reason: ModelFailure
) -> None:
    model = open_at(server)
    server.reply(refusal)
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert caught.value.reason is reason
    assert refusal.error in str(caught.value)
    await model.close()


async def test_a_sentence_of_the_provider_that_repeats_the_prompt_is_not_passed_on(
    server: ModelServer,
) -> None:
    model = open_at(server)
    request = ModelRequest(prefix="", prompt="Write to Anna Example, Long Road 5, about her loan.")
    server.reply(refuse(400, "Flagged: “Anna Example, Long Road 5” holds personal data"))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model, request)
    assert "Anna" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    await model.close()


async def test_the_address_in_an_error_holds_no_password(server: ModelServer) -> None:
    base = server.url.replace("http://", "http://user:geheim@")
    model = open_at(server, api_base=base)
    server.reply(refuse(500))
    with pytest.raises(LanguageModelError) as caught:
        await ask(model)
    assert "geheim" not in str(caught.value)
    assert server.url in str(caught.value)
    await model.close()


# -------------------------------------------------------------------- the check


async def test_the_check_costs_no_token_where_the_list_of_models_is_enough(server: ModelServer) -> None:
    server.models, server.api_key = ["m"], "k"
    model = open_at(server)
    await model.check()
    assert server.requests == []
    server.models, server.api_key = [], None
    await model.close()


async def test_the_check_asks_for_the_shortest_answer_where_there_is_no_list(server: ModelServer) -> None:
    server.answer_with(lambda request: "OK")
    model = open_at(server, provider="self-hosted", api_base=server.origin)
    await model.check()
    assert server.requests[0].max_tokens == 16
    await model.close()


async def test_the_check_finds_an_address_that_is_not_the_apis(server: ModelServer) -> None:
    model = open_at(server, api_base=f"{server.origin}/elsewhere")
    with pytest.raises(LanguageModelError, match="look at its `model` and `api_base`"):
        await model.check()
    await model.close()


async def test_the_check_names_models_that_are_there(server: ModelServer) -> None:
    server.models = ["llama-3.3-70b", "qwen-3"]
    model = open_at(server, provider="self-hosted", model="llama-3.3-70")
    with pytest.raises(LanguageModelError, match=r"The server has llama-3\.3-70b\.") as caught:
        await model.check()
    assert caught.value.reason is ModelFailure.UNKNOWN_MODEL
    server.models = []
    await model.close()
