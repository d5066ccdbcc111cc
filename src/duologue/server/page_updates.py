"""Tells the open demo pages of a conversation that a turn is done."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator

from duologue.dialogue.turn import TurnReport

LONGEST_QUEUE = 8


class PageUpdates:
    """In-process publish and subscribe, one topic per conversation."""

    def __init__(self) -> None:
        self._subscribers: dict[str, set[asyncio.Queue[TurnReport | None]]] = {}
        self._is_closed = False

    def publish(self, report: TurnReport) -> None:
        """Hand the report to every open page of its conversation; never waits."""
        for queue in self._subscribers.get(report.state.conversation_id, ()):
            _put_latest(queue, report)

    async def subscribe(self, conversation_id: str, *, heartbeat: float) -> AsyncIterator[TurnReport | None]:
        """Reports as they come; None whenever `heartbeat` seconds passed without one. Ends on `close`."""
        with self._subscription(conversation_id) as queue:
            while not self._is_closed:
                try:
                    async with asyncio.timeout(heartbeat):
                        report = await queue.get()
                except TimeoutError:
                    yield None
                    continue
                if report is not None:
                    yield report

    def close(self) -> None:
        """End every subscription."""
        self._is_closed = True
        for queues in self._subscribers.values():
            for queue in queues:
                _put_latest(queue, None)

    @contextlib.contextmanager
    def _subscription(self, conversation_id: str) -> Generator[asyncio.Queue[TurnReport | None], None, None]:
        queue: asyncio.Queue[TurnReport | None] = asyncio.Queue(LONGEST_QUEUE)
        queues = self._subscribers.setdefault(conversation_id, set())
        queues.add(queue)
        try:
            yield queue
        finally:
            queues.discard(queue)
            if not queues:
                self._subscribers.pop(conversation_id, None)


def _put_latest(queue: asyncio.Queue[TurnReport | None], item: TurnReport | None) -> None:
    # A page that does not keep up misses the oldest turns; each report holds the whole state anyway.
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(item)
