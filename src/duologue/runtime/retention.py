"""Conversations that are over are deleted after a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.dialogue.session import find_expiry
from duologue.ports.clock import Clock
from duologue.ports.tracker_store import ConversationPage

PAGE = 100
"""Conversations that are looked at in one go."""

_log = logging.getLogger(__name__)


class ScannedStore(Protocol):
    """What retention needs of a tracker store."""

    async def scan_conversations(
        self, *, cursor: str | None = None, limit: int = 100, until: float | None = None
    ) -> ConversationPage:
        """All conversations that began before a time, page by page."""
        ...


DeleteIf = Callable[[ConversationId, Callable[[State], bool]], Awaitable[bool]]
"""Deletes a conversation if, as it is stored, it is meant; whether it was deleted."""


class RetentionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to."""

    deleted: int = 0
    kept: int = 0
    """Silent for long enough, and yet not over: a session is live, or a reminder is still to come."""


class Retention:
    """Deletes conversations whose last event is older than so many minutes.

    What is to go is decided on the conversation as it is stored in that moment.
    """

    def __init__(
        self, store: ScannedStore, delete_if: DeleteIf, *, domain: Domain, clock: Clock, minutes: float
    ) -> None:
        self._store = store
        self._delete_if = delete_if
        self._domain = domain
        self._clock = clock
        self._seconds = minutes * 60

    async def run(self) -> RetentionReport:
        """Go through all conversations once, a page at a time.

        Raises:
            StorageUnavailableError: what was deleted is deleted; the next run does the rest.
        """
        deleted = kept = 0
        cursor: str | None = None
        until = self._clock.now() - self._seconds
        while True:
            # A conversation that began after that time has had an event since.
            page = await self._store.scan_conversations(cursor=cursor, limit=PAGE, until=until)
            for summary in page.conversations:
                if summary.updated_at > until:
                    continue
                is_deleted = await self._delete_if(summary.conversation_id, self._is_over)
                deleted, kept = deleted + is_deleted, kept + (not is_deleted)
                await asyncio.sleep(0)  # users' messages go first
            cursor = page.next_cursor
            if cursor is None:
                break
        _log.info("retention.done", extra={"deleted": deleted, "kept": kept})
        return RetentionReport(deleted=deleted, kept=kept)

    def _is_over(self, state: State) -> bool:
        now = self._clock.now()
        return (
            state.last_event_at <= now - self._seconds
            and not state.reminders
            and _has_ended(state, self._domain, now)
        )


def _has_ended(state: State, domain: Domain, now: float) -> bool:
    """Whether the session was ended, or would be over if anybody looked, or there was never one."""
    session = state.session
    if session.is_terminated or session.is_inactive or not session.touched_at:
        return True
    expires_at = find_expiry(state, domain)
    return expires_at is not None and now >= expires_at
