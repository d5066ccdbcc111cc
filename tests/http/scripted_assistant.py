"""An assistant in memory that says what a test tells it to say."""

import asyncio
from collections.abc import Awaitable, Callable

from duologue.core.commands import Command, SetSlot, StartFlow
from duologue.core.domain import Domain
from duologue.core.errors import StorageUnavailableError
from duologue.core.events import (
    ActionExecuted,
    BotSpoke,
    Event,
    FlowStarted,
    SlotWasSet,
    StackChanged,
    UserSpoke,
)
from duologue.core.ids import ConversationId, FrameId
from duologue.core.messages import BotMessage, Button, UserMessage
from duologue.core.slots import Slot, SlotType
from duologue.core.stack import FlowFrame
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.understanding import Evidence, Understanding
from duologue.dialogue.turn import Deliver, TurnReport
from duologue.flows.flow import Flow, Flows, NluTrigger
from duologue.flows.steps import ActionStep, CollectStep
from duologue.project.definition import AssistantConfig, AssistantDefinition, IntentExample, TrainingData

Answer = Callable[[UserMessage], Awaitable[tuple[BotMessage, ...]]]


async def greet_back(message: UserMessage) -> tuple[BotMessage, ...]:
    return (BotMessage(text=f"You said: {message.text}"),)


TRANSFER = Flow(
    id="transfer_money",
    name="transfer money",
    description="Send money to somebody.",
    nlu_triggers=(NluTrigger(intent="transfer"),),
    steps=(
        CollectStep(id="0_collect_amount", slot="amount"),
        ActionStep(id="1_utter_done", action="utter_done"),
    ),
)
DOMAIN = Domain(
    slots={"amount": Slot(name="amount", type=SlotType.FLOAT), "recipient": Slot(name="recipient")}
)
TRAINING_DATA = TrainingData(examples=(IntentExample(intent="transfer", text="I want to send money"),))


class ScriptedAssistant:
    """Remembers conversations as the real one does; its replies come from `answer`."""

    def __init__(self, answer: Answer = greet_back) -> None:
        self.answer = answer
        self.messages: list[UserMessage] = []
        self.cancelled: list[str] = []
        self.is_store_down = False
        self.is_closed = False
        self.flows = Flows([TRANSFER])
        self.domain = DOMAIN
        self.definition = AssistantDefinition(
            config=AssistantConfig(language="en"),
            domain=DOMAIN,
            flows=(TRANSFER,),
            training_data=TRAINING_DATA,
        )
        self.model_id = "model-1"
        self._states: dict[str, State] = {}
        self._events: dict[str, list[Event]] = {}

    async def handle(self, message: UserMessage, deliver: Deliver | None = None) -> TurnReport:
        if self.is_store_down:
            raise StorageUnavailableError("The tracker store does not answer.")
        self.messages.append(message)
        try:
            replies = await self.answer(message)
            for reply in replies:
                if deliver:
                    await deliver(reply)
                    await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(message.text)
            raise
        return self._commit(message, replies)

    def _commit(self, message: UserMessage, replies: tuple[BotMessage, ...]) -> TurnReport:
        tracker = Tracker(
            self._states.get(message.conversation_id) or State(conversation_id=message.conversation_id)
        )
        commands: tuple[Command, ...] = (StartFlow(flow="transfer_money"), SetSlot(name="amount", value=50))
        evidence = (Evidence(rung="local", confidence=0.9, milliseconds=0.4, reason="near the flow's name"),)
        understanding = Understanding(commands=commands, evidence=evidence)
        frame = FlowFrame(flow_id="transfer_money", frame_id=FrameId("FRAME001"), step_id="0_collect_amount")
        tracker.record(
            UserSpoke(text=message.text, understanding=understanding, channel=message.channel),
            FlowStarted(flow_id="transfer_money"),
            StackChanged(stack=(frame,)),
            SlotWasSet(name="amount", value=50),
            *(BotSpoke(message=reply) for reply in replies),
            ActionExecuted(name="action_listen"),
        )
        self._states[message.conversation_id] = tracker.state
        self._events.setdefault(message.conversation_id, []).extend(tracker.new_events)
        return TurnReport(replies=replies, state=tracker.state, understanding=understanding, milliseconds=1.5)

    async def load_state(self, conversation_id: ConversationId) -> State | None:
        return self._states.get(conversation_id)

    async def load_events(
        self, conversation_id: ConversationId, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        return self._events.get(conversation_id, [])[start:stop]

    async def check_health(self) -> None:
        if self.is_store_down:
            raise StorageUnavailableError("The tracker store does not answer.")

    def start(self) -> None:
        """Nothing runs beside its turns."""

    async def close(self) -> None:
        self.is_closed = True


async def offer_choices(_: UserMessage) -> tuple[BotMessage, ...]:
    buttons = (
        Button(title="Yes", payload="/SetSlots(ok=true)"),
        Button(title="No", payload="/SetSlots(ok=false)"),
    )
    return (BotMessage(text="Sure?", buttons=buttons), BotMessage(image="https://example.com/cat.png"))
