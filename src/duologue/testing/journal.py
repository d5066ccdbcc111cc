"""What clients know of their messages, held against what a store kept: nothing lost, doubled or out of order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

import msgspec

from duologue.core.events import Event, UserSpoke
from duologue.core.ids import ConversationId


class FindingKind(StrEnum):
    """In how many ways a conversation can be wrong."""

    LOST = "lost"
    """Acknowledged, and not stored."""
    DOUBLED = "doubled"
    REORDERED = "reordered"
    ANSWERED_IN_TWO_WAYS = "answered in two ways"
    STRANGE = "strange"
    """Stored, and never sent like that."""


class JournalFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a conversation as it was stored."""

    kind: FindingKind
    conversation_id: ConversationId
    detail: str

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.detail}"


class JournalEntry(msgspec.Struct, kw_only=True):
    """One message of a client."""

    message_id: str
    text: str
    place: int
    """When it was first sent; messages with the same place may be stored in any order."""
    replies: object = None
    """What the first acknowledgement said."""
    is_acknowledged: bool = False
    is_changed: bool = False
    """A later acknowledgement said something else."""


class Journal:
    """The messages of many clients, one conversation each; each client sends one message after the other."""

    def __init__(self) -> None:
        self._entries: dict[ConversationId, dict[str, JournalEntry]] = {}

    def note_sent(
        self, conversation_id: ConversationId, message_id: str, text: str, *, with_previous: bool = False
    ) -> None:
        """Note a message before it is sent for the first time.

        Args:
            with_previous: the message before this one is still under way, so that either may come first.
        """
        entries = self._entries.setdefault(conversation_id, {})
        last = next(reversed(entries.values())).place if entries else -1
        place = max(last, 0) if with_previous else last + 1
        entries[message_id] = JournalEntry(message_id=message_id, text=text, place=place)

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

    def count_sent(self) -> int:
        return sum(map(len, self._entries.values()))

    def count_acknowledged(self) -> int:
        return sum(entry.is_acknowledged for entries in self._entries.values() for entry in entries.values())

    def find_entry(self, conversation_id: ConversationId, message_id: str) -> JournalEntry | None:
        """The message with that id, if it was sent."""
        return self._entries.get(conversation_id, {}).get(message_id)

    def list_sent(self, conversation_id: ConversationId) -> list[JournalEntry]:
        """The messages of a client, in the order in which they were first sent."""
        return [*self._entries.get(conversation_id, {}).values()]

    def list_acknowledged(self, conversation_id: ConversationId) -> list[JournalEntry]:
        """Those of them that were answered."""
        return [entry for entry in self.list_sent(conversation_id) if entry.is_acknowledged]

    def find_faults(self, conversation_id: ConversationId, events: Iterable[Event]) -> list[str]:
        """What is wrong with a conversation as it was stored, one line each; an empty list is what one wants."""
        return [str(finding) for finding in self.examine(conversation_id, events)]

    def examine(self, conversation_id: ConversationId, events: Iterable[Event]) -> list[JournalFinding]:
        """The same as values, so that they can be counted by their kind."""
        # A reminder that came due is told like a message, and nobody sent it.
        stored = [event for event in events if isinstance(event, UserSpoke) and event.reminder is None]
        entries = self._entries.get(conversation_id, {})
        found = [
            *_find_lost_and_doubled(entries, stored),
            *_find_strangers(entries, stored),
            *_find_reordered(entries, stored),
            *_find_changed(entries),
        ]
        return [
            JournalFinding(kind=kind, conversation_id=conversation_id, detail=detail)
            for kind, detail in found
        ]


_Found = Iterable[tuple[FindingKind, str]]


def _find_lost_and_doubled(entries: Mapping[str, JournalEntry], stored: Sequence[UserSpoke]) -> _Found:
    times = Counter(message.message_id for message in stored)
    for entry in entries.values():
        if entry.is_acknowledged and not times[entry.message_id]:
            yield FindingKind.LOST, f"lost: {entry.message_id}"
        if times[entry.message_id] > 1:
            yield FindingKind.DOUBLED, f"stored {times[entry.message_id]} times: {entry.message_id}"


def _find_strangers(entries: Mapping[str, JournalEntry], stored: Sequence[UserSpoke]) -> _Found:
    for message in stored:
        entry = entries.get(message.message_id or "")
        if entry is None:
            yield FindingKind.STRANGE, f"never sent: {message.message_id}"
        elif entry.text != message.text:
            yield FindingKind.STRANGE, f"another text: {message.message_id}"


def _find_reordered(entries: Mapping[str, JournalEntry], stored: Sequence[UserSpoke]) -> _Found:
    known = [entry for message in stored if (entry := entries.get(message.message_id or "")) is not None]
    for before, after in pairwise(known):
        if before.place > after.place:
            yield FindingKind.REORDERED, f"out of order: {before.message_id} before {after.message_id}"


def _find_changed(entries: Mapping[str, JournalEntry]) -> _Found:
    for entry in entries.values():
        if entry.is_changed:
            yield FindingKind.ANSWERED_IN_TWO_WAYS, f"answered in two ways: {entry.message_id}"
