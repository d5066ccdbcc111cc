"""Conversations, and all that is kept of one person, are removed for good."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import msgspec

from duologue.core.errors import ConflictError
from duologue.core.ids import ConversationId, UserId
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.runtime.stored_states import load_state

PAGE = 100
WAITS = (0.0, 0.1, 0.3, 1.0, 2.0, 3.0)
"""Seconds before each look at what is left: a store's list may be some moments old, or a turn is under way."""


class ErasureReport(msgspec.Struct, kw_only=True):
    """What was removed."""

    conversations: int = 0
    """Those that were there."""
    events: int = 0
    not_found: list[str] = []
    """Ids that were asked for, and of which there is nothing."""
    remaining: list[str] = []
    """Conversations that came again each time they were removed: somebody is talking in them now."""

    @property
    def is_complete(self) -> bool:
        return not self.remaining


async def erase_conversations(
    store: TrackerStore, locks: LockStore, conversation_ids: Iterable[ConversationId]
) -> ErasureReport:
    """Remove these conversations, each with everything that the store keeps of it."""
    report = ErasureReport()
    for conversation_id in dict.fromkeys(conversation_ids):
        async with locks.hold(conversation_id):
            state = await load_state(store, conversation_id)
            is_removed = await store.delete(conversation_id)
        if is_removed:
            report.conversations += 1
            report.events += state.length if state else 0
        else:
            report.not_found.append(conversation_id)
    return report


async def erase_user(
    store: TrackerStore,
    locks: LockStore,
    user_id: UserId,
    *,
    waits: Sequence[float] = WAITS,
    on_progress: Callable[[ErasureReport], None] | None = None,
) -> ErasureReport:
    """Remove every conversation whose latest user this is, until a new look finds none.

    A turn that is under way ends before its conversation is removed, or is refused by the store and begins the
    conversation anew; the next look finds that one.
    """
    report = ErasureReport()
    for wait in waits:
        await asyncio.sleep(wait)
        if await _erase_listed(store, locks, user_id, report, on_progress) == 0:
            return report
    for summary in await store.list_conversations(user_id=user_id, limit=PAGE):
        state = await load_state(store, summary.conversation_id)
        if state is not None and state.user_id == user_id:
            report.remaining.append(summary.conversation_id)
    return report


async def _erase_listed(
    store: TrackerStore,
    locks: LockStore,
    user_id: UserId,
    report: ErasureReport,
    on_progress: Callable[[ErasureReport], None] | None,
) -> int:
    """Remove what a list of the user's conversations names; how many it named."""
    named = 0
    seen: set[ConversationId] = set()
    while listed := await store.list_conversations(user_id=user_id, limit=PAGE):
        # What is named a second time was taken up again, or the list is old: a later look tells.
        new = [summary.conversation_id for summary in listed if summary.conversation_id not in seen]
        if not new:
            break
        for conversation_id in new:
            await _erase_if_of(store, locks, conversation_id, user_id, report)
            if on_progress is not None:
                on_progress(report)
        seen.update(new)
        named += len(new)
    return named


async def _erase_if_of(
    store: TrackerStore,
    locks: LockStore,
    conversation_id: ConversationId,
    user_id: UserId,
    report: ErasureReport,
) -> None:
    """Remove a conversation, unless it has become somebody else's since it was listed."""
    async with locks.hold(conversation_id):
        state = await load_state(store, conversation_id)
        if state is None or state.user_id != user_id:
            return
        try:
            is_removed = await store.delete(conversation_id, expected=state.length)
        except ConflictError:  # it went on, perhaps with another user; the next look tells
            return
        if is_removed:
            report.conversations += 1
            report.events += state.length
