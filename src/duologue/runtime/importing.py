"""Conversations of another platform are carried over into the tracker store, whole, once, and in order."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence

import msgspec
from msgspec.structs import replace

from duologue.core import events as ev
from duologue.core.errors import AdapterError, ConflictError, StorageUnavailableError
from duologue.core.events import Event
from duologue.core.stack import Stack
from duologue.ports.conversation_source import ConversationSource, SourceConversation, SourcePage
from duologue.ports.tracker_store import TrackerStore
from duologue.runtime.imported_events import MOST_CHARACTERS, ImportedEvents, is_id
from duologue.runtime.stored_states import load_state
from duologue.wire.events import decode_event, encode_event, get_type_name

PART = 500
"""How many events one append has at most."""
PAGE = 100
AT_A_TIME = 32
"""How many conversations are written at the same time."""
WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each new attempt, when a store or the source does not answer."""
ATTEMPTS_IN_CONFLICT = 3


class LeftAlone(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was not carried over."""

    conversation_id: str
    reason: str


class ImportCount(msgspec.Struct, kw_only=True):
    """What an import has done so far."""

    conversations_read: int = 0
    conversations_carried: int = 0
    """Conversations of which at least one event was carried over."""
    conversations_there: int = 0
    """Conversations of which nothing was missing, those without any event too."""
    events_read: int = 0
    events_carried: int = 0
    events_there: int = 0
    dropped_message_ids: int = 0
    unreadable_events: int = 0
    with_unreadable_events: list[str] = []
    """Ids of the conversations that have them."""
    left_alone: list[LeftAlone] = []
    is_dry_run: bool = False
    is_finished: bool = False
    """Every conversation of the source was read."""

    @property
    def is_complete(self) -> bool:
        """Whether all came across."""
        return self.is_finished and not self.left_alone and not self.unreadable_events


class _DifferentError(Exception):
    """The conversation is here already, with something else in it."""


class _Progress:
    """What was there before the first attempt; a later one finds what an append left that seemed to fail."""

    there: int | None = None


class Import:
    """One run of an import; it can be run again at any time, after an end of any kind.

    What is there already is compared with the source event by event, and only what follows is appended. An append is
    all or none and names the length that it expects, so nothing is doubled, whoever else writes.
    """

    def __init__(
        self,
        source: ConversationSource,
        store: TrackerStore,
        *,
        is_dry_run: bool = False,
        on_progress: Callable[[ImportCount], None] | None = None,
        waits: Sequence[float] = WAITS,
    ) -> None:
        self.count = ImportCount(is_dry_run=is_dry_run)
        self._source = source
        self._store = store
        self._is_dry_run = is_dry_run
        self._on_progress = on_progress
        self._waits = waits

    async def run(self) -> ImportCount:
        """Carry everything over.

        Raises:
            AdapterError: the source or the store cannot be reached any more; `count` says how far it came.
        """
        async with contextlib.aclosing(self._read_pages()) as pages:
            async for page in pages:
                for entry in page.unread:
                    self.count.conversations_read += 1
                    self._leave_alone(entry.name, entry.reason)
                await self._carry_page(page.conversations)
        self.count.is_finished = True
        return self.count

    async def _read_pages(self) -> AsyncGenerator[SourcePage]:
        """The pages of the source, each read while the one before it is written."""
        reading = asyncio.ensure_future(self._read(None))
        try:
            while True:
                page = await reading
                if page.next_cursor is None:
                    yield page
                    return
                reading = asyncio.ensure_future(self._read(page.next_cursor))
                yield page
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, AdapterError):
                await reading

    async def _read(self, after: str | None) -> SourcePage:
        # At the very beginning a failure is a wrong address more often than a bad moment.
        for wait in self._waits if after is not None else ():
            try:
                return await self._source.read(after=after, limit=PAGE)
            except AdapterError as error:
                if not error.is_retryable:
                    raise
            await asyncio.sleep(wait)
        return await self._source.read(after=after, limit=PAGE)

    async def _carry_page(self, conversations: Sequence[SourceConversation]) -> None:
        waiting = iter(conversations)

        async def work() -> None:
            for conversation in waiting:
                await self._carry(conversation)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_A_TIME, len(conversations))):
                    group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _carry(self, conversation: SourceConversation) -> None:
        self.count.conversations_read += 1
        self.count.events_read += len(conversation.events)
        try:
            if is_id(conversation.conversation_id):
                await self._insist(conversation)
            else:
                reason = (
                    f"Its id is longer than {MOST_CHARACTERS} characters, or has one that cannot be kept."
                )
                self._leave_alone(conversation.conversation_id, reason)
        except _DifferentError as difference:
            self._leave_alone(conversation.conversation_id, str(difference))
        except AdapterError:
            raise
        except Exception as error:  # one odd conversation must not keep the others from coming
            reason = f"Duologue itself failed on it ({type(error).__name__}: {error})."
            self._leave_alone(conversation.conversation_id, reason)
        if self._on_progress is not None:
            self._on_progress(self.count)

    async def _insist(self, conversation: SourceConversation) -> None:
        """Carry one conversation over; after a failure of any kind look again what is there, and go on."""
        conflicts = 0
        waits = iter(self._waits)
        progress = _Progress()
        while True:
            try:
                imported = await self._carry_events(conversation, progress)
                return self._note(imported, progress.there or 0)
            except ConflictError as conflict:
                conflicts += 1
                if conflicts == ATTEMPTS_IN_CONFLICT:
                    raise _DifferentError(f"Somebody else writes to it: {conflict}") from conflict
            except StorageUnavailableError:
                wait = next(waits, None)
                if wait is None:
                    raise
                await asyncio.sleep(wait)

    async def _carry_events(self, conversation: SourceConversation, progress: "_Progress") -> ImportedEvents:
        imported = ImportedEvents(conversation)
        conversation_id = imported.state.conversation_id
        stored = await load_state(self._store, conversation_id)
        there = min(stored.length if stored else 0, imported.total)
        if progress.there is None:
            progress.there = there
        await self._compare(imported, there)
        while imported.state.length < imported.total:
            expected = imported.state.length
            part = imported.take(PART)
            if not self._is_dry_run:
                await self._store.append(conversation_id, part, expected=expected, snapshot=imported.state)
        return imported

    async def _compare(self, imported: ImportedEvents, there: int) -> None:
        """Go over the events that are there; each must be the one of the source."""
        while (start := imported.state.length) < there:
            part = imported.take(min(PART, there - start))
            stored = await self._store.load_events(
                imported.state.conversation_id, start=start, stop=start + len(part)
            )
            if len(stored) != len(part):
                raise ConflictError("The conversation became shorter while it was read.")
            for sequence, (ours, theirs) in enumerate(zip(part, stored, strict=True), start):
                if not _is_same(ours, theirs):
                    raise _DifferentError(
                        f"There is a conversation with this id that is another one: event {sequence} is"
                        f" `{get_type_name(theirs)}` here and `{get_type_name(ours)}` in the source."
                    )

    def _note(self, imported: ImportedEvents, there: int) -> None:
        self.count.events_carried += imported.total - there
        if there == imported.total:
            self.count.conversations_there += 1
        else:
            self.count.conversations_carried += 1
        self.count.events_there += there
        self.count.dropped_message_ids += imported.dropped_message_ids
        self.count.unreadable_events += imported.unreadable
        if imported.unreadable:
            self.count.with_unreadable_events.append(imported.state.conversation_id)

    def _leave_alone(self, conversation_id: str, reason: str) -> None:
        self.count.left_alone.append(LeftAlone(conversation_id=conversation_id, reason=reason))


def _is_same(imported: Event, stored: Event) -> bool:
    """Whether an event of the source is the one that is stored, apart from what only the import adds to it."""
    if imported == stored:
        return True
    return imported.timestamp == stored.timestamp and _strip(decode_event(encode_event(imported))) == _strip(
        stored
    )


def _strip(event: Event) -> Event:
    if isinstance(event, ev.UserSpoke):
        # The source may have learned only later who the user is.
        return replace(event, user_id=None)
    if isinstance(event, ev.StackChanged):
        # Frames that came without an id have got one at random.
        return replace(event, stack=_without_frame_ids(event.stack))
    return event


def _without_frame_ids(stack: Stack) -> Stack:
    return tuple(replace(frame, frame_id="") for frame in stack)
