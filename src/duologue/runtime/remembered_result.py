"""What is remembered of one call: its identity, and everything that came back."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from duologue.sdk.dispatcher import ChunkSink, CollectingDispatcher, Message
from duologue.sdk.payloads import ActionResult


class RememberedResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an action said and recorded. `Any`: messages and events are open JSON that authors shape."""

    events: list[dict[str, Any]]
    responses: list[dict[str, Any]]
    pieces: list[dict[str, Any]] = []
    """What it streamed, as the dispatcher gave it to its sink."""

    def encode(self) -> bytes:
        return msgspec.json.encode(self)

    async def replay(self, dispatcher: CollectingDispatcher | None) -> ActionResult:
        """Say it again: streamed if the caller takes streams, as ordinary messages otherwise."""
        if not self.pieces:
            return {"events": self.events, "responses": self.responses}
        if dispatcher is not None and dispatcher.sink is not None:
            await _stream(self.pieces, dispatcher)
            return {"events": self.events, "responses": self.responses}
        plain = CollectingDispatcher()
        await _stream(self.pieces, plain)
        return {"events": self.events, "responses": [*plain.messages, *self.responses]}


def decode_result(data: bytes) -> RememberedResult:
    """The result that was encoded.

    Raises:
        msgspec.MsgspecError: it is none of ours.
    """
    return msgspec.json.decode(data, type=RememberedResult)


def identify_call(call: Mapping[str, Any]) -> str | None:
    """The name under which a call is remembered; None if it has no key.

    A digest: keys hold the ids of conversations, which are nobody's business in a table of results.
    """
    key, name = call.get("idempotency_key"), call.get("next_action")
    if not isinstance(key, str) or not key or not isinstance(name, str):
        return None
    return hashlib.sha256(f"{len(name)} {name} {key}".encode("utf-8", "surrogatepass")).hexdigest()


class PieceRecorder:
    """Stands before a dispatcher's sink, notes what goes through, and goes on when the caller has left."""

    def __init__(self, dispatcher: CollectingDispatcher | None) -> None:
        self.pieces: list[Message] = []
        self._sink: ChunkSink | None = None
        self._passing: asyncio.Future[None] | None = None
        if dispatcher is not None and dispatcher.sink is not None:
            self._sink = dispatcher.sink
            dispatcher.sink = self._take

    def leave(self) -> None:
        """Nobody listens any more; whoever waits for the caller to read is let go."""
        self._sink = None
        if self._passing is not None:
            self._passing.cancel()

    async def _take(self, piece: Message) -> None:
        self.pieces.append(cast("Message", msgspec.to_builtins(piece, str_keys=True)))
        if self._sink is None:
            return
        self._passing = asyncio.ensure_future(_pass_on(self._sink, piece))
        try:
            await asyncio.wait([self._passing])
        finally:
            self._passing.cancel()
        if self._passing.cancelled() or self._passing.exception() is not None:
            # A caller that cannot take it is gone; the work it asked for is not.
            self._sink = None


async def _pass_on(sink: ChunkSink, piece: Message) -> None:
    await sink(piece)


async def _stream(pieces: list[Message], dispatcher: CollectingDispatcher) -> None:
    for piece in pieces:
        match piece.get("event"):
            case "stream_start":
                await dispatcher.stream_start()
            case "stream_end":
                await dispatcher.stream_end()
            case _:
                await dispatcher.stream_chunk(
                    **{
                        "json_message" if name == "custom" else name: value
                        for name, value in piece.items()
                        if name != "event"
                    }
                )
