"""Holds what clients were told against what the store keeps and what the action server did."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import msgspec

from duologue.core.events import BotSpoke, Event, TurnFailed, UserSpoke
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.ports.tracker_store import ConversationSummary, TrackerStore
from duologue.testing.journal import FindingKind, Journal
from torture.ledger import Effect
from torture.served_project import Noted, read_number

COUNTED = (
    *(kind.value for kind in FindingKind),
    "reply differs",
    "wrong state",
    "gap",
    "effect missing",
    "effect doubled",
    "effect changed",
    "effect strange",
)
"""All that can be wrong; a run is good if each of them is 0."""
_PAGE = 500


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong."""

    kind: str
    """One of `COUNTED`."""
    conversation_id: ConversationId
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.conversation_id}: {self.detail}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    conversations: int
    events: int
    messages: int
    failed_turns: int
    """Turns that say that their action failed."""
    effects: int
    findings: tuple[Finding, ...]

    def count(self) -> dict[str, int]:
        """How often each kind was found, also those that were not."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in COUNTED}


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what followed it, as stored."""

    message_id: str
    text: str
    replies: list[str]
    has_failed: bool


async def check(store: TrackerStore, journal: Journal, effects: Sequence[Effect]) -> Verdict:
    """Read everything through the port that the server uses, and compare."""
    findings = list(_find_effects_out_of_place(journal, effects))
    effects_of = _sort_effects(effects)
    conversations = {summary.conversation_id: summary async for summary in _scan(store)}
    events_read = messages = failed = 0
    for conversation_id in {*journal.conversations, *conversations}:
        events = await store.load_events(conversation_id)
        stored = await store.load(conversation_id)
        turns = list(split_turns(events))
        snapshot = stored.snapshot if stored is not None else None
        findings += [
            Finding(kind=found.kind.value, conversation_id=conversation_id, detail=found.detail)
            for found in journal.examine(conversation_id, events)
        ]
        findings += _check_length(conversation_id, conversations.get(conversation_id), events, snapshot)
        findings += _check_state(conversation_id, events, turns, snapshot)
        findings += _check_turns(journal, conversation_id, turns, effects_of)
        events_read += len(events)
        messages += len(turns)
        failed += sum(turn.has_failed for turn in turns)
    return Verdict(
        conversations=len(conversations),
        events=events_read,
        messages=messages,
        failed_turns=failed,
        effects=len(effects),
        findings=tuple(findings),
    )


async def _scan(store: TrackerStore) -> AsyncIterator[ConversationSummary]:
    cursor: str | None = None
    while True:
        page = await store.scan_conversations(cursor=cursor, limit=_PAGE)
        for summary in page.conversations:
            yield summary
        cursor = page.next_cursor
        if cursor is None:
            return


def split_turns(events: Iterable[Event]) -> Iterable[Turn]:
    """The turns of a conversation; what stands before a message is no part of its turn here."""
    spoken: UserSpoke | None = None
    replies: list[str] = []
    has_failed = False
    for event in events:
        match event:
            case UserSpoke():
                if spoken is not None:
                    yield _make_turn(spoken, replies, has_failed)
                spoken, replies, has_failed = event, [], False
            case BotSpoke():
                replies.append(event.message.text or "")
            case TurnFailed():
                has_failed = True
            case _:
                pass
    if spoken is not None:
        yield _make_turn(spoken, replies, has_failed)


def _make_turn(spoken: UserSpoke, replies: list[str], has_failed: bool) -> Turn:
    return Turn(message_id=spoken.message_id or "", text=spoken.text, replies=replies, has_failed=has_failed)


def _check_length(
    conversation_id: ConversationId,
    summary: ConversationSummary | None,
    events: Sequence[Event],
    snapshot: State | None,
) -> Iterable[Finding]:
    """Numbers without a gap: as many events as the listing and the snapshot count."""
    listed = summary.length if summary is not None else 0
    known = snapshot.length if snapshot is not None else 0
    if not len(events) == listed == known:
        detail = f"{len(events)} events, {listed} in the listing, {known} in the snapshot"
        yield Finding(kind="gap", conversation_id=conversation_id, detail=detail)


