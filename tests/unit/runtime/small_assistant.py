"""A small assistant over any stores, its understanding by keyword, and a store that can be watched and disturbed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from duologue.adapters.lock_store.in_process import InProcessLockStore
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.commands import Command, Noop, SetSlot, StartFlow
from duologue.core.domain import Domain
from duologue.core.errors import ActionError, StorageUnavailableError
from duologue.core.events import BotSpoke, Event, SlotWasSet, UserSpoke
from duologue.core.ids import ConversationId, MessageId, UserId
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
    ConversationPage,
    ConversationSummary,
    StoredConversation,
    TrackerStore,
    UnpublishedEvents,
)
from duologue.project.definition import AssistantConfig, AssistantDefinition
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant
from duologue.testing.conversation import complete_domain
from tests.flow_writing import act, controlled, flow

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


class WatchedStore:
    """A tracker store that counts its calls, and fails or is disturbed when a test wants it to."""

    def __init__(self, store: TrackerStore | None = None) -> None:
        self.store = store or InMemoryTrackerStore()
        self.calls: list[str] = []
        self.failing: set[str] = set()
        """Methods that fail."""
        self.before_append: list[Callable[[], Awaitable[object]]] = []
        """Each is done once, before the next append."""
        self.is_closed = False

    def _note(self, method: str) -> None:
        self.calls.append(method)
        if method in self.failing:
            raise StorageUnavailableError("The conversation store is away.")

    async def load(
        self, conversation_id: ConversationId, *, message_id: MessageId | None = None
    ) -> StoredConversation | None:
        self._note("load")
        return await self.store.load(conversation_id, message_id=message_id)

    async def append(
        self,
        conversation_id: ConversationId,
        events: Sequence[Event],
        *,
        expected: int,
        snapshot: State | None = None,
        wake_at: float | None = None,
        publish: bool = False,
    ) -> None:
        if self.before_append:
            await self.before_append.pop(0)()
        self._note("append")
        await self.store.append(
            conversation_id, events, expected=expected, snapshot=snapshot, wake_at=wake_at, publish=publish
        )

    async def load_events(
        self, conversation_id: ConversationId, *, start: int = 0, stop: int | None = None
    ) -> list[Event]:
        self._note("load_events")
        return await self.store.load_events(conversation_id, start=start, stop=stop)

    async def list_conversations(
        self, *, user_id: UserId | None = None, limit: int = 100, offset: int = 0
    ) -> list[ConversationSummary]:
        return await self.store.list_conversations(user_id=user_id, limit=limit, offset=offset)

    async def scan_conversations(
        self,
        *,
        cursor: str | None = None,
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> ConversationPage:
        return await self.store.scan_conversations(cursor=cursor, limit=limit, since=since, until=until)

    async def list_due(self, now: float, *, limit: int = 100) -> list[ConversationId]:
        self._note("list_due")
        return await self.store.list_due(now, limit=limit)

    async def list_unpublished(self, *, limit: int = 100) -> list[UnpublishedEvents]:
        return await self.store.list_unpublished(limit=limit)

    async def mark_published(self, conversation_id: ConversationId, stop: int) -> None:
        await self.store.mark_published(conversation_id, stop)

    async def claim_run(self, job: str, due: float) -> bool:
        return await self.store.claim_run(job, due)

    async def delete(self, conversation_id: ConversationId, *, expected: int | None = None) -> bool:
        return await self.store.delete(conversation_id, expected=expected)

    async def check_health(self) -> None:
        self._note("check_health")
        await self.store.check_health()

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
