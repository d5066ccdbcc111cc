"""Wires that can be cut: TCP proxies between the servers and what they need, each with a weather of its own."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import msgspec

HOST = "127.0.0.1"


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """How a wire behaves."""

    delay: float = 0.0
    """Seconds that everything takes on its way."""
    bytes_per_second: float | None = None
    is_silent: bool = False
    """What is sent is kept, and nothing arrives in either direction."""
    hides_answers: bool = False
    """What clients send arrives, and the answers are kept: nobody knows what was done."""


FAIR = Weather()


class TcpProxy:
    """Listens on a port of its own and passes everything on."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self.weather = FAIR
        self.port = 0

    async def start(self) -> None:
        """Listen, at first on any free port, later on the same one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make_end, HOST, self.port, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]

    def change(self, weather: Weather) -> None:
        """Take on another weather; what was kept is passed on if it may."""
        self.weather = weather
        for link in tuple(self._links):
            link.client.pass_on_what_is_kept()
            link.server.pass_on_what_is_kept()

    def cut(self) -> None:
        """Break all connections; what was kept is gone."""
        for link in tuple(self._links):
            link.break_off()

    async def refuse(self) -> None:
        """Let nobody in any more, and throw out who is in."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    @contextmanager
    def in_weather(self, weather: Weather) -> Iterator[None]:
        """Have another weather for a while."""
        self.change(weather)
        try:
            yield
        finally:
            self.change(FAIR)

    def _make_end(self) -> asyncio.Protocol:
        link = _Link(self)
        self._links.add(link)
        return link.client

    async def connect(self, link: "_Link") -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: link.server, HOST, self._target_port)
        except OSError:
            link.break_off()

    def forget(self, link: "_Link") -> None:
        self._links.discard(link)


class _Link:
    """One client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy: TcpProxy) -> None:
        self.proxy = proxy
        self.client = _End(self, is_client=True)
        self.server = _End(self, is_client=False)
        self._connecting: asyncio.Task[None] | None = None

    def connect(self) -> None:
        self._connecting = asyncio.get_running_loop().create_task(self.proxy.connect(self))

    def break_off(self) -> None:
        for end in (self.client, self.server):
            if end.transport is not None:
                _reset(end.transport)
        self.proxy.forget(self)

    def get_other(self, end: "_End") -> "_End":
        return self.server if end is self.client else self.client


def _reset(transport: asyncio.Transport) -> None:
    """Break a connection so that its other end sees that it was broken, and not ended."""
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()


class _End(asyncio.Protocol):
    """One end of a link; `send` passes on to whoever is at this end."""

    def __init__(self, link: _Link, *, is_client: bool) -> None:
        self._link = link
        self._is_client = is_client
        self._kept: deque[bytes | None] = deque()  # None is the end of what the other side says
        self._timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self._is_client:
            self._link.connect()
        elif self._link.client.transport is None:
            self.transport.abort()
        else:
            self.pass_on_what_is_kept()

    def data_received(self, data: bytes) -> None:
        self._link.get_other(self).send(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        other = self._link.get_other(self)
        if exc is not None:
            self._link.break_off()
        else:
            other.send(None)
        if other.transport is None:
            self._link.proxy.forget(self._link)

    def send(self, data: bytes | None) -> None:
        """Pass on, now or when the weather lets it through; None ends the connection."""
        weather = self._link.proxy.weather
        if weather is FAIR and not self._kept and self.transport is not None:
            self._write(data)
            return
        self._kept.append(data)
        if not self._is_held(weather) and self._timer is None:
            self._wait(weather, len(data or b""))

    def pass_on_what_is_kept(self) -> None:
        """Send what waited, if the weather lets it through."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._kept and self.transport is not None and not self._is_held(self._link.proxy.weather):
            self._write(self._kept.popleft())

    def _is_held(self, weather: Weather) -> bool:
        return self.transport is None or weather.is_silent or (weather.hides_answers and self._is_client)

    def _wait(self, weather: Weather, size: int) -> None:
        seconds = weather.delay + (size / weather.bytes_per_second if weather.bytes_per_second else 0)
        self._timer = asyncio.get_running_loop().call_later(seconds, self._pass_on_in_time)

    def _pass_on_in_time(self) -> None:
        self._timer = None
        weather = self._link.proxy.weather
        if weather.bytes_per_second is None or self._is_held(weather):
            self.pass_on_what_is_kept()
        else:
            self._write(self._kept.popleft())
            if self._kept and not self._is_held(weather):
                self._wait(weather, len(self._kept[0] or b""))

    def _write(self, data: bytes | None) -> None:
        assert self.transport is not None
        if data is None:
            self.transport.close()
        else:
            self.transport.write(data)
