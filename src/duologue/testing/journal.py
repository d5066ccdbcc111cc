"""What clients know of their messages, held against what a store kept: nothing lost, doubled or out of order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId


class JournalEntry(msgspec.Struct, kw_only=True):
    """One message of a client."""

    message_id: str
    text: str
    replies: object = None
    """What the first acknowledgement said."""
    is_acknowledged: bool = False
    is_changed: bool = False
    """A later acknowledgement said something else."""


class Journal:
    """The messages of many clients, one conversation each; each client sends one message after the other."""

    def __init__(self) -> None:
        self._entries: dict[ConversationId, dict[str, JournalEntry]] = {}

    def note_sent(self, conversation_id: ConversationId, message_id: str, text: str) -> None:
        """Note a message before it is sent for the first time."""
        entry = JournalEntry(message_id=message_id, text=text)
        self._entries.setdefault(conversation_id, {})[message_id] = entry

    def note_acknowledged(self, conversation_id: ConversationId, message_id: str, replies: object) -> None:
        """Note an answer; every answer to one message has to be the same."""
        entry = self._entries[conversation_id][message_id]
        if not entry.is_acknowledged:
            entry.is_acknowledged, entry.replies = True, replies
        elif entry.replies != replies:
            entry.is_changed = True

    @property
    def conversations(self) -> Sequence[ConversationId]:
        return tuple(self._entries)

    def count_acknowledged(self) -> int:
        return sum(entry.is_acknowledged for entries in self._entries.values() for entry in entries.values())

    def list_sent(self, conversation_id: ConversationId) -> list[JournalEntry]:
        """The messages of a client, in the order in which they were first sent."""
        return [*self._entries.get(conversation_id, {}).values()]

    def list_acknowledged(self, conversation_id: ConversationId) -> list[JournalEntry]:
        """Those of them that were answered."""
        return [entry for entry in self.list_sent(conversation_id) if entry.is_acknowledged]

    def find_faults(self, conversation_id: ConversationId, events: Iterable[Event]) -> list[str]:
        """What is wrong with a conversation as it was stored, one line each; an empty list is what one wants."""
        stored = [event for event in events if isinstance(event, UserSpoke)]
        entries = self._entries[conversation_id]
        faults = [
            *_find_lost_and_doubled(entries, stored),
            *_find_strangers(entries, stored),
            *_find_reordered(entries, stored),
            *(f"answered in two ways: {entry.message_id}" for entry in entries.values() if entry.is_changed),
        ]
        return [f"{conversation_id}: {fault}" for fault in faults]


def _find_lost_and_doubled(entries: Mapping[str, JournalEntry], stored: Sequence[UserSpoke]) -> Iterable[str]:
    times = Counter(message.message_id for message in stored)
    for entry in entries.values():
        if entry.is_acknowledged and not times[entry.message_id]:
            yield f"lost: {entry.message_id}"
        if times[entry.message_id] > 1:
            yield f"stored {times[entry.message_id]} times: {entry.message_id}"


def _find_strangers(entries: Mapping[str, JournalEntry], stored: Sequence[UserSpoke]) -> Iterable[str]:
    for message in stored:
        entry = entries.get(message.message_id or "")
        if entry is None:
            yield f"never sent: {message.message_id}"
        elif entry.text != message.text:
            yield f"another text: {message.message_id}"


def _find_reordered(entries: Mapping[str, JournalEntry], stored: Sequence[UserSpoke]) -> Iterable[str]:
    places = {message_id: place for place, message_id in enumerate(entries)}
    known = [message.message_id for message in stored if message.message_id]
    for before, after in pairwise(known):
        if places.get(before, -1) > places.get(after, len(places)):
            yield f"out of order: {before} before {after}"
