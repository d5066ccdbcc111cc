"""A conversation with an assistant in memory: a test says something and looks at what it came to."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from msgspec.structs import replace

from duologue.core.commands import Command
from duologue.core.domain import Domain, Variation
from duologue.core.events import Event
from duologue.core.ids import ConversationId, UserId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.slots import Slot, SlotType
from duologue.core.state import State
from duologue.core.tracker import Tracker
from duologue.core.understanding import Understanding
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.engine import DialogueEngine, Understander
from duologue.dialogue.perform import Performer
from duologue.dialogue.timers import find_due, find_wake_time, run_timer
from duologue.dialogue.turn import Deliver, Turn, TurnReport
from duologue.flows.flow import Flow, Flows
from duologue.flows.patterns import STOCK_FLOWS, STOCK_RESPONSES, STOCK_SLOTS
from duologue.flows.steps import ActionStep, CollectStep, SetSlotsStep
from duologue.ports.clock import Clock
from duologue.ports.knowledge_source import KnowledgeSource
from duologue.project.project_reader import read_project
from duologue.responses.templates import TemplateResponseGenerator
from duologue.testing.scripted import FrozenClock, ScriptedActions, ScriptedUnderstander

_STAMP: OpenData = {"model_id": "test"}

_E = TypeVar("_E", bound=Event)


class Conversation:
    """One user's conversation with an assistant that lives in memory.

    What a message is understood as stands beside it, unless the conversation was given an understander of its own:

        async with Conversation.with_flows(transfer) as talk:
            assert await talk.says("send 50", StartFlow(flow="transfer")) == ["utter_ask_amount"]

    At the end of the `async with`, everything that was scripted must have been used.
    """

    def __init__(
        self,
        *,
        flows: Iterable[Flow],
        domain: Domain,
        actions: ScriptedActions | None = None,
        understander: Understander | None = None,
        knowledge: KnowledgeSource | None = None,
        clock: Clock | None = None,
        deliver: Deliver | None = None,
        max_characters: int = 420,
        clarify_on_multiple_start_flows: bool = False,
        state: State | None = None,
    ) -> None:
        self.domain = domain
        self.actions = actions or ScriptedActions()
        self.clock = clock or FrozenClock()
        self.deliver = deliver
        self.script = ScriptedUnderstander()
        self.state = state or State(conversation_id=ConversationId("test"))
        self.events: list[Event] = []
        """Everything that was recorded, turn by turn."""
        self.new_events: list[Event] = []
        """What the last turn, or the last wait, recorded."""
        self.report: TurnReport | None = None
        """The report of the last turn."""
        self._understander = understander
        self._knowledge = knowledge
        self._max_characters = max_characters
        self._clarifies_starts = clarify_on_multiple_start_flows
        self.load_flows(flows)

    @classmethod
    def with_flows(
        cls,
        *flows: Flow,
        slots: Iterable[Slot] = (),
        responses: Mapping[str, Sequence[Variation]] | None = None,
        actions: ScriptedActions | None = None,
        domain: Domain | None = None,
        understander: Understander | None = None,
        knowledge: KnowledgeSource | None = None,
        clock: Clock | None = None,
        deliver: Deliver | None = None,
        max_characters: int = 420,
        clarify_on_multiple_start_flows: bool = False,
    ) -> "Conversation":
        """A conversation over these flows and the stock patterns that they do not override.

        What the flows name and nobody defines is made up: a text slot, a response that says its own name. Only
        actions are declared by `actions` alone.
        """
        actions = actions or ScriptedActions()
        domain = complete_domain(
            flows, domain or Domain(), slots=slots, responses=responses or {}, actions=actions.outcomes
        )
        return cls(
            flows=flows,
            domain=domain,
            actions=actions,
            understander=understander,
            knowledge=knowledge,
            clock=clock,
            deliver=deliver,
            max_characters=max_characters,
            clarify_on_multiple_start_flows=clarify_on_multiple_start_flows,
        )

    @classmethod
    def with_project(
        cls,
        folder: Path,
        *,
        actions: ScriptedActions | None = None,
        understander: Understander | None = None,
        knowledge: KnowledgeSource | None = None,
        clock: Clock | None = None,
        deliver: Deliver | None = None,
    ) -> "Conversation":
        """A conversation with the assistant in a project folder.

        Raises:
            DefinitionError: the folder cannot work as it is written.
        """
        definition = read_project(folder, environment={}).require_definition()
        return cls(
            flows=definition.flows,
            domain=definition.domain,
            actions=actions,
            understander=understander,
            knowledge=knowledge,
            clock=clock,
            deliver=deliver,
            max_characters=definition.config.max_message_characters,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exception is None:
            self.script.assert_complete()

    def load_flows(self, flows: Iterable[Flow]) -> None:
        """Put other flows in place of the assistant's, as a deployment does in the middle of a conversation."""
        own = {flow.id: flow for flow in flows}
        self.flows = Flows([*own.values(), *(flow for flow in STOCK_FLOWS if flow.id not in own)])
        performer = Performer(
            flows=self.flows,
            domain=self.domain,
            responses=TemplateResponseGenerator(self.domain, choose=lambda variations: variations[0]),
            actions=self.actions,
            load_events=self._load_events,
            knowledge=self._knowledge,
        )
        self._engine = DialogueEngine(
            flows=self.flows,
            domain=self.domain,
            understander=self._understander or self.script,
            performer=performer,
            max_characters=self._max_characters,
            clarify_on_multiple_start_flows=self._clarifies_starts,
        )

    async def _load_events(self, _: ConversationId, before: int) -> Sequence[Event]:
        return self.events[:before]

    async def says(
        self, text: str, *commands: Command | Understanding, metadata: OpenData | None = None
    ) -> list[str]:
        """Say something that is understood as these commands; the replies, each by its response's name or its text."""
        understood = [command for command in commands if isinstance(command, Understanding)]
        self.script.expect(understood[0] if understood else Understanding(commands=_commands_only(commands)))
        return await self.sends(text, metadata=metadata)

    async def sends(
        self,
        text: str,
        *,
        channel: str = "rest",
        metadata: OpenData | None = None,
        user_id: str | None = None,
    ) -> list[str]:
        """Send a message that nothing is scripted for: the understander is the conversation's own, or not asked."""
        message = UserMessage(
            conversation_id=self.state.conversation_id,
            text=text,
            channel=channel,
            metadata=metadata or {},
            user_id=UserId(user_id) if user_id else None,
        )
        tracker = Tracker(self.state)
        turn = Turn(message, tracker, clock=self.clock, stamp=_STAMP, deliver=self.deliver)
        self.report = await self._engine.run_turn(turn)
        self.state = turn.state
        self.new_events = turn.tracker.new_events
        self.events.extend(self.new_events)
        return [name_reply(reply) for reply in self.report.replies]

    async def waits(self, *, hours: float = 0.0, minutes: float = 0.0, seconds: float = 0.0) -> list[str]:
        """Let time pass without a word: sessions expire, reminders come due; what the assistant says meanwhile.

        Raises:
            TypeError: the conversation has a clock that cannot be moved.
        """
        clock = self.clock
        if not isinstance(clock, FrozenClock):
            raise TypeError("Only a conversation with a FrozenClock can let time pass.")
        end = clock.now() + hours * 3600 + minutes * 60 + seconds
        said: list[str] = []
        self.new_events = []
        while (wake_at := find_wake_time(self.state, self.domain)) is not None and wake_at <= end:
            clock.advance(max(0.0, wake_at - clock.now()))
            said.extend(await self._run_timer(max(wake_at, clock.now())))
        clock.advance(max(0.0, end - clock.now()))
        return said

    async def _run_timer(self, now: float) -> list[str]:
        tracker = Tracker(self.state)
        timer = find_due(self.state, self.domain, now)
        assert timer is not None, "the clock stands at its time"
        replies = await run_timer(timer, tracker, engine=self._engine, clock=self.clock, stamp=_STAMP)
        self.state = tracker.state
        self.new_events.extend(tracker.new_events)
        self.events.extend(tracker.new_events)
        return [name_reply(reply) for reply in replies]

    @property
    def replies(self) -> tuple[BotMessage, ...]:
        """The replies of the last turn."""
        return self.report.replies if self.report else ()

    @property
    def texts(self) -> list[str | None]:
        """The words of the last turn's replies."""
        return [reply.text for reply in self.replies]

    @property
    def slots(self) -> dict[str, SlotValue]:
        """Every slot's value."""
        return self.domain.get_slot_values(self.state.slots)

    @property
    def stack(self) -> list[str]:
        """The ids of the flows and patterns on the stack, the bottom one first."""
        return [frame.flow_id for frame in self.state.stack]

    def find_events(self, kind: type[_E]) -> list[_E]:
        """The events of a kind that the last turn recorded."""
        return [event for event in self.new_events if isinstance(event, kind)]


