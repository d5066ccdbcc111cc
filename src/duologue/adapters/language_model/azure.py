"""Models that somebody has set up ("deployed") on Azure."""

import msgspec

from duologue.adapters.language_model.azure_credential import AzureCredential, open_credential
from duologue.adapters.language_model.openai import OpenAiLanguageModel
from duologue.adapters.language_model.openai_client import build_client
from duologue.adapters.language_model.openai_errors import Caller
from duologue.adapters.language_model.openai_options import ModelOptions, OpenAiOptions, read_options
from duologue.core.errors import DefinitionError
from duologue.ports.language_model import LanguageModel

_API_VERSION = "2024-10-21"
"""What a project that names none gets: the newest that is not a preview."""


def open_model(options: ModelOptions) -> LanguageModel:
    """The model behind the deployment that a model group names.

    Raises:
        DefinitionError: an option is missing or cannot be read.
    """
    connection = AzureConnection(read_options(options))
    return OpenAiLanguageModel(
        connection.options,
        client=connection.client,
        caller=connection.caller,
        close_credential=connection.close,
    )


class AzureConnection:
    """A client for one deployment, and what proves to it who we are."""

    def __init__(self, options: OpenAiOptions) -> None:
        self.options = _require_options(options)
        self.caller = Caller(
            name=f"azure/{self.options.deployment}",
            address=self.options.api_base,
            api_key=self.options.api_key,
            model_option="deployment",
            key_option="oauth" if self.options.oauth else "api_key",
        )
        self._credential = _open_credential(self.options, self.caller)
        address, query = _find_place(self.options)
        self.client = build_client(
            self.options,
            address=address,
            bearer="" if self._credential is None else self._credential.get_token,
            headers={"api-key": self.options.api_key} if self.options.api_key else {},
            query=query,
        )

    async def close(self) -> None:
        """Let go of the connection to whoever hands out tokens."""
        if self._credential is not None:
            await self._credential.close()


def _require_options(options: OpenAiOptions) -> OpenAiOptions:
    deployment = options.deployment or options.model
    if not deployment:
        raise DefinitionError("A model of provider 'azure' needs `deployment`, the name of its deployment.")
    if not options.api_base.startswith(("http://", "https://")):
        raise DefinitionError(
            f"The deployment {deployment!r} on Azure needs `api_base`, the address of its resource, "
            "such as https://my-resource.openai.azure.com."
        )
    if options.oauth and options.api_key:
        raise DefinitionError(
            f"The deployment {deployment!r} on Azure has both `api_key` and `oauth`: keep one of them."
        )
    if not options.oauth and not options.api_key:
        raise DefinitionError(
            f"The deployment {deployment!r} on Azure has neither `api_key` nor `oauth`: give it one of them."
        )
    return msgspec.structs.replace(options, deployment=deployment)


def _open_credential(options: OpenAiOptions, caller: Caller) -> AzureCredential | None:
    if not options.oauth:
        return None
    return open_credential(options.oauth, caller=caller, ca_bundle=options.ca_bundle)


def _find_place(options: OpenAiOptions) -> tuple[str, dict[str, str]]:
    """The address of the deployment's API, and what its every call asks with."""
    root, is_named, path = options.api_base.rstrip("/").partition("/openai")
    if is_named and path.startswith("/v1"):
        # The newer API knows deployments by the name of the model, and needs no version.
        query = {"api-version": options.api_version} if options.api_version else {}
        return f"{root}/openai/v1", query
    return f"{root}/openai/deployments/{options.deployment}", {
        "api-version": options.api_version or _API_VERSION
    }
