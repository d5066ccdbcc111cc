"""The state of a conversation as it is stored."""

from duologue.core.ids import ConversationId
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.ports.tracker_store import TrackerStore


async def load_state(store: TrackerStore, conversation_id: ConversationId) -> State | None:
    """The state after the last event, or None if there is no such conversation."""
    stored = await store.load(conversation_id)
    if stored is None:
        return None
    return fold(stored.snapshot or State(conversation_id=conversation_id), stored.tail)
