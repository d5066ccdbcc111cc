"""The addresses of an action server, and the headers that go with every request."""

import base64
import re
from typing import NoReturn
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import msgspec

from duologue.adapters.action_runner.options import ActionServerOptions
from duologue.core.errors import DefinitionError

_SCHEMES = frozenset({"http", "https"})
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# The request says these itself.
_OURS = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "idempotency-key",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class HttpAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests go, and with what."""

    call_url: str
    list_url: str
    """Where the names of the actions are."""
    headers: dict[str, str]
    is_secure: bool


def parse_address(options: ActionServerOptions) -> HttpAddress:
    """The address with its path, parameters, headers and password.

    Raises:
        DefinitionError: it is no address, or a header cannot be sent.
    """
    parts = _split(options)
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    folder = path.rstrip("/").rpartition("/")[0]
    host, query = _encode_host(options, parts), _merge_query(parts.query, options.params)
    return HttpAddress(
        call_url=urlunsplit((parts.scheme, host, path, query, "")),
        list_url=urlunsplit((parts.scheme, host, f"{folder}/actions", query, "")),
        headers=_collect_headers(options, parts),
        is_secure=parts.scheme == "https",
    )


def _split(options: ActionServerOptions) -> SplitResult:
    try:
        parts = urlsplit(options.url.strip())
        is_address = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, is_address = None, False
    if parts is None or not is_address:
        _refuse_address(options)
    return parts


def _refuse_address(options: ActionServerOptions) -> NoReturn:
    raise DefinitionError(
        f"The `url` of `action_endpoint` is no web address ({options.place}); write it as http://host:5055/webhook."
    )


def _encode_host(options: ActionServerOptions, parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        shown = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        _refuse_address(options)
    return shown if parts.port is None else f"{shown}:{parts.port}"


def _merge_query(query: str, params: dict[str, str]) -> str:
    own = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in params]
    return urlencode([*own, *params.items()])


def _collect_headers(options: ActionServerOptions, parts: SplitResult) -> dict[str, str]:
    headers = {"accept": "application/json", "user-agent": "duologue"}
    if options.compress:
        headers["accept-encoding"] = "gzip, deflate"
    for name, value in options.headers.items():
        _check_header(name, value, options.place)
        if name.lower() not in _OURS:
            headers[name.lower()] = value
    auth = options.auth
    if auth is None and parts.username is not None:
        auth = unquote(parts.username), unquote(parts.password or "")
    if auth is not None:
        encoded = base64.b64encode(":".join(auth).encode()).decode()
        headers["authorization"] = f"Basic {encoded}"
    return headers


def _check_header(name: str, value: str, place: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or not is_sendable(value):
        raise DefinitionError(
            f"The header `{name[:60]}` of `action_endpoint` cannot be sent ({place}); a name has no spaces and a value is one line."
        )


def is_sendable(value: str) -> bool:
    """Whether a header may have this value."""
    return not any(character in value for character in "\r\n\0")
