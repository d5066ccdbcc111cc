"""A load generator that costs little: each conversation has a connection and waits for every answer."""

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle

import msgspec

from benchmarks.made_project import FLOWS, make_script, name_flow

PATH = "/webhooks/rest/webhook"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    requests: int
    seconds: float
    latencies: list[float]
    """Milliseconds of each request, sorted."""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def find_percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


async def press_buttons(port: int, *, conversations: int, seconds: float, name: str) -> Load:
    """Walk through the flows from several conversations at once for about that long."""
    latencies: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(
        *(
            _talk(port, f"{name}-{number}", number, began + seconds, latencies)
            for number in range(conversations)
        )
    )
    return Load(requests=len(latencies), seconds=time.perf_counter() - began, latencies=sorted(latencies))


async def _talk(port: int, sender: str, first: int, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        texts = _list_texts(first)
        while (began := time.perf_counter()) < until:
            writer.write(_make_request(sender, next(texts)))
            await _read_answer(reader)
            latencies.append((time.perf_counter() - began) * 1000)
    finally:
        writer.close()
        await writer.wait_closed()


def _list_texts(first: int) -> Iterator[str]:
    for place in cycle(range(FLOWS)):
        yield from make_script(name_flow((first + place) % FLOWS))


def _make_request(sender: str, text: str) -> bytes:
    body = msgspec.json.encode({"sender": sender, "message": text})
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _read_answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    if b" 200 " not in status:
        raise RuntimeError(f"The server answered {status.decode()}.")
    for field in fields.split(b"\r\n"):
        name, _, value = field.partition(b":")
        if name.lower() == b"content-length":
            return await reader.readexactly(int(value))
    raise RuntimeError("The server's answer has no length.")


async def send_texts(port: int, sender: str, texts: list[str]) -> None:
    """Say a few things, one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for text in texts:
            writer.write(_make_request(sender, text))
            await _read_answer(reader)
    finally:
        writer.close()
        await writer.wait_closed()
