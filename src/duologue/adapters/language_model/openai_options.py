"""What a project says about a model that speaks OpenAI's API."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData

ModelOptions: TypeAlias = Mapping[str, object]
"""The keys of one model of a model group, with the values of the environment filled in."""

_OLD_NAMES = {
    "model_name": "model",
    "openai_api_key": "api_key",
    "openai_api_base": "api_base",
    "base_url": "api_base",
    "openai_api_version": "api_version",
    "deployment_name": "deployment",
    "deployment_id": "deployment",
    "engine": "deployment",
    "azure_deployment": "deployment",
    "request_timeout": "timeout",
    "max_completion_tokens": "max_tokens",
    "default_headers": "extra_headers",
    "headers": "extra_headers",
}
# What projects write beside a model that is not for its provider, but for us or for whoever chooses between models.
_NOT_FOR_THE_PROVIDER = frozenset(
    {
        "id",
        "type",
        "_type",
        "api_type",
        "openai_api_type",
        "cache",
        "stream",
        "max_retries",
        "num_retries",
        "weight",
        "rpm",
        "tpm",
        "model_info",
        "input_cost_per_token",
        "output_cost_per_token",
        "drop_params",
    }
)


class OpenAiOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options that mean something to us; the rest are parameters of every request."""

    provider: str = "openai"
    model: str = ""
    deployment: str = ""
    """Azure's name for a model that one has set up."""
    api_base: str = ""
    api_version: str = ""
    api_key: str = ""
    timeout: float = 7.0
    """Seconds for a whole answer."""
    use_chat_completions_endpoint: bool = True
    ca_bundle: str = ""
    """File or folder with the certificates of the authorities to trust, in place of the usual ones."""
    organization: str | None = None
    project: str | None = None
    extra_headers: dict[str, str] = {}
    extra_query: dict[str, str] = {}
    extra_body: dict[str, Any] = {}  # whatever the provider takes
    oauth: dict[str, Any] = {}  # open: a class of the project's own takes what it likes
    parameters: dict[str, Any] = {}  # whatever the provider takes


class _KnownParameters(msgspec.Struct, omit_defaults=True):
    """Parameters that are numbers even where a variable of the environment, thus a text, gave them."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None


def read_options(options: ModelOptions) -> OpenAiOptions:
    """The options of one model.

    Raises:
        DefinitionError: an option has the wrong type, or the provider is not known.
    """
    given = {_OLD_NAMES.get(key, key): value for key, value in options.items() if value not in (None, "")}
    ours: OpenData = {}
    parameters: OpenData = {}
    for key, value in given.items():
        if key in OpenAiOptions.__struct_fields__:
            ours[key] = value
        elif key not in _NOT_FOR_THE_PROVIDER:
            parameters[key] = value
    # An empty text, as an unset variable leaves it, is as good as no option; a key often comes with a line's end.
    for key in ("api_key", "api_base", "model", "deployment"):
        if isinstance(ours.get(key), str):
            ours[key] = ours[key].strip()
    ours["provider"] = str(ours.get("provider", "openai")).lower()
    try:
        known = msgspec.convert(parameters, _KnownParameters, strict=False)
        ours["parameters"] = {**parameters, **msgspec.to_builtins(known)}
        return msgspec.convert(ours, OpenAiOptions, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"{_describe(options)} has an option that cannot be read: {error}.") from None


def require_api_base(options: OpenAiOptions) -> str:
    """The address of the API.

    Raises:
        DefinitionError: the project does not say where it is, or says it wrongly.
    """
    address = options.api_base.rstrip("/")
    if not address and options.provider == "openai":
        address = "https://api.openai.com/v1"
    if not address:
        raise DefinitionError(
            f"The model {options.model!r} of provider {options.provider!r} needs `api_base`, "
            "the address of its server, such as http://localhost:8000/v1."
        )
    if not address.startswith(("http://", "https://")):
        raise DefinitionError(
            f"`api_base` of the model {options.model!r} must begin with http:// or https://; it is {address!r}."
        )
    for ending in ("/chat/completions", "/completions", "/embeddings"):
        address = address.removesuffix(ending)
    # Ollama's own API is at the root, and most projects name that.
    if options.provider.startswith("ollama") and address.count("/") == 2:
        address += "/v1"
    return address


def _describe(options: ModelOptions) -> str:
    model = options.get("model") or options.get("deployment") or ""
    return f"The model {model!r} of provider {options.get('provider', 'openai')!r}"