def _commands_only(commands: Sequence[Command | Understanding]) -> tuple[Command, ...]:
    return tuple(command for command in commands if not isinstance(command, Understanding))


def name_reply(reply: BotMessage) -> str:
    """The response that a reply was made from, else its words."""
    return reply.response or reply.text or ""


def complete_domain(
    flows: Iterable[Flow],
    domain: Domain,
    *,
    slots: Iterable[Slot] = (),
    responses: Mapping[str, Sequence[Variation]] | None = None,
    actions: Iterable[str] = (),
) -> Domain:
    """The domain with what is given, what the stock patterns bring, and what the flows name made up beside it."""
    declared = tuple(dict.fromkeys((*domain.actions, *actions)))
    given_slots = {**domain.slots, **{slot.name: slot for slot in slots}}
    given_responses = {
        **domain.responses,
        **{name: tuple(variations) for name, variations in (responses or {}).items()},
    }
    made_up_slots: dict[str, Slot] = {}
    made_up_responses: dict[str, tuple[Variation, ...]] = {}
    for name in _find_validating_responses(given_slots.values()):
        made_up_responses[name] = (Variation(text=name),)
    for flow in flows:
        for name in _find_slots(flow):
            made_up_slots[name] = Slot(name=name, type=SlotType.TEXT)
        for name in _find_responses(flow, declared):
            made_up_responses[name] = (Variation(text=name),)
    return replace(
        domain,
        slots={**made_up_slots, **STOCK_SLOTS, **given_slots},
        responses={**made_up_responses, **STOCK_RESPONSES, **given_responses},
        actions=declared,
    )


def _find_slots(flow: Flow) -> Iterable[str]:
    for step in flow.steps:
        match step:
            case CollectStep():
                yield step.slot
            case SetSlotsStep():
                yield from (name for name, _ in step.slots)
            case _:
                pass


def _find_validating_responses(slots: Iterable[Slot]) -> Iterable[str]:
    for slot in slots:
        if slot.validation is not None:
            yield slot.validation.refill_utter or f"utter_ask_{slot.name}"
            yield from (rejection.utter for rejection in slot.validation.rejections)


def _find_responses(flow: Flow, actions: Sequence[str]) -> Iterable[str]:
    for step in flow.steps:
        match step:
            case ActionStep(action=name) if name.startswith("utter_") and "{" not in name:
                yield name
            case CollectStep():
                if step.utter or step.asking_action not in actions:
                    yield step.asking_response
                yield from (rejection.utter for rejection in step.rejections)
            case _:
                pass
