"""The models of vendors with an API of their own keep the promise of the port."""

from typing import Any

import pytest

from duologue.adapters.language_model import anthropic, any_llm, bedrock, gemini
from duologue.ports.language_model import LanguageModel
from duologue.testing.contracts.language_model import API_KEY, MODEL, LanguageModelContract
from duologue.testing.model_replies import Fault
from duologue.testing.model_server import ModelServer
from tests.contract.anthropic_wire import AnthropicWire
from tests.contract.bedrock_wire import BedrockWire
from tests.contract.gemini_wire import GeminiWire


class TestAnthropicLanguageModel(LanguageModelContract):
    wire = AnthropicWire()

    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        return anthropic.open_model(
            {"provider": "anthropic", "model": MODEL, "api_base": server.url, "api_key": API_KEY, **options}
        )


class TestGeminiLanguageModel(LanguageModelContract):
    wire = GeminiWire()

    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        return gemini.open_model(
            {"provider": "gemini", "model": MODEL, "api_base": server.url, "api_key": API_KEY, **options}
        )


class TestBedrockLanguageModel(LanguageModelContract):
    wire = BedrockWire()

    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        return bedrock.open_model(
            {
                "provider": "bedrock",
                "model": MODEL,
                "api_base": server.url,
                "aws_access_key_id": API_KEY,
                "aws_secret_access_key": "another secret",
                "aws_region_name": "eu-central-1",
                **options,
            }
        )

    # Without GARBAGE: aiohttp does not always notice it, and then the time limit ends the answer.
    @pytest.mark.parametrize("fault", [Fault.CUT, Fault.CLOSE, Fault.RESET])
    async def test_an_answer_that_stops_in_the_middle_is_broken_off(
        self, server: ModelServer, model: LanguageModel, fault: Fault
    ) -> None:
        await super().test_an_answer_that_stops_in_the_middle_is_broken_off(server, model, fault)


class TestAnyLlmLanguageModel(LanguageModelContract):
    """By the example of a provider that speaks OpenAI's API."""

    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        return any_llm.open_model(
            {"provider": "portkey", "model": MODEL, "api_base": server.url, "api_key": API_KEY, **options}
        )