def _check_state(
    conversation_id: ConversationId, events: Sequence[Event], turns: Sequence[Turn], snapshot: State | None
) -> Iterable[Finding]:
    """The snapshot is what the events come to, and the slots are what the numbers come to."""
    if snapshot is None:
        return
    if snapshot != fold(State(conversation_id=conversation_id), events):
        detail = "the snapshot is not what the events come to"
        yield Finding(kind="wrong state", conversation_id=conversation_id, detail=detail)
    noted = add_up(turns)
    held = Noted(**{name: int(snapshot.slots.get(name) or 0) for name in Noted.__struct_fields__})
    if held != noted:
        detail = f"{held} was noted, not {noted}"
        yield Finding(kind="wrong state", conversation_id=conversation_id, detail=detail)


def add_up(turns: Iterable[Turn]) -> Noted:
    """What a conversation has to hold after these turns."""
    noted = Noted()
    for turn in turns:
        if not turn.has_failed:
            noted = noted.add(read_number(turn.text))
    return noted


def _check_turns(
    journal: Journal,
    conversation_id: ConversationId,
    turns: Sequence[Turn],
    effects: Mapping[tuple[str, str], set[str]],
) -> Iterable[Finding]:
    """Each reply is the one that its client was told, and says what was true at its place; each effect was had once."""
    noted, is_right = Noted(), True
    for turn in turns:
        number = read_number(turn.text)
        entry = journal.find_entry(conversation_id, turn.message_id)
        if entry is not None and entry.is_acknowledged and entry.replies != turn.replies:
            detail = f"{turn.message_id} was answered {entry.replies}, stored is {turn.replies}"
            yield Finding(kind="reply differs", conversation_id=conversation_id, detail=detail)
        keys = effects.get((conversation_id, turn.message_id), set())
        if len(keys) > 1 or not (keys or turn.has_failed):
            kind = "effect doubled" if keys else "effect missing"
            detail = f"{turn.message_id} has the effects {sorted(keys)}"
            yield Finding(kind=kind, conversation_id=conversation_id, detail=detail)
        if turn.has_failed:
            continue
        noted = noted.add(number)
        if is_right and turn.replies != [noted.format_reply(number)]:
            is_right = False  # all that follow are wrong, too
            detail = f"{turn.message_id} got {turn.replies}, not {noted.format_reply(number)!r}"
            yield Finding(kind="wrong state", conversation_id=conversation_id, detail=detail)


def _sort_effects(effects: Sequence[Effect]) -> dict[tuple[str, str], set[str]]:
    """The keys under which each message had effects."""
    sorted_effects: dict[tuple[str, str], set[str]] = defaultdict(set)
    for effect in effects:
        conversation_id, message_id, _ = split_key(effect.key)
        sorted_effects[conversation_id, message_id].add(effect.key)
    return sorted_effects


def split_key(key: str) -> tuple[str, str, str]:
    """Conversation, message and step of an idempotency key."""
    rest, _, step = key.rpartition("/")
    conversation_id, _, message_id = rest.rpartition("/")
    return conversation_id, message_id, step


def _find_effects_out_of_place(journal: Journal, effects: Sequence[Effect]) -> Iterable[Finding]:
    """Effects under one key with two meanings, and effects of what nobody asked for."""
    times = Counter(effect.key for effect in effects)
    for effect in effects:
        conversation_id = ConversationId(effect.conversation_id)
        named, message_id, _ = split_key(effect.key)
        entry = journal.find_entry(conversation_id, message_id)
        if times[effect.key] > 1:
            detail = f"{effect.number} under {effect.key}, which stands for {times[effect.key]} effects"
            yield Finding(kind="effect changed", conversation_id=conversation_id, detail=detail)
        if entry is None or named != conversation_id or read_number(entry.text) != effect.number:
            detail = f"{effect.number} under {effect.key} was not asked for"
            yield Finding(kind="effect strange", conversation_id=conversation_id, detail=detail)
