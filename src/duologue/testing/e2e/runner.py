"""Runs end-to-end tests: each test case is a conversation of its own with the real assistant."""

import time
import uuid
from collections.abc import Callable, Sequence

import msgspec

from duologue.core.errors import DuologueError
from duologue.core.events import ACTION_SESSION_START, SlotWasSet, StackChanged
from duologue.core.ids import ConversationId
from duologue.core.messages import UserMessage
from duologue.core.slots import DoesNotFitError, fit_value
from duologue.core.stack import Stack
from duologue.core.tracker import Tracker
from duologue.core.values import OpenData, SlotValue
from duologue.dialogue.engine import Understander
from duologue.dialogue.perform import Performer
from duologue.dialogue.session import start_session
from duologue.dialogue.turn import Turn
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock, SystemClock
from duologue.project.definition import AssistantDefinition
from duologue.project.e2e_tests import ConversationStep, JudgedAssertion, TestCase, UserSays
from duologue.responses.templates import TemplateResponseGenerator
from duologue.runtime.adapter_table import LOCK_STORES, TRACKER_STORES, load_adapter
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant
from duologue.runtime.conversations import Conversations
from duologue.runtime.settings import Settings
from duologue.testing.e2e.checks import Failure, check_assertion, check_steps
from duologue.testing.e2e.coverage import CoverageCounter
from duologue.testing.e2e.report import CaseResult, E2eReport
from duologue.testing.e2e.stub_actions import StubActionRunner
from duologue.testing.e2e.turn_record import TurnRecord, describe_turn

CHANNEL = "e2e"
ShowResult = Callable[[CaseResult], None]


async def run_e2e(
    definition: AssistantDefinition,
    cases: Sequence[TestCase],
    *,
    actions: ActionRunner | None = None,
    understander: Understander | None = None,
    clock: Clock | None = None,
    settings: Settings | None = None,
    is_fail_fast: bool = False,
    has_coverage: bool = False,
    show: ShowResult | None = None,
) -> E2eReport:
    """Run the test cases one after the other, with conversations kept in memory only.

    Args:
        actions: runs the custom actions that a test does not stub; borrowed, not closed.
        show: gets each result as it comes.
    """
    stubs = StubActionRunner(actions)
    clock = clock or SystemClock()
    assistant = build_assistant(
        definition,
        tracker_store=await load_adapter(TRACKER_STORES, "memory", what="tracker store")(),
        lock_store=await load_adapter(LOCK_STORES, "in_memory", what="lock store")(),
        actions=stubs,
        understander=understander,
        clock=clock,
        settings=settings,
    )
    try:
        return await _Run(assistant, stubs, clock, has_coverage=has_coverage).run(cases, is_fail_fast, show)
    finally:
        await assistant.close()


