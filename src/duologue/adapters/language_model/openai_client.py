"""The SDK's client as we use it: no retries, no clock, no environment of its own; our certificates."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from duologue.adapters.language_model.openai_options import OpenAiOptions
from duologue.core.errors import DefinitionError

GetToken = Callable[[], Awaitable[str]]

# Beyond this many calls at once a provider would refuse them anyway.
_MOST_CONNECTIONS = 1000
# A new connection costs a TLS handshake; one that the server has closed meanwhile is noticed and not used.
_IDLE_SECONDS = 30.0


def build_client(
    options: OpenAiOptions,
    *,
    address: str,
    bearer: str | GetToken,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> AsyncOpenAI:
    """A client for the API at that address. Proxies are those of the environment.

    Args:
        bearer: the key or token that is sent as such, or a function that is asked for it before every call.
        headers: sent with every call, beside those of the options.

    Raises:
        DefinitionError: the certificates cannot be loaded.
    """
    all_headers = {**(headers or {}), **options.extra_headers}
    has_bearer = bool(bearer) or "authorization" in (name.lower() for name in all_headers)
    client = AsyncOpenAI(
        # Without a key, the SDK would send what the environment has for OpenAI to whoever listens there.
        api_key=bearer or "none",
        base_url=address,
        organization=options.organization,
        project=options.project,
        # The time of an answer is bounded as a whole, not for each of its parts, and the router does the retries.
        timeout=None,
        max_retries=0,
        default_headers=all_headers,
        default_query={**(query or {}), **options.extra_query},
        http_client=DefaultAsyncHttpxClient(
            timeout=None,
            verify=load_authorities(options.ca_bundle),
            event_hooks={} if has_bearer else {"request": [_take_away_bearer]},
            limits=httpx2.Limits(
                max_connections=_MOST_CONNECTIONS,
                max_keepalive_connections=_MOST_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        ),
    )
    client.organization = options.organization
    client.project = options.project
    client.admin_api_key = None
    return client


async def _take_away_bearer(request: httpx2.Request) -> None:
    request.headers.pop("Authorization", None)


@cache
def load_authorities(ca_bundle: str) -> ssl.SSLContext:
    """The authorities to trust: those of the file or folder, or the usual ones if it is empty.

    They are read once, for that takes long and a group may have many models.

    Raises:
        DefinitionError: there are no certificates.
    """
    if not ca_bundle:
        return httpx2.create_ssl_context()
    path = Path(ca_bundle).expanduser()
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise DefinitionError(
            f"The certificates in {ca_bundle} cannot be loaded: {error.strerror or error}."
        ) from None
