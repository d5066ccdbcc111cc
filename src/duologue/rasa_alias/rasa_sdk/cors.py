"""Which pages of other sites may call the action server.

Origins are compared as a whole: a pattern for `https://.*\\.example\\.com` does not admit
`https://a.example.com.attacker.example`.
"""

# pyright: basic
# sanic need not be installed where this is checked.

from __future__ import annotations

import logging
import re
from re import Pattern
from typing import Any

from pydantic import BaseModel, ConfigDict
from sanic import Sanic  # pyright: ignore[reportMissingImports]
from sanic.request import Request  # pyright: ignore[reportMissingImports]
from sanic.response import HTTPResponse  # pyright: ignore[reportMissingImports]

logger = logging.getLogger(__name__)

ALLOW_ORIGIN_HEADER = "Access-Control-Allow-Origin"
ALLOW_METHODS_HEADER = "Access-Control-Allow-Methods"
ALLOW_HEADERS_HEADER = "Access-Control-Allow-Headers"
REQUEST_METHOD_HEADER = "Access-Control-Request-Method"
REQUEST_HEADERS_HEADER = "Access-Control-Request-Headers"
VARY_HEADER = "Vary"

WILDCARD = "*"
ALLOWED_METHODS: tuple[str, ...] = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
ALLOWED_METHODS_VALUE = ", ".join(ALLOWED_METHODS)

# An origin with one of these is a regular expression; one with `*` alone is a simple pattern.
_REGEX_METACHARACTERS = frozenset(r"\[]()+|^$?{}")

_APP_POLICY_ATTRIBUTE = "cors_policy"
_APP_REGISTERED_ATTRIBUTE = "cors_middleware_registered"
_REQUEST_APPLIED_ATTRIBUTE = "cors_applied"


class CorsPolicy(BaseModel):
    """The origins that may call."""

    model_config = ConfigDict(frozen=True)

    allow_all: bool = False
    literals: tuple[str, ...] = ()
    patterns: tuple[Pattern[str], ...] = ()

    def matches(self, request_origin: str) -> bool:
        """Say whether an origin may call."""
        if self.allow_all or request_origin.lower() in {literal.lower() for literal in self.literals}:
            return True
        return any(pattern.fullmatch(request_origin) for pattern in self.patterns)

    @property
    def origin_can_vary(self) -> bool:
        """Whether answers differ from one origin to another."""
        return self.allow_all or bool(self.patterns) or len(self.literals) > 1

    @property
    def is_pattern_only(self) -> bool:
        """Whether there are patterns and nothing else."""
        return bool(self.patterns) and not self.literals and not self.allow_all


def build_policy(cors_origins: str | list[str] | None) -> CorsPolicy:
    """Read one origin or several; `*` among them means all, and nothing means none."""
    given = (
        [cors_origins] if isinstance(cors_origins, str) else [str(origin) for origin in cors_origins or ()]
    )
    origins = [origin.strip() for origin in given if origin and origin.strip()]
    if WILDCARD in origins:
        return CorsPolicy(allow_all=True)
    compiled = [_compile_origin(origin) for origin in origins]
    return CorsPolicy(
        literals=tuple(origin for origin in compiled if isinstance(origin, str)),
        patterns=tuple(origin for origin in compiled if not isinstance(origin, str)),
    )


def _compile_origin(origin: str) -> str | Pattern[str]:
    if _REGEX_METACHARACTERS.intersection(origin):
        try:
            return re.compile(origin, re.IGNORECASE)
        except re.error as error:
            logger.warning(
                "Could not compile the configured CORS origin '%s' as a regular expression (%s). It will only be "
                "matched literally.",
                origin,
                error,
            )
            return origin
    return _compile_glob(origin) if WILDCARD in origin else origin


def _compile_glob(origin: str) -> Pattern[str]:
    """Let each `*` stand for any text without a `/`."""
    return re.compile("[^/]*".join(map(re.escape, origin.split(WILDCARD))), re.IGNORECASE)


def configure_cors(app: Sanic, cors_origins: str | list[str] | None = "") -> None:
    """Let these origins call an app; called again, it replaces them."""
    setattr(app.ctx, _APP_POLICY_ATTRIBUTE, build_policy(cors_origins))
    if getattr(app.ctx, _APP_REGISTERED_ATTRIBUTE, False):
        return
    setattr(app.ctx, _APP_REGISTERED_ATTRIBUTE, True)
    # On the app, not on a blueprint: so they run for paths and methods without a route, too.
    app.on_request(_cors_request_middleware)
    app.on_response(_cors_response_middleware)


async def _cors_request_middleware(request: Request) -> HTTPResponse | None:
    """Answer every `OPTIONS` request here; no route of ours has one."""
    return HTTPResponse(status=200) if request.method == "OPTIONS" else None


async def _cors_response_middleware(request: Request, response: HTTPResponse | None) -> None:
    """Add the headers, once, to every answer."""
    if response is None or not hasattr(response, "headers"):
        return
    policy: CorsPolicy | None = getattr(request.app.ctx, _APP_POLICY_ATTRIBUTE, None)
    # An answer to a failed request may pass here twice.
    if policy is None or getattr(request.ctx, _REQUEST_APPLIED_ATTRIBUTE, False):
        return
    setattr(request.ctx, _REQUEST_APPLIED_ATTRIBUTE, True)
    _apply_cors_headers(request, response, policy)


def _apply_cors_headers(request: Request, response: HTTPResponse, policy: CorsPolicy) -> None:
    origin, is_malformed = _read_origin(request)
    if is_malformed:
        return
    allowed = _choose_origin(origin, policy)
    if allowed is None:
        return
    response.headers[ALLOW_ORIGIN_HEADER] = allowed
    # The same `*` goes to everybody who names no origin.
    if policy.origin_can_vary and (origin is not None or not policy.allow_all):
        _add_vary_origin(response)
    if _is_preflight(request):
        response.headers[ALLOW_METHODS_HEADER] = ALLOWED_METHODS_VALUE
        asked = request.headers.get(REQUEST_HEADERS_HEADER)
        if asked:
            names = sorted(name.strip() for name in asked.split(",") if name.strip())
            response.headers[ALLOW_HEADERS_HEADER] = ", ".join(names)


def _choose_origin(origin: str | None, policy: CorsPolicy) -> str | None:
    if origin is not None:
        return origin if policy.matches(origin) else None
    if policy.allow_all:
        return WILDCARD
    # A request without an origin is not of another site; a pattern names no origin to tell it.
    return max(policy.literals, default=None)


def _read_origin(request: Request) -> tuple[str | None, bool]:
    """Give the origin, and whether there is more than one, which no browser sends."""
    origins = request.headers.getall("origin", None)
    if not origins:
        return None, False
    if len(origins) > 1:
        logger.debug("Received %s Origin headers; refusing CORS.", len(origins))
        return None, True
    return origins[0], False


def _is_preflight(request: Request) -> bool:
    method = request.headers.get(REQUEST_METHOD_HEADER)
    return request.method == "OPTIONS" and bool(method) and method.strip().upper() in ALLOWED_METHODS


def _add_vary_origin(response: HTTPResponse) -> None:
    known: Any = response.headers.get(VARY_HEADER)
    if not known:
        response.headers[VARY_HEADER] = "Origin"
    elif "origin" not in {name.strip().lower() for name in known.split(",")}:
        response.headers[VARY_HEADER] = f"{known}, Origin"
