"""What is particular to a vendor: prompt caches, refusals that one can live with, its own words for errors."""

import ssl
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme

from duologue.adapters.embedder import any_llm as any_llm_embedder
from duologue.adapters.embedder import bedrock as bedrock_embedder
from duologue.adapters.embedder import gemini as gemini_embedder
from duologue.adapters.language_model import anthropic, any_llm, bedrock, gemini
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.ports.language_model import LanguageModel, ModelRequest, read_answer
from duologue.testing.model_replies import ModelWire, ScriptedReply, refuse
from duologue.testing.model_server import ModelServer
from duologue.testing.openai_wire import OpenAiWire
from tests.contract.anthropic_wire import AnthropicWire
from tests.contract.bedrock_wire import BedrockWire
from tests.contract.gemini_wire import GeminiWire

SCHEMA = {"type": "object", "properties": {"flow": {"type": "string"}}}
REQUEST = ModelRequest(
    prefix="You are a bank.", prompt="My balance?", schema=SCHEMA, temperature=0.0, timeout=5
)
KEYS: Mapping[str, Any] = {
    "api_key": "k",
    "aws_access_key_id": "k",
    "aws_secret_access_key": "s",
    "aws_region_name": "eu-west-1",
}
WIRES: Mapping[str, ModelWire] = {
    "anthropic": AnthropicWire(),
    "gemini": GeminiWire(),
    "bedrock": BedrockWire(),
    "portkey": OpenAiWire(),
}
OPENERS: Mapping[str, Callable[[Mapping[str, object]], LanguageModel]] = {
    "anthropic": anthropic.open_model,
    "gemini": gemini.open_model,
    "bedrock": bedrock.open_model,
    "portkey": any_llm.open_model,
}
VENDORS = pytest.mark.parametrize("vendor", list(OPENERS))


def open_vendor(vendor: str, server: ModelServer, model: str = "m", **options: Any) -> LanguageModel:
    keys = {key: value for key, value in KEYS.items() if key.startswith("aws") == (vendor == "bedrock")}
    return OPENERS[vendor]({"provider": vendor, "model": model, "api_base": server.url, **keys, **options})


async def fail_to_answer(model: LanguageModel) -> LanguageModelError:
    with pytest.raises(LanguageModelError) as caught:
        await read_answer(model, REQUEST)
    return caught.value


@VENDORS
async def test_a_refused_schema_is_left_out_from_then_on(vendor: str) -> None:
    async with ModelServer(wire=WIRES[vendor]) as server:
        model = open_vendor(vendor, server)
        server.reply(refuse(400, "This model does not support a JSON schema."), "first", "second")
        assert (await read_answer(model, REQUEST)).text == "first"
        assert (await read_answer(model, REQUEST)).text == "second"
        assert [request.schema for request in server.requests] == [SCHEMA, None, None]
        await model.close()


@pytest.mark.parametrize("vendor", ["anthropic", "gemini", "portkey"])
async def test_a_refused_temperature_is_left_out_from_then_on(vendor: str) -> None:
    async with ModelServer(wire=WIRES[vendor]) as server:
        model = open_vendor(vendor, server)
        server.reply(refuse(400, "`temperature` is not supported with this model."), "ok")
        assert (await read_answer(model, REQUEST)).text == "ok"
        assert [request.temperature for request in server.requests] == [0.0, None]
        await model.close()


@VENDORS
async def test_options_of_the_entry_hold_where_the_request_says_nothing(vendor: str) -> None:
    async with ModelServer("ok", wire=WIRES[vendor]) as server:
        model = open_vendor(vendor, server, temperature=0.5, max_tokens=99, rpm=5, weight=1)
        await read_answer(model, ModelRequest(prefix="", prompt="hi"))
        (request,) = server.requests
        assert (request.temperature, request.max_tokens) == (0.5, 99)
        assert "rpm" not in str(request.body)
        await model.close()


