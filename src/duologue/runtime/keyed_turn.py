"""A turn whose actions are known by its message: run again, it calls them under the same keys."""

from urllib.parse import quote

from duologue.core.messages import UserMessage
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData
from duologue.dialogue.turn import Deliver, Turn
from duologue.ports.clock import Clock

TURN_MARK = "duologue_turn"
"""Event metadata: the number of the turn that recorded the event, so that a turn can be told from its neighbours."""


class KeyedTurn(Turn):
    """A turn with keys that no other turn has.

    The number of a turn would not do: when two processes answer at the same time, both begin the same number, and
    the one that is refused and runs again gets another.
    """

    def __init__(
        self,
        message: UserMessage,
        tracker: Tracker,
        *,
        key: str,
        clock: Clock,
        stamp: OpenData,
        deliver: Deliver | None = None,
    ) -> None:
        """`key` is the message's own id, or one that was made up for it once."""
        stamp = {**stamp, TURN_MARK: tracker.state.turns + 1}
        super().__init__(message, tracker, clock=clock, stamp=stamp, deliver=deliver)
        # Quoted, so that the parts of a key can be told apart whatever is in them.
        self._key = quote(key, safe="")

    def next_idempotency_key(self) -> str:
        self.actions_performed += 1
        return f"{self.message.conversation_id}/{self._key}/{self.actions_performed}"
