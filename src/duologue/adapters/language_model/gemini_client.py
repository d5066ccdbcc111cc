"""Google's SDK as we use it: for an API key or for Vertex AI, without retries and a clock of its own."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx2

from duologue.adapters.language_model.vendor_failures import Vendor, load_authorities
from duologue.adapters.language_model.vendor_options import VendorOptions
from duologue.core.errors import DefinitionError, LanguageModelError, ModelFailure
from duologue.core.values import OpenData

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.genai import Client
    from google.genai.types import GenerateContentConfig

_VERTEX = frozenset({"vertex_ai", "vertexai"})
_OUR_OPTIONS = ("vertex_project", "vertex_location", "vertex_credentials", "api_version")
_RESPONSES: ContextVar[list[httpx2.Response]] = ContextVar("responses of the call that begins")
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class GeminiClient:
    """The SDK's client and the connections under it."""

    def __init__(self, sdk: "Client", connections: httpx2.AsyncClient, vendor: Vendor) -> None:
        self.models = sdk.aio.models
        self.vendor = vendor
        self._sdk = sdk
        self._connections = connections

    @asynccontextmanager
    async def stream(
        self, model: str, prompt: str, config: "GenerateContentConfig"
    ) -> AsyncGenerator[AsyncIterator[Any]]:
        """The SDK's chunks of an answer; on leaving, the connection is closed, which the SDK does not do."""
        # Any, because the SDK types contents by a dozen kinds, some of them of libraries that are not there.
        models: Any = self.models
        responses: list[httpx2.Response] = []
        mark = _RESPONSES.set(responses)
        try:
            chunks = await models.generate_content_stream(model=model, contents=prompt, config=config)
            # The SDK sends the request only when the first chunk is asked for.
            first = await anext(chunks, None)
        finally:
            _RESPONSES.reset(mark)
        try:
            yield _chain(first, chunks)
        finally:
            for response in responses:
                await response.aclose()

    async def close(self) -> None:
        await self._connections.aclose()
        self._sdk.close()

    def explain(self, error: Exception, texts: tuple[str, ...] = ()) -> LanguageModelError | None:
        """Our error for one of the SDK's; None if it is a bug and no failure."""
        from google.auth.exceptions import GoogleAuthError
        from google.genai.errors import APIError, UnknownApiResponseError

        if isinstance(error, APIError):
            return self._explain_status(error, texts)
        if isinstance(error, GoogleAuthError):
            return self.vendor.fail(
                ModelFailure.AUTHENTICATION, "has no credentials of Google Cloud that work here."
            )
        if isinstance(
            error, UnknownApiResponseError | httpx2.HTTPError | httpx2.InvalidURL | OSError | ValueError
        ):
            return self.vendor.fail_to_connect(error)
        return None

    def _explain_status(self, error: Any, texts: tuple[str, ...]) -> LanguageModelError:
        said = error.message or ""
        if error.code == 400 and "api key" in said.casefold():
            return self.vendor.fail_by_status(401, said=said, texts=texts)
        headers = dict(getattr(error.response, "headers", None) or {})
        delay = _find_retry_delay(error.details)
        return self.vendor.fail_by_status(error.code, said=said, headers={**headers, **delay}, texts=texts)


def open_client(options: VendorOptions) -> tuple[GeminiClient, OpenData]:
    """A client, and the options that are not for it.

    Raises:
        DefinitionError: the SDK is not installed, or an option cannot be read.
    """
    try:
        from google.genai import Client
        from google.genai.types import HttpOptions
    except ImportError:
        raise DefinitionError('Models of Google need an extra: pip install "duologue[gemini]".') from None
    extra = {**options.extra}
    ours = {name: extra.pop(name, None) for name in _OUR_OPTIONS}
    connections = httpx2.AsyncClient(
        timeout=None,
        verify=load_authorities(options.ca_bundle),
        follow_redirects=True,
        event_hooks={"response": [_note_response]},
    )
    http = HttpOptions(
        base_url=options.api_base or None,
        api_version=ours["api_version"],
        httpx_async_client=connections,
    )
    is_vertex = options.provider in _VERTEX
    try:
        sdk = Client(
            vertexai=is_vertex,
            api_key=options.api_key or None,
            project=ours["vertex_project"],
            location=ours["vertex_location"],
            credentials=_load_credentials(ours["vertex_credentials"]) if is_vertex else None,
            http_options=http,
        )
    except (ValueError, OSError) as error:
        raise DefinitionError(f"The model {options.name} cannot be opened: {error}") from None
    vendor = Vendor(name=options.name, secrets=(options.api_key,))
    return GeminiClient(sdk, connections, vendor), extra


async def _chain(first: Any, rest: AsyncIterator[Any]) -> AsyncGenerator[Any]:
    if first is not None:
        yield first
    async for chunk in rest:
        yield chunk


async def _note_response(response: httpx2.Response) -> None:
    """Remember the response of a call that will want to close it."""
    if (responses := _RESPONSES.get(None)) is not None:
        responses.append(response)


def _load_credentials(given: object) -> "Credentials | None":
    """Credentials of a service account, as a file or as its JSON; None leaves them to the surroundings."""
    if not given:
        return None
    import google.auth

    # The library is not typed.
    auth: Any = google.auth
    try:
        if isinstance(given, Mapping):
            return auth.load_credentials_from_dict(given, scopes=[_SCOPE])[0]
        if str(given).lstrip().startswith("{"):
            return auth.load_credentials_from_dict(json.loads(str(given)), scopes=[_SCOPE])[0]
        return auth.load_credentials_from_file(str(given), scopes=[_SCOPE])[0]
    except Exception as error:
        raise DefinitionError(
            f"`vertex_credentials` cannot be read ({type(error).__name__}); it is the file of a service account."
        ) from None


def _find_retry_delay(details: Any) -> dict[str, str]:  # the JSON of an error, or whatever came in its place
    """Google says in the body of an error how long to wait."""
    try:
        infos: list[Any] = details["error"].get("details", [])
        delay = next(info["retryDelay"] for info in infos if "retryDelay" in info)
        return {"retry-after": delay.removesuffix("s")}
    except (TypeError, KeyError, AttributeError, StopIteration):
        return {}
