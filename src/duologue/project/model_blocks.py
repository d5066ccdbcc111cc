"""The options of one model in one spelling, however old the project that wrote them."""

from collections.abc import Mapping

from duologue.core.values import OpenData
from duologue.project.model_providers import find_provider

_PROVIDER_KEYS = ("provider", "api_type", "type", "_type")
_NEW_NAMES = {
    "model_name": "model",
    "deployment_name": "deployment",
    "deployment_id": "deployment",
    "engine": "deployment",
    "request_timeout": "timeout",
    "base_url": "api_base",
    "openai_api_base": "api_base",
    "openai_api_key": "api_key",
    "openai_api_version": "api_version",
}


_OF_LOCAL = frozenset(("model_kwargs", "encode_kwargs"))
"""Only a model that is loaded into the process can be given these."""


def normalise_model(block: Mapping[str, object]) -> tuple[str | None, OpenData]:
    """The provider that an entry names, or shows in another way, and its options under their present names.

    Older projects say `type: openai` and `model_name`, or put the provider before the model: `azure/gpt-4`.
    """
    options: OpenData = {}
    for key, value in block.items():
        if value is not None and key not in _PROVIDER_KEYS:
            # What has its present name already wins.
            options.setdefault(_NEW_NAMES.get(key, key), value)
            if key not in _NEW_NAMES:
                options[key] = value
    name = next((str(block[key]) for key in _PROVIDER_KEYS if block.get(key)), None)
    if name is None:
        name = _take_prefix(options)
    if name is None:
        return ("azure" if "deployment" in options else None), options
    provider = find_provider(name)
    if (
        provider is not None
        and provider.names[0] == "huggingface"
        and not options.keys().isdisjoint(_OF_LOCAL)
    ):
        return "huggingface_local", options
    return (provider.names[0] if provider else name), options


def _take_prefix(options: OpenData) -> str | None:
    model = options.get("model")
    if not isinstance(model, str) or "/" not in model:
        return None
    prefix, rest = model.split("/", 1)
    if find_provider(prefix) is None:
        return None
    options["model"] = rest
    return prefix