# any-llm takes its certificates from the environment only.
@pytest.mark.parametrize("vendor", ["anthropic", "gemini", "bedrock"])
async def test_certificates_of_ones_own_are_trusted_and_no_others(vendor: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    async with ModelServer("ok", wire=WIRES[vendor], tls=tls) as server:
        stranger = open_vendor(vendor, server)
        error = await fail_to_answer(stranger)
        assert error.reason is ModelFailure.UNAVAILABLE
        assert "certificate" in str(error)
        await stranger.close()
        model = open_vendor(vendor, server, ca_bundle=str(bundle))
        assert (await read_answer(model, REQUEST)).text == "ok"
        await model.close()


# ---------------------------------------------------------------- prompt caches


async def test_anthropic_is_told_to_keep_the_prefix() -> None:
    async with ModelServer("ok", wire=AnthropicWire()) as server:
        model = open_vendor("anthropic", server)
        await read_answer(model, REQUEST)
        assert server.requests[0].body["system"] == [
            {"type": "text", "text": REQUEST.prefix, "cache_control": {"type": "ephemeral"}}
        ]
        await model.close()


async def test_bedrock_is_told_to_keep_the_prefix_where_the_model_can() -> None:
    async with ModelServer(wire=BedrockWire()) as server:
        server.answer_with(lambda request: "ok")
        for name in ("eu.anthropic.claude-sonnet", "meta.llama"):
            model = open_vendor("bedrock", server, name)
            await read_answer(model, REQUEST)
            await model.close()
        marks = [request.body["system"][1:] for request in server.requests]
        assert marks == [[{"cachePoint": {"type": "default"}}], []]


async def test_a_model_of_bedrock_that_cannot_keep_the_prefix_is_asked_without() -> None:
    async with ModelServer(wire=BedrockWire()) as server:
        model = open_vendor("bedrock", server, "anthropic.claude-old")
        server.reply(refuse(403, "You invoked a model that does not allow prompt caching."), "ok")
        assert (await read_answer(model, REQUEST)).text == "ok"
        assert len(server.requests[1].body["system"]) == 1
        await model.close()


async def test_anthropic_is_asked_without_the_options_of_other_providers_that_it_refuses() -> None:
    async with ModelServer(wire=AnthropicWire()) as server:
        model = open_vendor("anthropic", server, reasoning_effort="none")
        server.reply(refuse(400, "reasoning_effort: Extra inputs are not permitted"), "ok")
        assert (await read_answer(model, REQUEST)).text == "ok"
        assert ["reasoning_effort" in request.body for request in server.requests] == [True, False]
        await model.close()


# ---------------------------------------------------------------- Gemini's own


async def test_gemini_thinks_little_unless_it_must() -> None:
    async with ModelServer(wire=GeminiWire()) as server:
        model = open_vendor("gemini", server, "gemini-2.5-flash")
        server.reply("ok", refuse(400, "Budget 0 is invalid. This model only works in thinking mode."), "ok")
        await read_answer(model, REQUEST)
        await read_answer(model, REQUEST)
        configs = [request.body["generationConfig"].get("thinkingConfig") for request in server.requests]
        assert [config and list(config.values()) for config in configs] == [[0], [0], None]
        await model.close()


async def test_gemini_thinks_if_the_author_wants_it() -> None:
    async with ModelServer("ok", wire=GeminiWire()) as server:
        model = open_vendor("gemini", server, "gemini-2.5-flash", reasoning_effort="high", logit_bias={})
        await read_answer(model, REQUEST)
        assert "thinkingConfig" not in server.requests[0].body["generationConfig"]
        await model.close()


def test_an_option_that_google_does_not_take_is_named() -> None:
    with pytest.raises(DefinitionError, match="options that Google's SDK does not take: `colour`"):
        gemini.open_model({"model": "m", "api_key": "k", "colour": "red"})


async def test_gemini_calls_a_wrong_key_a_bad_request() -> None:
    async with ModelServer(wire=GeminiWire()) as server:
        server.reply(refuse(400, "API key not valid. Please pass a valid API key.", code="INVALID_ARGUMENT"))
        model = open_vendor("gemini", server)
        assert (await fail_to_answer(model)).reason is ModelFailure.AUTHENTICATION
        await model.close()


async def test_gemini_says_in_the_body_how_long_to_wait() -> None:
    body = b'{"error": {"code": 429, "message": "Quota.", "details": [{"a": 1}, {"retryDelay": "34s"}]}}'
    async with ModelServer(ScriptedReply(status=429, raw=body), wire=GeminiWire()) as server:
        model = open_vendor("gemini", server)
        error = await fail_to_answer(model)
        assert (error.reason, error.retry_after) == (ModelFailure.RATE_LIMIT, 34.0)
        await model.close()


async def test_gemini_that_blocks_a_prompt_gives_an_empty_answer_that_says_so() -> None:
    body = b'data: {"promptFeedback": {"blockReason": "SAFETY"}}\r\n\r\n'
    reply = ScriptedReply(raw=body, content_type="text/event-stream")
    async with ModelServer(reply, wire=GeminiWire()) as server:
        model = open_vendor("gemini", server)
        answer = await read_answer(model, REQUEST)
        assert (answer.text, answer.finish_reason) == ("", "content_filter")
        await model.close()


@pytest.mark.parametrize("given", ["/nowhere/account.json", "{", '{"type": "service_account"}'])
def test_credentials_of_vertex_that_cannot_be_read_are_named_and_not_shown(given: str) -> None:
    with pytest.raises(DefinitionError, match="`vertex_credentials` cannot be read"):
        gemini.open_model(
            {
                "provider": "vertex_ai",
                "model": "gemini-2.5-flash",
                "vertex_project": "p",
                "vertex_location": "europe-west1",
                "vertex_credentials": given,
            }
        )


# ---------------------------------------------------------------- extras and options


@pytest.mark.parametrize(
    ("opener", "module", "extra"),
    [
        (anthropic.open_model, "anthropic", "anthropic"),
        (gemini.open_model, "google.genai", "gemini"),
        (gemini_embedder.open_embedder, "google.genai", "gemini"),
        (bedrock.open_model, "aiobotocore.session", "bedrock"),
        (bedrock_embedder.open_embedder, "aiobotocore.session", "bedrock"),
        (any_llm.open_model, "any_llm", "any-llm"),
        (any_llm_embedder.open_embedder, "any_llm", "any-llm"),
    ],
)
def test_a_missing_extra_is_one_sentence(
    opener: Callable[[Mapping[str, object]], object],
    module: str,
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DefinitionError) as caught:
        opener({"model": "amazon.titan-embed"})
    assert str(caught.value).endswith(f'need an extra: pip install "duologue[{extra}]".')


def test_an_sdk_that_any_llm_needs_is_named() -> None:
    with pytest.raises(DefinitionError) as caught:
        any_llm.open_model({"provider": "watsonx", "model": "m", "api_key": "k"})
    assert str(caught.value) == (
        'Models of the provider `watsonx` need an SDK: pip install "any-llm-sdk[watsonx]".'
    )


@pytest.mark.parametrize("opener", [anthropic.open_model, gemini.open_model, bedrock.open_model])
def test_an_option_of_the_wrong_kind_is_named(opener: Callable[[Mapping[str, object]], object]) -> None:
    with pytest.raises(DefinitionError, match=r"has an option that cannot be read: .*\$\.timeout"):
        opener({"model": "m", "api_key": "k", "timeout": "soon"})


def test_an_embedder_of_an_unknown_family_of_bedrock_is_refused() -> None:
    with pytest.raises(DefinitionError, match="of a family that is not known here"):
        bedrock_embedder.open_embedder({"model": "meta.llama-embed"})