class _Run:
    def __init__(
        self, assistant: Assistant, stubs: StubActionRunner, clock: Clock, *, has_coverage: bool
    ) -> None:
        self._assistant = assistant
        self._stubs = stubs
        self._opening = _Opening(assistant, stubs, clock)
        self._coverage = CoverageCounter(assistant.flows, assistant.domain) if has_coverage else None

    async def run(self, cases: Sequence[TestCase], is_fail_fast: bool, show: ShowResult | None) -> E2eReport:
        began = time.perf_counter()
        results: list[CaseResult] = []
        for case in cases:
            result = await self._run_case(case)
            results.append(result)
            if show is not None:
                show(result)
            if is_fail_fast and not result.is_passed:
                break
        return E2eReport(
            results=tuple(results),
            cases_left=len(cases) - len(results),
            missing_actions=tuple(self._stubs.missing),
            coverage=self._coverage.count() if self._coverage else (),
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    async def _run_case(self, case: TestCase) -> CaseResult:
        began = time.perf_counter()
        conversation_id = ConversationId(f"e2e-{uuid.uuid4().hex}")
        self._stubs.stub_for(conversation_id, case.stubs)
        conversation = _Conversation(self._assistant, conversation_id, case.metadata)
        result = await self._talk(case, conversation)
        if self._coverage is not None:
            self._coverage.follow(await self._assistant.load_events(conversation_id))
        return msgspec.structs.replace(result, milliseconds=(time.perf_counter() - began) * 1000)

    async def _talk(self, case: TestCase, conversation: "_Conversation") -> CaseResult:
        transcript: list[str] = []
        judged = 0
        turns = split_turns(case.steps)
        for place, (said, expected) in enumerate(turns):
            try:
                if place == 0 and case.slots:
                    await self._opening.open(conversation.conversation_id, case.slots)
                turn = await conversation.take_turn(said)
            except DuologueError as error:
                failures = [Failure(line=said.line if said else 0, expected="an answer", happened=str(error))]
                transcript.append(f"user: {said.text}" if said else "(before the first message)")
            else:
                transcript += describe_turn(turn)
                failures = _check_turn(said, expected, turn)
                judged += _count_judged(said)
            if failures:
                return CaseResult(
                    case=case,
                    failures=tuple(failures),
                    judgements_left=judged,
                    steps_left=len(turns) - place - 1,
                    transcript=tuple(transcript),
                )
        return CaseResult(case=case, judgements_left=judged, transcript=tuple(transcript))


def split_turns(
    steps: Sequence[ConversationStep],
) -> list[tuple[UserSays | None, list[ConversationStep]]]:
    """The messages of the user, each with the steps up to the next one; None for steps before the first."""
    turns: list[tuple[UserSays | None, list[ConversationStep]]] = []
    for step in steps:
        if isinstance(step, UserSays):
            turns.append((step, []))
        elif turns:
            turns[-1][1].append(step)
        else:
            turns.append((None, [step]))
    return turns


def _check_turn(said: UserSays | None, expected: list[ConversationStep], turn: TurnRecord) -> list[Failure]:
    if said is None or said.assertions is None:
        return check_steps(expected, turn)
    return [failure for assertion in said.assertions for failure in check_assertion(assertion, turn)]


def _count_judged(said: UserSays | None) -> int:
    assertions = (said.assertions or ()) if said else ()
    return sum(isinstance(assertion, JudgedAssertion) for assertion in assertions)


class _Conversation:
    """The conversation of one test case."""

    def __init__(self, assistant: Assistant, conversation_id: ConversationId, metadata: OpenData) -> None:
        self._assistant = assistant
        self.conversation_id = conversation_id
        self._metadata = metadata
        self._seen = 0
        self._stack: Stack = ()

    async def take_turn(self, said: UserSays | None) -> TurnRecord:
        if said is not None:
            message = UserMessage(
                conversation_id=self.conversation_id,
                text=said.text,
                channel=CHANNEL,
                metadata={**self._metadata, **said.metadata},
            )
            await self._assistant.handle(message)
        events = await self._assistant.load_events(self.conversation_id, self._seen)
        turn = TurnRecord(
            text=said.text if said else None,
            events=tuple(events),
            domain=self._assistant.domain,
            flows=self._assistant.flows,
            stack=self._stack,
        )
        self._seen += len(events)
        self._stack = next((e.stack for e in reversed(events) if isinstance(e, StackChanged)), self._stack)
        return turn


class _Opening:
    """Opens a session before the first message, so that fixtures can be set in it."""

    def __init__(self, assistant: Assistant, actions: ActionRunner, clock: Clock) -> None:
        self._assistant = assistant
        self._actions = actions
        self._clock = clock

    async def open(self, conversation_id: ConversationId, slots: dict[str, SlotValue]) -> None:
        lock_store = await load_adapter(LOCK_STORES, "in_memory", what="lock store")()
        conversations = Conversations(self._assistant.tracker_store, lock_store)

        async def work(tracker: Tracker) -> None:
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
