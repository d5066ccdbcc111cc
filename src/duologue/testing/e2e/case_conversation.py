"""The conversation of one test case with the real assistant."""

from duologue.core.events import ACTION_SESSION_START, SlotWasSet, StackChanged
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.slots import DoesNotFitError, fit_value
from duologue.core.stack import Stack
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.perform import Performer
from duologue.dialogue.session import start_session
from duologue.dialogue.turn import Turn
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock
from duologue.project.e2e_tests import UserSays
from duologue.responses.templates import TemplateResponseGenerator
from duologue.runtime.adapter_table import LOCK_STORES, load_adapter
from duologue.runtime.assistant import Assistant
from duologue.runtime.conversations import Conversations
from duologue.testing.e2e.turn_record import TurnRecord

CHANNEL = "e2e"


class CaseConversation:
    """Says what the test says, and notes what happens."""

    def __init__(self, assistant: Assistant, conversation_id: ConversationId, metadata: OpenData) -> None:
        self._assistant = assistant
        self.conversation_id = conversation_id
        self._metadata = metadata
        self._seen = 0
        self._stack: Stack = ()
        self._slots: dict[str, SlotValue] = dict(assistant.domain.initial_slots)

    async def take_turn(self, said: UserSays | None) -> TurnRecord:
        """Send a message, or for None only look at what has happened so far."""
        milliseconds = 0.0
        if said is not None:
            message = UserMessage(
                conversation_id=self.conversation_id,
                text=said.text,
                channel=CHANNEL,
                metadata={**self._metadata, **said.metadata},
            )
            report = await self._assistant.handle(message)
            milliseconds = report.milliseconds
            self._slots = dict(report.state.slots)
        events = await self._assistant.load_events(self.conversation_id, self._seen)
        turn = TurnRecord(
            text=said.text if said else None,
            events=tuple(events),
            domain=self._assistant.domain,
            flows=self._assistant.flows,
            stack=self._stack,
            line=said.line if said else 0,
            slots=self._slots,
            milliseconds=milliseconds,
        )
        self._seen += len(events)
        self._stack = next((e.stack for e in reversed(events) if isinstance(e, StackChanged)), self._stack)
        return turn


class SessionOpener:
    """Opens a session before the first message, so that fixtures can be set in it."""

    def __init__(self, assistant: Assistant, actions: ActionRunner, clock: Clock) -> None:
        self._assistant = assistant
        self._actions = actions
        self._clock = clock

    async def open(self, conversation_id: ConversationId, slots: dict[str, SlotValue]) -> None:
        """Start the session and set the slots in it."""
        lock_store = await load_adapter(LOCK_STORES, "in_memory", what="lock store")()
        conversations = Conversations(self._assistant.tracker_store, lock_store)

        async def work(tracker: Tracker, _: int | None) -> None:
            message = UserMessage(conversation_id=conversation_id, text="", channel=CHANNEL)
            turn = Turn(message, tracker, clock=self._clock, stamp={"model_id": self._assistant.model_id})
            await self._start_session(turn, conversations)
            turn.record(*(self._set_slot(name, value) for name, value in slots.items()))

        await conversations.take_turn(conversation_id, work)

    async def _start_session(self, turn: Turn, conversations: Conversations) -> None:
        domain = self._assistant.domain
        if ACTION_SESSION_START not in domain.custom_actions:
            turn.record(*start_session(turn.state, domain))
            return
        performer = Performer(
            flows=self._assistant.flows,
            domain=domain,
            responses=TemplateResponseGenerator(domain),
            actions=self._actions,
            load_events=conversations.load_recent_events,
        )
        await performer.perform(ACTION_SESSION_START, turn)

    def _set_slot(self, name: str, value: SlotValue) -> SlotWasSet:
        slot = self._assistant.domain.slots.get(name)
        try:
            fitted = value if slot is None else fit_value(slot, value)
        except DoesNotFitError:
            fitted = value
        return SlotWasSet(name=name, value=fitted, filled_by="fixture")
