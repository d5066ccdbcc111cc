"""`python -m torture.slow_actions PORT LEDGER`: an action server that does as it is told, also when told to misbehave."""

import asyncio
import contextlib
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import msgspec

from torture.ledger import Effect, Ledger
from torture.served_project import Noted

ACTION = "action_note"
MANNERS = ("well", "slow", "hang", "garbage")
SLOW_SECONDS = 1.0
GARBAGE = (
    b"<html>Bad gateway</html>",
    b"null",
    b"[]",
    b"{",
    b'{"events": 5, "responses": []}',
    b'{"events": [{"event": "slot"}], "responses": []}',
    b'{"events": [{"event": "no such thing", "x": 1}, 3]}',
)


class _Tracker(msgspec.Struct):
    slots: dict[str, object]


class _Call(msgspec.Struct):
    next_action: str
    sender_id: str
    tracker: _Tracker


class _ActionServer:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._manners = "well"
        self._chance = random.Random()
        self._decoder = msgspec.json.Decoder(_Call)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All requests of one connection."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                method, path, headers, body = await _read_request(reader)
                if path.startswith("/manners/"):
                    self._manners = path.rpartition("/")[2]
                    await _answer(writer, 200, b"{}")
                elif path == "/webhook" and method == "POST":
                    await self._run(headers, body, writer)
                elif path == "/actions":
                    await _answer(writer, 200, msgspec.json.encode([{"name": ACTION}]))
                else:
                    await _answer(writer, 200, b'{"status":"ok"}')
        writer.close()

    async def _run(self, headers: Mapping[str, str], body: bytes, writer: asyncio.StreamWriter) -> None:
        call = self._decoder.decode(body)
        # The effect may come before the trouble, and the caller cannot know.
        is_effective = self._chance.random() < 0.7
        if self._manners != "well" and is_effective:
            self._have_effect(call, headers)
        if self._manners == "slow":
            await asyncio.sleep(self._chance.uniform(0, SLOW_SECONDS))
        elif self._manners == "hang":
            await asyncio.sleep(3600)
        elif self._manners == "garbage" and self._chance.random() < 0.8:
            await self._answer_garbage(writer)
            return
        self._have_effect(call, headers)
        await _answer(writer, 200, _make_answer(call))

    def _have_effect(self, call: _Call, headers: Mapping[str, str]) -> None:
        key = unquote(headers.get("idempotency-key", ""))
        self._ledger.note(Effect(key=key, conversation_id=call.sender_id, number=_read_slot(call, "number")))

    async def _answer_garbage(self, writer: asyncio.StreamWriter) -> None:
        match self._chance.randrange(4):
            case 0:
                writer.transport.abort()
            case 1:
                # Less than was promised.
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + GARBAGE[0])
                writer.transport.close()
            case 2:
                await _answer(writer, self._chance.choice((400, 404, 449, 500, 503)), b'{"error": "no"}')
            case _:
                await _answer(writer, 200, self._chance.choice(GARBAGE))


def _read_slot(call: _Call, name: str) -> int:
    value = call.tracker.slots.get(name)
    return int(value) if isinstance(value, float | int) else 0


def _make_answer(call: _Call) -> bytes:
    before = Noted(**{name: _read_slot(call, name) for name in Noted.__struct_fields__})
    number = _read_slot(call, "number")
    after = before.add(number)
    slots = msgspec.to_builtins(after)
    events = [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]
    return msgspec.json.encode({"events": events, "responses": [{"text": after.format_reply(number)}]})


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, path, headers, body


async def _answer(writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _serve(port: int, ledger: Ledger) -> None:
    server = await asyncio.start_server(_ActionServer(ledger).serve, "127.0.0.1", port, backlog=1000)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1]), Ledger(Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
