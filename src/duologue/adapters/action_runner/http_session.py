"""Requests to one server, over connections that are kept, and what they may come to."""

import asyncio
import io
import select
import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp
import yarl
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from duologue.adapters.action_runner.http_answer import BrokenOffError, HttpAnswer, read_answer

CONNECT_SECONDS = 10.0
"""A server that takes longer to accept a connection is not there."""
_KEEP_SECONDS = 4.0
"""Servers close idle connections after five seconds and more; ours must be gone by then."""
_MOST_CONNECTIONS = 1000
_LARGE_ANSWERS = 16
_LARGE_BODY = 1024 * 1024
"""Bytes beyond which a body is written in pieces."""


class ConnectError(Exception):
    """There is no connection; the cause says why."""


class HttpSession:
    """Sends requests to one server; opens at the first one, in the event loop that runs then."""

    def __init__(self, *, headers: Mapping[str, str], tls: ssl.SSLContext | None, largest: int) -> None:
        """`headers` go with every request; `largest`: bytes of an answer."""
        self._headers = dict(headers)
        self._tls = tls
        self._largest = largest
        self._turns = asyncio.Semaphore(_LARGE_ANSWERS)
        self._kept: aiohttp.ClientSession | None = None
        self._single: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, keeps: bool) -> HttpAnswer:
        """Send a body. `keeps`: over a connection that others use before and after; if not, over one of its own.

        Raises:
            ConnectError: there is no connection; nothing was sent.
            BrokenOffError: no answer came, or it was none.
            TooLargeError: it is too large.
        """
        data = body if len(body) < _LARGE_BODY else io.BytesIO(body)
        return await self._request("POST", url, data, headers, keeps=keeps)

    async def get(self, url: str) -> HttpAnswer:
        """Ask for something; raises as `post` does."""
        return await self._request("GET", url, None, {}, keeps=False)

    async def _request(
        self,
        method: str,
        url: str,
        data: bytes | io.BytesIO | None,
        headers: Mapping[str, str],
        *,
        keeps: bool,
    ) -> HttpAnswer:
        session = self._open_kept() if keeps else self._open_single()
        address = yarl.URL(url, encoded=True)
        try:
            async with session.request(
                method, address, data=data, headers=headers, allow_redirects=False
            ) as response:
                return await read_answer(response, largest=self._largest, turns=self._turns)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectError from _find_reason(error)
        except aiohttp.ClientPayloadError as error:
            raise BrokenOffError("the connection ended in the middle of its answer") from error
        except aiohttp.ClientResponseError as error:
            raise BrokenOffError("its answer is no HTTP") from error
        except (aiohttp.ClientError, OSError) as error:
            raise BrokenOffError("the connection ended before it answered") from error

    def _open_kept(self) -> aiohttp.ClientSession:
        if self._kept is None:
            self._kept = self._open(_CheckedConnector(keepalive_timeout=_KEEP_SECONDS, **self._limits()))
        return self._kept

    def _open_single(self) -> aiohttp.ClientSession:
        if self._single is None:
            self._single = self._open(aiohttp.TCPConnector(force_close=True, **self._limits()))
        return self._single

    def _limits(self) -> dict[str, Any]:  # `Any`: the arguments of a connector
        return {"limit": _MOST_CONNECTIONS, "ssl": True if self._tls is None else self._tls}

    def _open(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            skip_auto_headers=("Accept-Encoding",),
            # A cookie would carry something of one conversation into the next.
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # The time of a call is bounded as a whole, not for each of its parts.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            trust_env=False,
        )

    async def close(self) -> None:
        """Hang up everything; requests under way break off."""
        for session in (self._kept, self._single):
            if session is not None:
                await session.close()


class _CheckedConnector(aiohttp.TCPConnector):
    """Gives out a kept connection only if the server has neither ended it nor said anything on it meanwhile.

    Otherwise a late word on it would be taken for the answer to the next call, which is somebody else's.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as in the class that it overrides
    ) -> Connection:
        while True:
            connection = await super().connect(req, traces, timeout)
            if await _is_silent(connection):
                return connection
            connection.close()


async def _is_silent(connection: Connection) -> bool:
    if _has_input(connection):
        # An end, an answer that nobody asked for, or only a ticket of TLS: the event loop finds out which.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    protocol = connection.protocol
    return protocol is not None and protocol.is_connected() and not protocol.should_close


def _has_input(connection: Connection) -> bool:
    transport = connection.transport
    channel = None if transport is None else transport.get_extra_info("socket")
    if channel is None or channel.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([channel.fileno()], [], [], 0)[0])
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _find_reason(error: BaseException) -> BaseException:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return error.certificate_error
        case aiohttp.ClientConnectorError():
            return error.os_error
        case _:
            return TimeoutError()
