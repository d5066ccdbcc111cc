"""Turns found again in the stored events of their conversation."""

from collections.abc import AsyncIterator, Sequence

from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId
from duologue.dialogue.turn import TURN_MARK
from duologue.ports.tracker_store import TrackerStore

_FIRST_WINDOW = 16
"""Events that are read at once; most turns have fewer, and each further read takes twice as many."""


async def load_turn(store: TrackerStore, conversation_id: ConversationId, place: int) -> Sequence[Event]:
    """All events of the turn whose message stands at that place; its session's start comes before the message."""
    found = await store.load_events(conversation_id, start=place, stop=place + 1)
    if not found:
        return ()
    mark = found[0].metadata.get(TURN_MARK)
    before = [event async for event in _walk_back(store, conversation_id, place, mark)]
    after = [event async for event in _walk_on(store, conversation_id, place + 1, mark)]
    return (*reversed(before), *found, *after)


async def _walk_back(
    store: TrackerStore, conversation_id: ConversationId, stop: int, mark: object
) -> AsyncIterator[Event]:
    window = _FIRST_WINDOW
    while stop > 0:
        start = max(0, stop - window)
        for event in reversed(await store.load_events(conversation_id, start=start, stop=stop)):
            if mark is None or event.metadata.get(TURN_MARK) != mark:
                return
            yield event
        stop, window = start, window * 2


async def _walk_on(
    store: TrackerStore, conversation_id: ConversationId, start: int, mark: object
) -> AsyncIterator[Event]:
    window = _FIRST_WINDOW
    while events := await store.load_events(conversation_id, start=start, stop=start + window):
        for event in events:
            if not _belongs(event, mark):
                return
            yield event
        start, window = start + len(events), window * 2


def _belongs(event: Event, mark: object) -> bool:
    if mark is None:  # stored without marks: the turn goes on until the user speaks again
        return not isinstance(event, UserSpoke)
    return event.metadata.get(TURN_MARK) == mark
