"""An assistant, ready to answer: the only door through which a message enters."""

import asyncio
import logging

from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.errors import DuologueError
from duologue.core.events import Event, TurnCutOff
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData
from duologue.dialogue.engine import DialogueEngine
from duologue.dialogue.turn import Deliver, Turn, TurnReport
from duologue.flows.flow import Flows
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock
from duologue.ports.tracker_store import TrackerStore
from duologue.project.definition import AssistantDefinition
from duologue.runtime.conversations import Conversations

_log = logging.getLogger(__name__)


class ClosingError(DuologueError):
    """The assistant is about to stop and takes no more messages."""


class Assistant:
    """One assistant with its conversations. Safe to use from many tasks at once."""

    def __init__(
        self,
        *,
        definition: AssistantDefinition,
        flows: Flows,
        model_id: str,
        engine: DialogueEngine,
        conversations: Conversations,
        tracker_store: TrackerStore,
        actions: ActionRunner | None,
        clock: Clock,
    ) -> None:
        self.definition = definition
        self.flows = flows
        self.model_id = model_id
        self.tracker_store = tracker_store
        self.actions = actions
        self._engine = engine
        self._conversations = conversations
        self._clock = clock
        self._stamp: OpenData = {
            "model_id": model_id,
            "assistant_id": definition.config.assistant_id or "duologue",
        }
        self._turns: set[asyncio.Task[TurnReport]] = set()
        self._is_closing = False

    @property
    def domain(self) -> Domain:
        return self.definition.domain

    async def handle(self, message: UserMessage, deliver: Deliver | None = None) -> TurnReport:
        """Answer a message; when this returns, the turn is stored.

        `deliver` gets each reply as it is said. A caller that leaves (is cancelled) does not undo the turn: it is
        finished and stored, so that the same `message_id` sent again gets its replies.

        Raises:
            StorageUnavailableError: nothing of the turn is stored.
            ClosingError: the assistant is about to stop.
        """
        if self._is_closing:
            raise ClosingError("The assistant is shutting down; send the message again to another replica.")
        delivery = _Delivery(deliver)
        task = asyncio.create_task(self._take_turn(message, delivery))
        self._turns.add(task)
        task.add_done_callback(self._forget)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            delivery.cut_off()
            raise

    def _forget(self, task: "asyncio.Task[TurnReport]") -> None:
        self._turns.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The caller sees it too, unless it has left.
            _log.debug("turn.refused", exc_info=error)

    async def _take_turn(self, message: UserMessage, delivery: "_Delivery") -> TurnReport:
        began = self._clock.monotonic()
        report: TurnReport | None = None

        async def work(tracker: Tracker) -> None:
            nonlocal report
            if message.message_id is not None:
                repeated = await self._find_repeat(message, tracker)
                if repeated is not None:
                    report = repeated
                    for reply in repeated.replies:
                        await delivery.show(reply)
                    return
            turn = Turn(
                message,
                tracker,
                clock=self._clock,
                stamp=self._stamp,
                deliver=delivery.show if delivery.is_wanted else None,
            )
            delivery.begin()
            report = await self._engine.run_turn(turn)
            if delivery.is_cut_off:
                turn.record(TurnCutOff(metadata={"delivered": delivery.count}))
            if turn.tracker is not tracker:  # a failed turn works on a fresh tracker
                tracker.state, tracker.new_events = turn.tracker.state, turn.tracker.new_events

        await self._conversations.take_turn(message.conversation_id, work)
        assert report is not None, "the work ran at least once"
        return replace(report, milliseconds=(self._clock.monotonic() - began) * 1000)

    async def _find_repeat(self, message: UserMessage, tracker: Tracker) -> TurnReport | None:
        assert message.message_id is not None, "asked for messages with an id only"
        if tracker.base_length == 0:
            return None
        replies = await self._conversations.find_replies(message.conversation_id, message.message_id)
        if replies is None:
            return None
        return TurnReport(replies=replies, state=tracker.state, is_repeat=True)

    async def load_state(self, conversation_id: ConversationId) -> State | None:
        """The state of a conversation, or None if it does not exist."""
        return await self._conversations.find_state(conversation_id)

    async def load_events(
        self, conversation_id: ConversationId, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        """Stored events of a conversation."""
        return await self._conversations.load_events(conversation_id, start=start, stop=stop)

    async def check_health(self) -> None:
        """Return if turns can be stored now, raise `StorageUnavailableError` otherwise."""
        await self.tracker_store.check_health()

    async def drain(self) -> None:
        """Refuse new messages and wait until the turns under way are stored."""
        self._is_closing = True
        while self._turns:
            await asyncio.wait(set(self._turns))

    async def close(self) -> None:
        """Drain, then let go of actions and stores."""
        await self.drain()
        if self.actions is not None:
            await self.actions.close()
        await self.tracker_store.close()


class _Delivery:
    """Hands replies to a channel; a turn that is run again does not say again what was said."""

    def __init__(self, deliver: Deliver | None) -> None:
        self._deliver = deliver
        self._shown: list[BotMessage] = []
        self._position = 0
        self.is_wanted = deliver is not None
        self.is_cut_off = False

    @property
    def count(self) -> int:
        return len(self._shown)

    def begin(self) -> None:
        self._position = 0

    def cut_off(self) -> None:
        self.is_cut_off = self.is_wanted
        self._deliver = None

    async def show(self, reply: BotMessage) -> None:
        place, self._position = self._position, self._position + 1
        if self._deliver is None or (place < len(self._shown) and self._shown[place] == reply):
            return
        self._shown.append(reply)
        await self._deliver(reply)
