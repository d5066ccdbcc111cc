"""Messages as they came over gRPC, read so that a large or odd one costs nobody but its own call."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from duologue.adapters.action_runner.answer import LARGE
from duologue.core.errors import ActionError
from duologue.core.values import OpenData
from duologue.wire.grpc.calls import parse_answer_message
from duologue.wire.grpc.messages import WebhookResponse

MOST_MARKS = 400_000
"""Bytes that begin a member of an object, an item of a list, an event or a response; each becomes an object in memory."""

Fail = Callable[[str], ActionError]
"""Makes the error of the call; its words go on after "The action server at … "."""
M = TypeVar("M", bound=Message)


class MessageReader:
    """Reads messages; one for each server, so that its large ones wait for each other."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def read(self, kind: type[M], content: bytes, fail: Fail) -> M:
        """The message in these bytes.

        Raises:
            ActionError: it is none, or has more parts than any answer needs.
        """
        if len(content) <= LARGE:
            return _decode(kind, content, fail)
        if content.count(b"\x0a") + content.count(b"\x12") > MOST_MARKS:
            raise fail("gave back more than an answer may have")
        async with self._turn:
            return await asyncio.to_thread(_decode, kind, content, fail)

    async def parse_answer(self, answer: WebhookResponse) -> OpenData:
        """The answer as its JSON."""
        if answer.ByteSize() <= LARGE:
            return parse_answer_message(answer)
        async with self._turn:
            return await asyncio.to_thread(parse_answer_message, answer)


def _decode(kind: type[M], content: bytes, fail: Fail) -> M:
    try:
        return kind.FromString(content)
    except DecodeError as error:
        raise fail("gave back something that is no message of the protocol") from error
