"""The wires of the fault rig behave as their weather says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from torture.proxies import HOST, TcpProxy, Weather


class Ears:
    """A server that hears everything and says it back."""

    def __init__(self) -> None:
        self.heard = b""
        self.news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                self.heard += data
                self.news.set()
                writer.write(data)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def have_gone(self) -> None:
        """All connections are over."""
        await asyncio.gather(*self._tasks)


@pytest.fixture
async def ears() -> Ears:
    return Ears()


@pytest.fixture
async def wire(ears: Ears) -> AsyncIterator[TcpProxy]:
    server = await asyncio.start_server(ears.listen, HOST, 0)
    wire = TcpProxy(server.sockets[0].getsockname()[1])
    await wire.start()
    yield wire
    await wire.refuse()
    server.close()
    await ears.have_gone()


Call = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@pytest.fixture
async def call(wire: TcpProxy) -> AsyncIterator[Call]:
    """Connects over the wire; what is open at the end is closed."""
    writers: list[asyncio.StreamWriter] = []

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(HOST, wire.port)
        writers.append(writer)
        return reader, writer

    yield connect
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def is_silent(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.1):
            await reader.read(1)
    except TimeoutError:
        return True
    return False


async def test_in_fair_weather_everything_passes(call: Call) -> None:
    reader, writer = await call()
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.write_eof()
    assert await reader.read() == b""


@pytest.mark.parametrize(
    ("weather", "arrives"), [(Weather(is_silent=True), False), (Weather(hides_answers=True), True)]
)
async def test_what_is_kept_arrives_when_the_weather_is_fair_again(
    wire: TcpProxy, call: Call, ears: Ears, weather: Weather, arrives: bool
) -> None:
    reader, writer = await call()
    with wire.in_weather(weather):
        writer.write(b"hello")
        assert await is_silent(reader)
        assert (ears.heard == b"hello") is arrives
    assert await reader.readexactly(5) == b"hello"


async def test_a_cut_wire_breaks_the_connection_and_loses_what_was_kept(
    wire: TcpProxy, call: Call, ears: Ears
) -> None:
    reader, writer = await call()
    with wire.in_weather(Weather(hides_answers=True)):
        writer.write(b"hello")
        await ears.news.wait()
        wire.cut()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)


async def test_a_wire_that_refuses_takes_connections_again_at_the_same_port(
    wire: TcpProxy, call: Call
) -> None:
    port = wire.port
    await wire.refuse()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, port)
    await wire.start()
    reader, writer = await call()
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"


@pytest.mark.parametrize("weather", [Weather(delay=0.02), Weather(bytes_per_second=20_000)])
async def test_a_slow_wire_keeps_everything_and_its_order(
    wire: TcpProxy, call: Call, weather: Weather
) -> None:
    reader, writer = await call()
    sent = bytes(range(250)) * 10
    with wire.in_weather(weather):
        for start in range(0, len(sent), 100):
            writer.write(sent[start : start + 100])
            await asyncio.sleep(0)
        assert await reader.readexactly(len(sent)) == sent
