"""Options of a vendor's model, told apart: what we use, what is for routing, what goes to the vendor as it is."""

from collections.abc import Mapping
from typing import Any

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData

_NOT_FOR_VENDORS = frozenset(
    {
        "provider",
        "id",
        "cache",
        "drop_params",
        "input_cost_per_token",
        "max_retries",
        "model_info",
        "num_retries",
        "output_cost_per_token",
        "rpm",
        "stream",
        "tpm",
        "use_chat_completions_endpoint",
        "weight",
    }
)


class VendorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What every vendor's adapter reads from a model's entry."""

    provider: str
    model: str
    api_key: str = ""
    api_base: str = ""
    ca_bundle: str = ""
    timeout: float = 7.0
    """Seconds for a whole answer."""
    temperature: float | None = None
    max_tokens: int | None = None
    extra: dict[str, Any] = {}  # whatever the vendor takes

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"


def read_vendor_options(
    options: Mapping[str, object], *, provider: str, timeout: float = 7.0
) -> VendorOptions:
    """Read the options of one model; `provider` and `timeout` are what they are if nothing is said.

    Raises:
        DefinitionError: there is no model, or an option has the wrong type.
    """
    given: OpenData = {key: value for key, value in options.items() if value not in (None, "")}
    model_id = given.pop("model_id", None)
    ours: OpenData = {"provider": provider, "model": model_id, "timeout": timeout}
    extra: OpenData = {}
    for key, value in given.items():
        if key in VendorOptions.__struct_fields__ and key != "extra":
            ours[key] = value.strip() if isinstance(value, str) else value
        elif key not in _NOT_FOR_VENDORS:
            extra[key] = value
    if model_id is not None:
        ours["model"] = str(model_id)
    if not ours["model"]:
        raise DefinitionError(
            f"A model of the provider `{ours['provider']}` has no `model`: name the one to use."
        )
    try:
        return msgspec.convert({**ours, "extra": extra}, VendorOptions, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(
            f"The model `{ours['model']}` of the provider `{ours['provider']}` has an option that cannot be read: {error}."
        ) from None
