"""Where spans go, as the `tracing` block of endpoints.yml says it."""

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import msgspec

from duologue.core.errors import DefinitionError
from duologue.core.values import OpenData

JAEGER_PORT = 4317
HTTP_PORT = 4318
HTTP_PATH = "/v1/traces"
_FORMER_PORTS = frozenset((6831, 6832, 14250, 14268))
"""Ports of protocols that Jaeger spoke before OTLP."""
_INSECURE_SCHEMES = {"grpc": True, "grpcs": False}


class TracingTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the block, as it is written."""

    type: str | None
    options: OpenData = {}
    place: str = "endpoints.yml"
    """`file:line`, for messages about it."""


class Collector(msgspec.Struct, frozen=True, kw_only=True):
    """A receiver of OTLP."""

    endpoint: str
    """`host:port` or an address for gRPC, the whole address for HTTP."""
    is_http: bool = False
    is_insecure: bool | None = None
    """Over gRPC without TLS; None leaves it to the address."""
    certificates: Path | None = None
    """Authorities of its certificate, in PEM."""
    headers: dict[str, str] = {}
    is_sent_at_once: bool = False
    """Each span by itself as soon as it ends, instead of some together every few seconds."""
    service_name: str | None = None

    @property
    def shown(self) -> str:
        """The endpoint as it may stand in a log: an address can hold a password."""
        return self.endpoint.rpartition("@")[2]


class TracingTargetError(DefinitionError):
    """An entry that cannot be used; the text says where and why."""


def read_collector(target: TracingTarget, folder: Path) -> Collector:
    """What an entry means; relative paths count from the folder.

    Raises:
        TracingTargetError: it cannot be used.
    """
    reader = _READERS.get((target.type or "").strip().casefold())
    if reader is None:
        known = " and ".join(f"`{name}`" for name in _READERS)
        raise TracingTargetError(
            f"{target.place}: tracing of the type `{target.type or ''}` is not known; known are {known}."
        )
    return reader(_Options(target, folder))


def is_former_port(collector: Collector) -> bool:
    """Whether the port is one on which Jaeger speaks another protocol than ours."""
    return not collector.is_http and _find_port(urlsplit(f"//{collector.endpoint}")) in _FORMER_PORTS


class _Options:
    """Reads the options of one entry."""

    def __init__(self, target: TracingTarget, folder: Path) -> None:
        self._target = target
        self._folder = folder

    def refuse(self, problem: str) -> TracingTargetError:
        return TracingTargetError(f"{self._target.place}: {problem}")

    def find_text(self, name: str) -> str | None:
        value = self._target.options.get(name)
        if value is None:
            return None
        text = str(value).strip() if isinstance(value, str | int | float) else ""
        if "${" in text:
            raise self.refuse(f"`{name}` of `{self._target.type}` tracing names a variable that is not set.")
        if not text:
            raise self.refuse(f"`{name}` of `{self._target.type}` tracing must be a text.")
        return text

    def find_port(self, name: str) -> int | None:
        text = self.find_text(name)
        if text is None:
            return None
        if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65536:
            raise self.refuse(f"`{name}` must be a port from 1 to 65535, not {text!r}.")
        return int(text)

    def find_flag(self, name: str) -> bool | None:
        match self._target.options.get(name):
            case None:
                return None
            case bool() as flag:
                return flag
            case str() as text if text.strip().casefold() in {"true", "yes", "on", "1"}:
                return True
            case str() as text if text.strip().casefold() in {"false", "no", "off", "0"}:
                return False
            case _:
                raise self.refuse(f"`{name}` must be true or false.")

    def find_file(self, name: str) -> Path | None:
        text = self.find_text(name)
        if text is None:
            return None
        path = self._folder / text
        if not path.is_file():
            raise self.refuse(f"there is no file {path}, which `{name}` names.")
        return path

    def find_headers(self) -> dict[str, str]:
        headers = self._target.options.get("headers")
        if headers is None:
            return {}
        if not isinstance(headers, Mapping):
            raise self.refuse("`headers` must be a mapping of names to values.")
        return {str(name).casefold(): str(value) for name, value in headers.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # YAML holds anything


def _read_jaeger(options: _Options) -> Collector:
    host, port = options.find_text("host") or "localhost", options.find_port("port") or JAEGER_PORT
    return Collector(
        endpoint=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        is_insecure=True,
        headers=_make_authorization(options.find_text("username"), options.find_text("password")),
        is_sent_at_once=options.find_flag("sync_export") or False,
        service_name=options.find_text("service_name"),
    )


def _read_otlp(options: _Options) -> Collector:
    endpoint = options.find_text("endpoint")
    if endpoint is None:
        raise options.refuse("`otlp` tracing needs an `endpoint`, such as `localhost:4317`.")
    parts = _split(options, endpoint)
    is_http = _is_http(parts)
    is_insecure = options.find_flag("insecure")
    return Collector(
        endpoint=_complete(parts) if is_http else endpoint,
        is_http=is_http,
        is_insecure=_INSECURE_SCHEMES.get(parts.scheme) if is_insecure is None else is_insecure,
        certificates=options.find_file("root_certificates"),
        headers=options.find_headers(),
        is_sent_at_once=options.find_flag("sync_export") or False,
        service_name=options.find_text("service_name"),
    )


_READERS: Mapping[str, Callable[[_Options], Collector]] = {"jaeger": _read_jaeger, "otlp": _read_otlp}


def _make_authorization(username: str | None, password: str | None) -> dict[str, str]:
    if username is None or password is None:
        return {}
    return {"authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def _split(options: _Options, endpoint: str) -> SplitResult:
    problem = "`endpoint` must be `host:port` or an address such as `http://host:4318/v1/traces`."
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise options.refuse(problem) from None
    if not has_host or parts.scheme not in {"", "http", "https", "grpc", "grpcs"}:
        raise options.refuse(problem)
    return parts


def _is_http(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and (
        _find_port(parts) == HTTP_PORT or parts.path.rstrip("/").endswith(HTTP_PATH)
    )


def _complete(parts: SplitResult) -> str:
    return (parts if parts.path.strip("/") else parts._replace(path=HTTP_PATH)).geturl()


def _find_port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def find_service_name(collectors: Sequence[Collector]) -> str | None:
    """The name that the first entry gives; a process has one."""
    return next((one.service_name for one in collectors if one.service_name), None)
