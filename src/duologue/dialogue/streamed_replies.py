"""What an action says while it still runs: pieces reach the user at once, whole replies go into the record."""

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from duologue.core.events import BotSpoke
from duologue.core.messages import BotMessage, ReplyPiece
from duologue.core.values import OpenData
from duologue.dialogue.action_message import is_empty, parse_action_message
from duologue.dialogue.turn import Turn


class StreamedReplies:
    """The `ReplyStream` of one call of an action.

    After the listener has left, what is said is neither shown nor recorded: the record holds what the user got.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._pieces: list[BotMessage] = []
        self._is_open = False
        self._replies: list[BotMessage] = []
        self._was_listened_to = turn.deliver is not None
        self._departure = asyncio.Event()

    async def begin(self) -> None:
        """A reply begins; one that was not ended is ended by it."""
        await self.end()
        self._is_open = True
        self._turn.streams_begun += 1

    async def add(self, piece: OpenData) -> None:
        """Show a piece, and keep it."""
        message = parse_action_message(piece)
        if not self._is_open or _is_another(self._pieces, message):
            await self.begin()
        if self._was_listened_to:
            shown = ReplyPiece(number=self._turn.streams_begun, message=message)
            if not await self._turn.hand_over(shown):
                self._departure.set()
                return
        self._pieces.append(message)

    async def end(self) -> None:
        """The reply is complete."""
        if not self._is_open:
            return
        pieces, self._pieces, self._is_open = self._pieces, [], False
        whole = join_pieces(pieces)
        if is_empty(whole):
            return
        self._replies.append(whole)
        if self._was_listened_to:
            last = ReplyPiece(number=self._turn.streams_begun, message=whole, is_last=True)
            if not await self._turn.hand_over(last):
                self._departure.set()

    async def wait_until_left(self) -> None:
        """Return when nobody listens any more: the channel says so, or did not take a piece."""
        waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._departure.wait())}
        if self._was_listened_to and self._turn.departure is not None:
            waits.add(asyncio.ensure_future(self._turn.departure()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def record(self) -> None:
        """Record what was said; an action that failed in the middle of a reply has said as much of it as was shown."""
        unfinished = join_pieces(self._pieces)
        self._pieces, self._is_open = [], False
        for reply in (*self._replies, *([] if is_empty(unfinished) else [unfinished])):
            self._turn.record(BotSpoke(message=reply, metadata={"is_streamed": True}))
            spoken = self._turn.tracker.new_events[-1]
            if self._was_listened_to and isinstance(spoken, BotSpoke):
                self._turn.delivered.append(spoken)
        self._replies = []


def join_pieces(pieces: Sequence[BotMessage]) -> BotMessage:
    """One reply of all pieces: texts in a row, lists joined."""
    whole = BotMessage()
    for piece in pieces:
        whole = replace(
            whole,
            text=(whole.text or "") + (piece.text or "") or None,
            buttons=(*whole.buttons, *piece.buttons),
            elements=(*whole.elements, *piece.elements),
            quick_replies=(*whole.quick_replies, *piece.quick_replies),
            image=piece.image or whole.image,
            attachment=piece.attachment or whole.attachment,
            custom=piece.custom or whole.custom,
        )
    return whole


def _is_another(pieces: Sequence[BotMessage], message: BotMessage) -> bool:
    """Whether the message has something that a reply has but once, and that these pieces have already."""
    return any(
        getattr(message, part) and any(getattr(piece, part) for piece in pieces)
        for part in ("image", "attachment", "custom")
    )
