"""Every language model keeps the promise of its port."""

from typing import Any

from duologue.adapters.language_model import azure, openai
from duologue.ports.language_model import LanguageModel
from duologue.testing.contracts.language_model import API_KEY, MODEL, LanguageModelContract
from duologue.testing.model_server import ModelServer


class TestOpenAiLanguageModel(LanguageModelContract):
    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        return openai.open_model(
            {"provider": "openai", "model": MODEL, "api_base": server.url, "api_key": API_KEY, **options}
        )


class TestAzureLanguageModel(LanguageModelContract):
    def open_model(self, server: ModelServer, **options: Any) -> LanguageModel:
        return azure.open_model(
            {
                "provider": "azure",
                "deployment": MODEL,
                "api_base": server.origin,
                "api_key": API_KEY,
                **options,
            }
        )
