"""A small assistant over any stores, its understanding by keyword, and a store that can be watched and disturbed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.commands import Command, Noop, SetSlot, StartFlow
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, StorageUnavailableError
from duologue.core.events import BotSpoke, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.slots import SlotType
from duologue.core.state import State
from duologue.core.tracker import fold
from duologue.core.understanding import Understanding
from duologue.core.values import SlotValue
from duologue.dialogue.turn import TurnReport
from duologue.flows.flow import Flow
from duologue.flows.offers import Offers
from duologue.flows.patterns import STOCK_FLOWS
from duologue.ports.action_runner import ActionCall, ActionResult, ActionRunner
from duologue.ports.clock import Clock
from duologue.ports.lock_store import LockStore
from duologue.ports.tracker_store import (
    TrackerStore,
)
from duologue.project.definition import AssistantConfig, AssistantDefinition
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant
from duologue.testing.conversation import complete_domain
from duologue.testing.wrapped_store import WrappedTrackerStore
from tests.flow_writing import act, controlled, flow

Result = TypeVar("Result")

ANNA = ConversationId("anna")

GREET = flow("greet", act("utter_hello"), act("utter_how_are_you"))
COUNT = flow("count", act("action_count"), act("utter_counted"))
FLOWS = (GREET, COUNT)

Act = Callable[[ActionCall], Awaitable[ActionResult]]


class KeywordUnderstander:
    """The text is the id of a flow to start, or `slot=value`."""

    async def understand(self, message: UserMessage, offers: Offers) -> Understanding:
        name, is_slot, value = message.text.partition("=")
        if is_slot:
            return _only(SetSlot(name=name, value=value, extractor="BUTTON"))
        known = message.text in offers.flows.user_flows
        return _only(StartFlow(flow=message.text, is_explicit=True) if known else Noop())


def _only(command: Command) -> Understanding:
    return Understanding(commands=(command,))


class FunctionActions:
    """Actions that are functions of the test."""

    def __init__(self, functions: Mapping[str, Act]) -> None:
        self.functions = dict(functions)
        self.keys: list[str] = []
        """The idempotency key of every call, in order."""
        self.is_closed = False

    async def run(self, call: ActionCall) -> ActionResult:
        self.keys.append(call.idempotency_key)
        function = self.functions.get(call.action_name)
        if function is None:
            raise ActionError(f"There is no action {call.action_name!r}.", action_name=call.action_name)
        return await function(call)

    async def list_actions(self) -> frozenset[str] | None:
        return frozenset(self.functions)

    async def close(self) -> None:
        self.is_closed = True


async def count(call: ActionCall) -> ActionResult:
    """Sets the slot `counted` one higher."""
    value = (call.state.slots.get("counted") or 0) + 1
    return ActionResult(events=(SlotWasSet(name="counted", value=value),))


class WatchedStore(WrappedTrackerStore):
    """A tracker store that counts its calls, and fails or is disturbed when a test wants it to."""

    def __init__(self, store: TrackerStore | None = None) -> None:
        super().__init__(store or InMemoryTrackerStore())
        self.calls: list[str] = []
        self.failing: set[str] = set()
        """Methods that fail."""
        self.before_append: list[Callable[[], Awaitable[object]]] = []
        """Each is done once, before the next append."""
        self.is_closed = False

    async def around(self, method: str, call: Callable[[], Awaitable[Result]]) -> Result:
        if method == "append" and self.before_append:
            await self.before_append.pop(0)()
        self.calls.append(method)
        if method in self.failing:
            raise StorageUnavailableError("The conversation store is away.")
        return await call()

    async def close(self) -> None:
        self.is_closed = True
        await self.store.close()


def make_assistant(
    store: TrackerStore | None = None,
    *,
    flows: Sequence[Flow] = FLOWS,
    actions: ActionRunner | None = None,
    action_names: Sequence[str] = ("action_count",),
    lock_store: LockStore | None = None,
    clock: Clock | None = None,
) -> Assistant:
    """An assistant with these flows and the stock patterns; its actions default to `action_count` alone."""
    slots = [controlled("counted", SlotType.ANY), controlled("cart", SlotType.LIST)]
    own = {flow.id for flow in flows}
    definition = AssistantDefinition(
        config=AssistantConfig(assistant_id="small"),
        domain=complete_domain(flows, Domain(), slots=slots, actions=action_names),
        flows=(*flows, *(flow for flow in STOCK_FLOWS if flow.id not in own)),
    )
    return build_assistant(
        definition,
        tracker_store=store or InMemoryTrackerStore(),
        lock_store=lock_store or InProcessLockStore(),
        actions=actions or FunctionActions({"action_count": count}),
        understander=KeywordUnderstander(),
        clock=clock,
    )


def message(text: str, message_id: str | None = None, conversation_id: str = ANNA) -> UserMessage:
    return UserMessage(
        conversation_id=ConversationId(conversation_id),
        text=text,
        message_id=MessageId(message_id) if message_id else None,
    )


def name_replies(replies: Sequence[BotMessage]) -> list[str]:
    return [reply.response or reply.text or "" for reply in replies]


def names_of(report: TurnReport) -> list[str]:
    return name_replies(report.replies)


async def read_texts(store: TrackerStore, conversation_id: ConversationId = ANNA) -> list[str]:
    """What the user said, as it is stored."""
    events = await store.load_events(conversation_id)
    return [event.text for event in events if isinstance(event, UserSpoke)]


async def read_replies(store: TrackerStore, conversation_id: ConversationId = ANNA) -> list[str]:
    events = await store.load_events(conversation_id)
    return name_replies([event.message for event in events if isinstance(event, BotSpoke)])


async def read_slot(assistant: Assistant, name: str, conversation_id: ConversationId = ANNA) -> SlotValue:
    state = await assistant.load_state(conversation_id)
    return assistant.domain.get_slot_value(state.slots, name) if state else None


async def assert_snapshot_is_the_fold(store: TrackerStore, conversation_id: ConversationId = ANNA) -> None:
    """The stored snapshot is what all events from the beginning come to."""
    stored = await store.load(conversation_id)
    assert stored is not None
    assert stored.snapshot is not None
    events = await store.load_events(conversation_id)
    assert stored.snapshot.length == len(events)
    assert stored.snapshot == fold(State(conversation_id=conversation_id), events)
