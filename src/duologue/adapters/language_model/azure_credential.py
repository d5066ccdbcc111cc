"""Tokens of Microsoft Entra ID, or of a class of the project's own, in place of an API key."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import msgspec

from duologue.adapters.language_model.openai_errors import Caller
from duologue.core.errors import DefinitionError, ModelFailure
from duologue.core.values import OpenData

_AUTHORITY = "https://login.microsoftonline.com"
_PREFIX = "azure_entra_id_"
_KINDS = ("client_secret", "client_certificate", "default")


class AzureCredential(Protocol):
    """What hands out tokens."""

    async def get_token(self) -> str:
        """A token that is valid now.

        Raises:
            LanguageModelError: there is none to be had.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class _EntraOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a project writes below `oauth`."""

    type: str
    scopes: str | list[str] = "https://cognitiveservices.azure.com/.default"
    client_id: str = ""
    tenant_id: str = ""
    client_secret: str = ""
    certificate_path: str = ""
    certificate_password: str | None = None
    send_certificate_chain: bool = False
    authority_host: str = _AUTHORITY
    disable_instance_discovery: bool = False


def open_credential(oauth: Mapping[str, object], *, caller: Caller, ca_bundle: str) -> AzureCredential:
    """What the project's `oauth` describes.

    Raises:
        DefinitionError: it cannot be read, or its class cannot be loaded.
    """
    kind = str(oauth.get("type", ""))
    if "." in kind:
        return _open_own_class(kind, oauth, caller)
    if kind.removeprefix(_PREFIX) not in _KINDS or not kind.startswith(_PREFIX):
        known = ", ".join(_PREFIX + name for name in _KINDS)
        raise DefinitionError(
            f"{caller.name} has `oauth` of type {kind!r}; it can be {known} or the dotted name of a class."
        )
    try:
        options = msgspec.convert(oauth, _EntraOptions, strict=False)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"{caller.name} has an `oauth` that cannot be read: {error}.") from None
    return _EntraCredential(options, caller=caller, ca_bundle=_require_file(ca_bundle, caller))


class _EntraCredential:
    """Asks Entra ID; the library keeps tokens and renews them before they expire."""

    def __init__(self, options: _EntraOptions, *, caller: Caller, ca_bundle: str) -> None:
        self._caller = caller
        scopes = options.scopes
        self._scopes: Sequence[str] = scopes.split() if isinstance(scopes, str) else scopes
        self._host = options.authority_host
        self._credential = _build_credential(options, caller, ca_bundle)
        # Many conversations need the first token at once; one of them asks for it.
        self._asking = asyncio.Lock()

    async def get_token(self) -> str:
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            async with self._asking:
                return (await self._credential.get_token(*self._scopes)).token
        except ClientAuthenticationError as error:
            code = _find_entra_code(str(error))
            what = f"gets no token from {self._host}{code}; look at its `oauth`."
            raise self._caller.fail(ModelFailure.AUTHENTICATION, what) from None
        except AzureError as error:
            what = f"gets no token, for {self._host} cannot be reached ({type(error).__name__})."
            raise self._caller.fail(ModelFailure.UNAVAILABLE, what) from None

    async def close(self) -> None:
        await self._credential.close()


def _require_file(ca_bundle: str, caller: Caller) -> str:
    """The path of the certificates as the library for Entra ID wants it, which takes no folder."""
    path = Path(ca_bundle).expanduser()
    if ca_bundle and path.is_dir():
        raise DefinitionError(
            f"{caller.name} has `oauth`, for which `ca_bundle` must be a file; {path} is a folder."
        )
    return str(path) if ca_bundle else ""


def _build_credential(
    options: _EntraOptions, caller: Caller, ca_bundle: str
) -> Any:  # one of three classes of azure-identity, whose types are loose
    try:
        from azure.identity import aio
    except ImportError:
        raise DefinitionError(
            f"{caller.name} has `oauth`, for which a package is missing: pip install 'duologue[azure]'."
        ) from None
    # The router retries, and an answer in time is worth more than a token too late.
    usual: OpenData = {
        "authority": options.authority_host,
        "connection_verify": ca_bundle or True,
        "retry_total": 0,
        "disable_instance_discovery": options.disable_instance_discovery,
    }
    kind = options.type.removeprefix(_PREFIX)
    try:
        if kind == "default":
            return aio.DefaultAzureCredential(**usual)
        if kind == "client_secret":
            _require(options, caller, "tenant_id", "client_id", "client_secret")
            return aio.ClientSecretCredential(
                options.tenant_id, options.client_id, options.client_secret, **usual
            )
        _require(options, caller, "tenant_id", "client_id", "certificate_path")
        return aio.CertificateCredential(
            options.tenant_id,
            options.client_id,
            options.certificate_path,
            password=options.certificate_password,
            send_certificate_chain=options.send_certificate_chain,
            **usual,
        )
    except (OSError, ValueError) as error:
        raise DefinitionError(f"{caller.name} has an `oauth` that cannot be used: {error}.") from None


def _require(options: _EntraOptions, caller: Caller, *names: str) -> None:
    missing = [name for name in names if not getattr(options, name)]
    if missing:
        raise DefinitionError(f"{caller.name} has an `oauth` of type {options.type} without `{missing[0]}`.")


def _find_entra_code(text: str) -> str:
    """Entra ID's own number of the failure, which its documentation explains."""
    start = text.find("AADSTS")
    return f" ({text[start:].split(':', maxsplit=1)[0].split(maxsplit=1)[0]})" if start >= 0 else ""


_GetToken: TypeAlias = Callable[[], "str | Awaitable[str]"]


class _OwnCredential:
    """Asks a class of the project's own, which may block."""

    def __init__(self, get_bearer_token: _GetToken, *, kind: str, caller: Caller) -> None:
        self._get_bearer_token = get_bearer_token
        self._kind = kind
        self._caller = caller

    async def get_token(self) -> str:
        try:
            token = await asyncio.to_thread(self._get_bearer_token)
            return await token if inspect.isawaitable(token) else token
        except Exception as error:
            what = f"gets no token from {self._kind} ({type(error).__name__})."
            raise self._caller.fail(ModelFailure.AUTHENTICATION, what) from error

    async def close(self) -> None:
        pass


def _open_own_class(kind: str, oauth: Mapping[str, object], caller: Caller) -> AzureCredential:
    module, _, name = kind.rpartition(".")
    try:
        found: Any = getattr(import_module(module), name)
        provider: Any = found.from_config(dict(oauth))
        return _OwnCredential(provider.get_bearer_token, kind=kind, caller=caller)
    except (ImportError, AttributeError) as error:
        raise DefinitionError(
            f"{caller.name} has an `oauth` whose type {kind} cannot be used ({error}); it needs a class with "
            "`from_config` and `get_bearer_token`."
        ) from None
