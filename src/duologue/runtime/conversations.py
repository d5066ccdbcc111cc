"""Conversations, opened one turn at a time: lock, load, work, commit."""

from collections.abc import Awaitable, Callable, Sequence

from duologue.core.errors import ConflictError, StorageUnavailableError
from duologue.core.events import BotSpoke, Event
from duologue.core.ids import ConversationId, MessageId
from duologue.core.messages import BotMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker, fold
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import StoredConversation, TrackerStore
from duologue.runtime.stored_turns import load_turn

MAX_ATTEMPTS = 10
"""How often a turn is run again because somebody else was quicker."""


FindWakeTime = Callable[[State], float | None]
"""When somebody has to look at a conversation again; None if it only waits for the user."""

Work = Callable[[Tracker, int | None], Awaitable[None]]
"""What is done in a turn: gets the conversation, and the place in it of the message that was asked for, if any."""


class Conversations:
    """The conversations of one assistant."""

    def __init__(
        self,
        store: TrackerStore,
        locks: LockStore,
        *,
        events_for_actions: int = 100,
        find_wake_time: FindWakeTime = lambda _: None,
    ) -> None:
        self._store = store
        self._locks = locks
        self._events_for_actions = events_for_actions
        self._find_wake_time = find_wake_time

    async def take_turn(
        self, conversation_id: ConversationId, work: Work, *, message_id: MessageId | None = None
    ) -> Tracker:
        """Run `work` on the conversation and commit what it recorded, in one append.

        `work` gets the conversation, and where the message with that id stands if it is stored already. The lock keeps
        turns in order; that nothing is lost rests on the append alone, which is refused if the stored length has
        changed. Then the work is done again on the fresh conversation.
        """
        async with self._locks.hold(conversation_id):
            for _ in range(MAX_ATTEMPTS):
                tracker, message_at = await self._open(conversation_id, message_id)
                await work(tracker, message_at)
                try:
                    await self.commit(tracker)
                except ConflictError:
                    continue
                return tracker
        raise StorageUnavailableError(
            "The conversation is being changed by others without a pause; try again."
        )

    async def _open(
        self, conversation_id: ConversationId, message_id: MessageId | None
    ) -> tuple[Tracker, int | None]:
        stored = await self._store.load(conversation_id, message_id=message_id)
        if stored is None:
            return Tracker.empty(conversation_id), None
        return Tracker(_rebuild(conversation_id, stored)), stored.message_at

    async def find_state(self, conversation_id: ConversationId) -> State | None:
        """The state of a conversation, or None if it does not exist."""
        stored = await self._store.load(conversation_id)
        return _rebuild(conversation_id, stored) if stored else None

    async def commit(self, tracker: Tracker) -> None:
        """Store what was recorded since the conversation was loaded, all or none."""
        if tracker.new_events:
            await self._store.append(
                tracker.state.conversation_id,
                tracker.new_events,
                expected=tracker.base_length,
                snapshot=tracker.state,
                wake_at=self._find_wake_time(tracker.state),
            )

    async def delete_if(self, conversation_id: ConversationId, is_meant: Callable[[State], bool]) -> bool:
        """Delete a conversation if, as it is stored, it is meant; whether it was deleted.

        What is said in the last moment, even by one who does without the lock, keeps it.
        """
        async with self._locks.hold(conversation_id):
            state = await self.find_state(conversation_id)
            if state is None or not is_meant(state):
                return False
            try:
                return await self._store.delete(conversation_id, expected=state.length)
            except ConflictError:
                return False

    async def load_recent_events(self, conversation_id: ConversationId, before: int) -> Sequence[Event]:
        """The stored events before a sequence number, as many as actions are to see."""
        start = max(0, before - self._events_for_actions) if self._events_for_actions else 0
        return await self._store.load_events(conversation_id, start=start, stop=before)

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        return await self._store.load_events(conversation_id, start=start, stop=stop)

    async def load_replies(self, conversation_id: ConversationId, message_at: int) -> tuple[BotMessage, ...]:
        """The replies that a stored message got, by where it stands."""
        turn = await load_turn(self._store, conversation_id, message_at)
        return tuple(event.message for event in turn if isinstance(event, BotSpoke))

    async def close(self) -> None:
        """Let go of the locks and the store."""
        await self._locks.close()
        await self._store.close()


def _rebuild(conversation_id: ConversationId, stored: StoredConversation) -> State:
    state = stored.snapshot or State(conversation_id=conversation_id)
    return fold(state, stored.tail)
