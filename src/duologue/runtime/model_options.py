"""The options of one model, completed from the environment: key, address, certificates."""

from collections.abc import Mapping

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData
from duologue.project.endpoints import ModelEntry
from duologue.project.model_group_reader import list_open_variables
from duologue.project.model_providers import ModelProvider, find_provider

_CA_BUNDLES = ("RASA_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_NUMBERS: Mapping[str, type[int] | type[float]] = {
    "timeout": float,
    "temperature": float,
    "top_p": float,
    "weight": float,
    "input_cost_per_token": float,
    "output_cost_per_token": float,
    "max_tokens": int,
    "max_completion_tokens": int,
    "rpm": int,
    "tpm": int,
    "dimensions": int,
    "seed": int,
}
_AWS_VARIABLES = {
    "aws_access_key_id": ("AWS_ACCESS_KEY_ID",),
    "aws_secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "aws_session_token": ("AWS_SESSION_TOKEN",),
    "aws_region_name": ("AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"),
}
_PROVIDER_VARIABLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "azure": {"api_version": ("AZURE_API_VERSION", "OPENAI_API_VERSION")},
    "openai": {"organization": ("OPENAI_ORGANIZATION", "OPENAI_ORG_ID")},
    "bedrock": _AWS_VARIABLES,
    "sagemaker": _AWS_VARIABLES,
    "vertex_ai": {
        "vertex_project": ("VERTEXAI_PROJECT", "GOOGLE_CLOUD_PROJECT"),
        "vertex_location": ("VERTEXAI_LOCATION", "GOOGLE_CLOUD_LOCATION"),
    },
}


class ModelNotUsableError(DefinitionError):
    """A language model cannot be used as it is written; one sentence says which, why and how to mend it."""


def complete_options(entry: ModelEntry, variables: Mapping[str, str]) -> OpenData:
    """What the opener of an adapter gets: the entry's options under their usual names, and `provider`.

    Raises:
        ModelNotUsableError: a key, an address or a variable is missing.
    """
    provider = find_provider(entry.provider) or ModelProvider(names=(entry.provider,), needs_key=False)
    options: OpenData = {"provider": entry.provider, **entry.options}
    _require_variables(entry)
    _read_numbers(entry, options)
    _fill(options, "api_base", _read_first(variables, provider.base_variables) or provider.api_base)
    _fill(options, "ca_bundle", _read_first(variables, _CA_BUNDLES))
    for option, names in _PROVIDER_VARIABLES.get(entry.provider, {}).items():
        _fill(options, option, _read_first(variables, names))
    if "oauth" not in options:
        _fill(options, "api_key", _read_first(variables, provider.key_variables))
        _require_key(entry, provider, options)
    if provider.needs_base and not options.get("api_base"):
        raise ModelNotUsableError(
            f"{entry.place}: the {entry.provider} model has no address: write `api_base`"
            f"{_or_set(provider.base_variables)}."
        )
    return options


def _require_variables(entry: ModelEntry) -> None:
    missing = sorted(set(list_open_variables(entry.options)))
    if missing:
        raise ModelNotUsableError(
            f"{entry.place}: the {entry.provider} model needs the environment variable {missing[0]}, which is not"
            " set."
        )


def _read_numbers(entry: ModelEntry, options: OpenData) -> None:
    """What a variable holds is text; drivers want numbers."""
    for key, kind in _NUMBERS.items():
        if isinstance(text := options.get(key), str):
            try:
                options[key] = kind(text)
            except ValueError:
                raise ModelNotUsableError(
                    f"{entry.place}: `{key}` of the {entry.provider} model must be a number."
                ) from None


def _require_key(entry: ModelEntry, provider: ModelProvider, options: OpenData) -> None:
    # Another server of the same protocol often takes no key.
    is_elsewhere = "api_base" in entry.options and entry.provider == "openai"
    if provider.needs_key and not is_elsewhere and not options.get("api_key"):
        raise ModelNotUsableError(
            f"{entry.place}: the {entry.provider} model has no key: set {provider.key_variables[0]}, or write"
            " `api_key: ${NAME}` with a variable of your own."
        )


def _fill(options: OpenData, key: str, value: str | None) -> None:
    if value and not options.get(key):
        options[key] = value


def _read_first(variables: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := variables.get(name, "").strip())), None)


def _or_set(names: tuple[str, ...]) -> str:
    return f", or set {names[0]}" if names else ""
