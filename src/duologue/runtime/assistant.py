"""An assistant, ready to answer: the only door through which a message enters."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from duologue.core.domain import Domain
from duologue.core.errors import DuologueError
from duologue.core.events import Event
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData
from duologue.dialogue.engine import DialogueEngine, Understander
from duologue.dialogue.turn import Deliver, Turn, TurnReport
from duologue.flows.flow import Flows
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import TrackerStore
from duologue.project.definition import AssistantDefinition
from duologue.runtime.conversations import Conversations
from duologue.runtime.delivery import Delivery
from duologue.runtime.timer_turns import Push, TimerReport, TimerTurns
from duologue.telemetry.turn_spans import open_timer_span, open_turn_span

CANCEL_SECONDS = 1.0
"""How long a turn that is cancelled at the end may take to notice."""

_log = logging.getLogger(__name__)


class Closable(Protocol):
    """Anything that the assistant lets go of when it ends."""

    async def close(self) -> None: ...


class Background(Protocol):
    """Anything that an assistant does beside its turns."""

    def start(self) -> None:
        """Begin; once."""
        ...

    def stop(self) -> None:
        """Begin nothing more."""
        ...

    async def close(self) -> None:
        """Stop, and return when nothing is under way any more."""
        ...


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
        lock_store: LockStore,
        actions: ActionRunner | None,
        clock: Clock,
        understander: Understander,
        language_models: Closable | None = None,
        knowledge: Closable | None = None,
        tracing: Closable | None = None,
    ) -> None:
        self.definition = definition
        self.flows = flows
        self.model_id = model_id
        self.tracker_store = tracker_store
        self.lock_store = lock_store
        self.actions = actions
        self.understander = understander
        self.on_push: Push | None = None
        """Gets what the assistant says by itself, when it is stored; for channels that can bring it to the user."""
        self._background: list[Background] = []
        self._closables = [one for one in (knowledge, language_models) if one is not None]
        self._tracing = tracing
        self._engine = engine
        self._conversations = conversations
        self._clock = clock
        self._stamp: OpenData = {
            "model_id": model_id,
            "assistant_id": definition.config.assistant_id or "duologue",
        }
        self._timer_turns = TimerTurns(
            engine=engine,
            conversations=conversations,
            domain=definition.domain,
            clock=clock,
            stamp=self._stamp,
        )
        self._turns: set[asyncio.Task[TurnReport] | asyncio.Task[TimerReport]] = set()
        self._is_closing = False

    @property
    def domain(self) -> Domain:
        return self.definition.domain

    async def handle(self, message: UserMessage, deliver: Deliver | None = None) -> TurnReport:
        """Answer a message; when this returns, the turn is stored.

        `deliver` gets each reply as it is said, and one that an action streams in pieces. A caller that leaves (is cancelled) does not undo the turn: it is
        finished and stored, so that the same `message_id` sent again gets its replies.

        Raises:
            StorageUnavailableError: nothing of the turn is stored.
            ClosingError: the assistant is about to stop.
        """
        if self._is_closing:
            raise ClosingError("The assistant is shutting down; send the message again to another replica.")
        delivery = Delivery(deliver) if deliver is not None else None
        task = asyncio.create_task(self._answer(message, delivery))
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and not _is_leaving():
                raise ClosingError("The assistant has shut down; send the message again.") from None
            if delivery is not None:
                delivery.cut_off()
            task.add_done_callback(_tell_failure)
            raise

    async def _answer(self, message: UserMessage, delivery: Delivery | None) -> TurnReport:
        with open_turn_span(
            sender_id=message.conversation_id,
            input_channel=message.channel,
            message_id=message.message_id,
            model_id=self.model_id,
        ):
            return await self._take_turn(message, delivery)

    async def _take_turn(self, message: UserMessage, delivery: Delivery | None) -> TurnReport:
        began = self._clock.monotonic()
        key = message.message_id or uuid.uuid4().hex
        report: TurnReport | None = None

        async def work(tracker: Tracker, message_at: int | None) -> None:
            nonlocal report
            if delivery is not None:
                delivery.begin()
            if message_at is None:
                report = await self._run_turn(message, tracker, delivery, key)
                return
            replies = await self._conversations.load_replies(message.conversation_id, message_at)
            report = TurnReport(replies=replies, state=tracker.state, is_repeat=True)
            if delivery is not None:
                await delivery.repeat(replies)

        await self._conversations.take_turn(message.conversation_id, work, message_id=message.message_id)
        assert report is not None, "the work ran at least once"
        return replace(report, milliseconds=(self._clock.monotonic() - began) * 1000)

    async def _run_turn(
        self, message: UserMessage, tracker: Tracker, delivery: Delivery | None, key: str
    ) -> TurnReport:
        turn = Turn(
            message,
            tracker,
            key=key,
            clock=self._clock,
            stamp=self._stamp,
            deliver=delivery.show if delivery is not None else None,
            departure=delivery.wait_until_left if delivery is not None else None,
        )
        report = await self._engine.run_turn(turn)
        if turn.tracker is not tracker:  # a failed turn works on a fresh tracker
            tracker.state, tracker.new_events = turn.tracker.state, turn.tracker.new_events
        return report

    def run_beside(self, work: Background) -> None:
        """Let something run beside the turns, from `start` until the assistant begins to close."""
        self._background.append(work)

    def start(self) -> None:
        """Begin with what runs beside the turns; for a server, while one who only talks or tests does without."""
        for work in self._background:
            work.start()

    async def list_due(self, *, now: float | None = None, limit: int = 100) -> list[ConversationId]:
        """Conversations in which something is due: a session expires, a reminder comes due."""
        return await self.tracker_store.list_due(self._clock.now() if now is None else now, limit=limit)

    async def run_timers(self, conversation_id: ConversationId, *, now: float | None = None) -> TimerReport:
        """Do what is due in a conversation, each thing exactly once, whoever else tries.

        Raises:
            StorageUnavailableError: what is not in the record yet is still due.
            ClosingError: the assistant is about to stop.
        """
        if self._is_closing:
            raise ClosingError("The assistant is shutting down; its timers go on at another replica.")
        task = asyncio.create_task(self._run_timers(conversation_id, now))
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)
        return await asyncio.shield(task)

    async def _run_timers(self, conversation_id: ConversationId, now: float | None) -> TimerReport:
        with open_timer_span(sender_id=conversation_id, model_id=self.model_id):
            return await self._timer_turns.run(conversation_id, now=now, push=self.on_push)

    async def run_due(self, *, now: float | None = None, limit: int = 100) -> int:
        """Do what is due in all conversations, at most that many, one after the other; how much was done."""
        due = await self.list_due(now=now, limit=limit)
        return sum([len((await self.run_timers(one, now=now)).fired) for one in due])

    async def delete_if(self, conversation_id: ConversationId, is_meant: Callable[[State], bool]) -> bool:
        """Delete a conversation if, as it is stored, it is meant; whether it was deleted."""
        return await self._conversations.delete_if(conversation_id, is_meant)

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

    async def drain(self, seconds: float | None = None) -> bool:
        """Refuse new messages and wait until the turns under way are stored; False if the time was too short."""
        self._is_closing = True
        for work in self._background:
            work.stop()
        if self._turns:
            await asyncio.wait(set(self._turns), timeout=seconds)
        return not self._turns

    async def close(self, seconds: float | None = None) -> None:
        """Drain, cancel what is still running after that time, then let go of actions, models, locks and stores.

        A turn that is cancelled leaves nothing behind: its caller hears so, and may send the message again.
        """
        try:
            await self.drain(seconds)
        finally:
            await self._cancel_turns()
            for work in self._background:
                await work.close()
            if self.actions is not None:
                await self.actions.close()
            for closable in self._closables:
                await closable.close()
            await self._conversations.close()
            if self._tracing is not None:  # what is told of the end is told too
                await self._tracing.close()

    async def _cancel_turns(self) -> None:
        running = set(self._turns)
        if not running:
            return
        _log.warning("turns.cancelled", extra={"turns": len(running)})
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=CANCEL_SECONDS)


def _is_leaving() -> bool:
    """Whether it is the caller who is cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _tell_failure(task: asyncio.Task[TurnReport]) -> None:
    """Its caller has left, so only the log can be told."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("turn.not_stored", exc_info=error)
