"""An action server that answers some actions as it should and lies about the others, each in a way of its own."""

import asyncio
import contextlib
import gzip
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
STALL_SECONDS = 30.0
DRIP_SECONDS = 0.05
HONEST_ACTION = "action_note"
PREFIX = "action_lie_"
_CHUNK = b"x" * 65536
# Made before anybody calls: whoever is honest here must not be late because of a lie.
_LARGE = json.dumps({"events": [{"event": "slot", "name": "noted", "value": ["word"] * 2_500_000}]}).encode()
_MANY = json.dumps({"events": [], "responses": [{"text": "hello"}] * 200_000}).encode()
_BOMB = gzip.compress(b" " * 200_000_000, 1, mtime=0)

Lie = Callable[["Answer"], Awaitable[None]]


class Answer:
    """What is written back on one connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: str, **headers: str | int) -> None:
        fields = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
        await self.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def send(self, body: bytes, status: str = "200 OK", **headers: str | int) -> None:
        await self.head(status, Content_Length=len(body), **headers)
        await self.write(body)

    async def tell(self, value: object, status: str = "200 OK") -> None:
        await self.send(json.dumps(value).encode(), status)


async def stall(_: Answer) -> None:
    await asyncio.sleep(STALL_SECONDS)


async def stall_midway(answer: Answer) -> None:
    await answer.head("200 OK", Content_Length=100)
    await answer.write(b'{"events": [')
    await asyncio.sleep(STALL_SECONDS)


async def drip(answer: Answer) -> None:
    await answer.head("200 OK", Content_Length=100_000)
    for _ in range(round(STALL_SECONDS / DRIP_SECONDS)):
        await answer.write(b" ")
        await asyncio.sleep(DRIP_SECONDS)


async def half(answer: Answer) -> None:
    await answer.head("200 OK", Content_Length=1000)
    await answer.write(b'{"events": [], "respo')


async def hang_up(_: Answer) -> None:
    """Close the connection without a word."""


async def endless(answer: Answer) -> None:
    await answer.head("200 OK", Transfer_Encoding="chunked")
    await answer.write(b'b\r\n{"events":[\r\n')
    for _ in range(20_000):
        await answer.write(b"%x\r\n%s\r\n" % (len(_CHUNK), _CHUNK))


async def boast(answer: Answer) -> None:
    await answer.head("200 OK", Content_Length=10**15)
    for _ in range(20_000):
        await answer.write(_CHUNK)


async def endless_head(answer: Answer) -> None:
    await answer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        await answer.write(b"X-%d: %s\r\n" % (number, _CHUNK[:8192]))


async def bomb(answer: Answer) -> None:
    await answer.send(_BOMB, Content_Encoding="gzip")


async def garbled(answer: Answer) -> None:
    await answer.send(b"\x1f\x8b not compressed at all", Content_Encoding="gzip")


async def redirect(answer: Answer) -> None:
    await answer.send(b"", "307 Temporary Redirect", Location="http://127.0.0.1:1/webhook")


async def no_http(answer: Answer) -> None:
    await answer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


async def nested(answer: Answer) -> None:
    await answer.send(b'{"events": ' + b"[" * 50_000 + b"]" * 50_000 + b"}")


def say(value: object, status: str = "200 OK") -> Lie:
    async def tell(answer: Answer) -> None:
        await answer.tell(value, status)

    return tell


def say_bytes(body: bytes, status: str = "200 OK") -> Lie:
    async def send(answer: Answer) -> None:
        await answer.send(body, status)

    return send


def say_event(**event: object) -> Lie:
    return say({"events": [event], "responses": []})


LIES: dict[str, Lie] = {
    "status_500": say({"error": "oops", "action_name": "action_note"}, "500 Internal Server Error"),
    "status_502": say_bytes(b"<html>Bad gateway</html>", "502 Bad Gateway"),
    "status_204": say_bytes(b"", "204 No Content"),
    "always_449": say({"error": "domain", "action_name": "x"}, "449 Unknown"),
    "plain_400": say({"error": "what?"}, "400 Bad Request"),
    "not_found": say({"error": "no such action", "action_name": "x"}, "404 Not Found"),
    "half": half,
    "half_json": say_bytes(b'{"events": [{"event": "slot", "na'),
    "hang_up": hang_up,
    "no_http": no_http,
    "redirect": redirect,
    "stall": stall,
    "stall_midway": stall_midway,
    "drip": drip,
    "endless": endless,
    "endless_head": endless_head,
    "boast": boast,
    "large": say_bytes(_LARGE),
    "many": say_bytes(_MANY),
    "bomb": bomb,
    "garbled": garbled,
    "nested": nested,
    "empty": say_bytes(b""),
    "text": say("done"),
    "list": say([]),
    "null": say(None),
    "html": say_bytes(b"<html>OK</html>"),
    "no_utf8": say_bytes(b'{"events": [], "responses": [{"text": "\xff\xfe"}]}'),
    "no_number": say_bytes(b'{"events": [{"event": "slot", "name": "total", "value": NaN}]}'),
    "wrong_types": say({"events": "slot", "responses": 5}),
    "events_of_text": say({"events": ["slot", 1, None], "responses": []}),
    "response_of_text": say({"events": [], "responses": ["hello"]}),
    "buttons_of_text": say({"events": [], "responses": [{"buttons": ["yes"]}]}),
    "nameless_event": say_event(name="total", value=7),
    "unknown_event": say_event(event="sl0t", name="total", value=7),
    "nameless_slot": say_event(event="slot", value=7),
    "numbered_slot": say_event(event="slot", name=4, value=7),
}
"""How the server lies, by the end of the action's name."""
ACTIONS = (HONEST_ACTION, *(f"{PREFIX}{name}" for name in LIES))


class LyingServer:
    """What answers on the port; it counts what it was asked."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; kept after an honest answer, closed after a lie."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._answer(reader, Answer(writer)):
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, answer: Answer) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        if head.startswith("GET /calls"):
            await answer.tell(self._calls)
            return True
        if head.startswith("GET"):
            await answer.tell([{"name": name} for name in ACTIONS])
            return True
        call = json.loads(await reader.readexactly(_find_length(head)))
        name = call["next_action"]
        self._calls[name] += 1
        if name == HONEST_ACTION:
            await answer.tell(note(call["tracker"]["slots"]))
            return True
        await LIES[name.removeprefix(PREFIX)](answer)
        return False


def note(slots: dict[str, Any]) -> dict[str, Any]:
    """What the honest action answers: the number goes to the others."""
    noted = [*(slots["noted"] or []), slots["number"]]
    values = {"noted": noted, "total": sum(noted)}
    return {
        "events": [{"event": "slot", "name": name, "value": value} for name, value in values.items()],
        "responses": [],
    }


def _find_length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    raise ValueError("The request has no length.")


async def lie() -> None:
    """Serve on a free port, which is the first line of the output, until killed."""
    server = await asyncio.start_server(LyingServer().serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@asynccontextmanager
async def run_lying_server() -> AsyncIterator[str]:
    """The address of a lying server in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.lying_server"), stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(lie())
