"""A Duckling server, asked over HTTP."""

import logging
import threading
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from duologue.core.nlu_options import DucklingOptions
from duologue.core.values import OpenData
from duologue.understanding.nlu.extractors.duckling.reader import DucklingReader

_REST_SECONDS = 30.0
"""How long a server that did not answer is left alone."""

_log = logging.getLogger(__name__)


class DucklingServer:
    """Asks the server; where it does not answer, what runs inside the process reads in its place."""

    def __init__(self, url: str, options: DucklingOptions, locale: str, stand_in: DucklingReader) -> None:
        self._url = f"{url.rstrip('/')}/parse"
        self._options = options
        self._locale = locale
        self._stand_in = stand_in
        # A server in our own network is not reached through a proxy.
        self._opener = build_opener(ProxyHandler({}))
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def read(self, text: str, now: float) -> list[OpenData]:
        with self._lock:
            is_resting = time.monotonic() < self._rests_until
        found = None if is_resting else self._ask(text, now)
        return self._stand_in.read(text, now) if found is None else found

    def _ask(self, text: str, now: float) -> list[OpenData] | None:
        try:
            request = Request(self._url, data=self._format_body(text, now), method="POST")
            with self._opener.open(request, timeout=self._options.timeout) as answer:
                return msgspec.json.decode(answer.read(), type=list[dict[str, Any]])
        except HTTPError as error:
            self._rest(f"it answers {error.code}")
        except (OSError, HTTPException, ValueError, msgspec.MsgspecError) as error:
            self._rest(type(error).__name__)
        return None

    def _rest(self, reason: str) -> None:
        _log.warning(
            "The Duckling server at %s is of no use now (%s); texts are read inside the process for %d seconds.",
            self._url,
            reason,
            _REST_SECONDS,
        )
        with self._lock:
            self._rests_until = time.monotonic() + _REST_SECONDS

    def _format_body(self, text: str, now: float) -> bytes:
        options = self._options
        fields: dict[str, str] = {
            "text": text,
            "locale": self._locale,
            "reftime": str(int(now) * 1000),
        }
        if options.timezone:
            fields["tz"] = options.timezone
        if options.dimensions:
            fields["dims"] = msgspec.json.encode(options.dimensions).decode()
        return urlencode(fields).encode()
