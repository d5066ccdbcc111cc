"""any-llm, for providers that have no adapter of their own here."""

from typing import Any

from duologue.adapters.language_model.vendor_failures import Vendor
from duologue.adapters.language_model.vendor_options import VendorOptions
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure

_THEIR_NAMES = {"sagemaker_chat": "sagemaker"}


class AnyLlmClient:
    """The library's object of one provider."""

    def __init__(self, sdk: Any, vendor: Vendor) -> None:
        self.sdk = sdk  # Any: each provider has its own class and options
        self.vendor = vendor

    async def close(self) -> None:
        close = getattr(getattr(self.sdk, "client", None), "close", None)
        if close is not None and (closing := close()) is not None:
            await closing

    def explain(self, error: Exception, texts: tuple[str, ...] = ()) -> LanguageModelError | None:
        """Our error for one of the library's; None if it is a bug and no failure."""
        from any_llm import AnyLLMError, ModelNotFoundError
        from any_llm.exceptions import AuthenticationError, MissingApiKeyError

        if isinstance(error, AnyLLMError):
            status = error.status_code
            if isinstance(error, AuthenticationError | MissingApiKeyError):
                status = status or 401
            if isinstance(error, ModelNotFoundError):
                status = 404
            # A status of success means that what came was no answer.
            if status is None or status < 400:
                return self.vendor.fail_to_connect(error.original_exception or error)
            wait = getattr(error, "retry_after", None)
            headers = {} if wait is None else {"retry-after": str(wait)}
            return self.vendor.fail_by_status(
                status, said=error.message, code=error.code or "", headers=headers, texts=texts
            )
        # The library hands on whatever its providers' SDKs raise while an answer is read.
        if isinstance(error, AttributeError | TypeError | NameError | AssertionError):
            return None
        return self.vendor.fail(ModelFailure.UNAVAILABLE, f"cannot be reached ({type(error).__name__}).")


def open_client(options: VendorOptions) -> AnyLlmClient:
    """A client.

    Raises:
        DefinitionError: the library, or the SDK that it needs for this provider, is not installed.
    """
    try:
        from any_llm import AnyLLM, AnyLLMError
    except ImportError:
        raise DefinitionError(
            f'Models of the provider `{options.provider}` need an extra: pip install "duologue[any-llm]".'
        ) from None
    provider = _THEIR_NAMES.get(options.provider, options.provider)
    try:
        # The router does the retries.
        sdk = AnyLLM.create(
            provider,
            api_key=options.api_key or None,
            api_base=options.api_base or None,
            unified_exceptions=True,
            max_retries=0,
        )
    except ImportError:
        raise DefinitionError(
            f'Models of the provider `{options.provider}` need an SDK: pip install "any-llm-sdk[{provider}]".'
        ) from None
    except (AnyLLMError, ValueError) as error:
        raise DefinitionError(f"The model {options.name} cannot be opened: {error}") from None
    return AnyLlmClient(sdk, Vendor(name=options.name, secrets=(options.api_key,)))
