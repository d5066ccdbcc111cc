"""Runs tests of understanding: each test case is a conversation in which every message is judged."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence

import msgspec

from duologue.core.errors import DuologueError
from duologue.core.ids import ConversationId
from duologue.dialogue.engine import Understander
from duologue.flows.flow import Flows
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock, SystemClock
from duologue.project.definition import AssistantDefinition
from duologue.runtime.adapter_table import LOCK_STORES, TRACKER_STORES, load_adapter
from duologue.runtime.assistant import Assistant
from duologue.runtime.build import build_assistant
from duologue.runtime.settings import Settings
from duologue.runtime.understanding import build_understander
from duologue.testing.du.comparison import compare
from duologue.testing.du.expected import ExpectedCase, ExpectedTurn
from duologue.testing.du.judged_understander import JudgedUnderstander
from duologue.testing.du.prompt_log import PromptLog
from duologue.testing.du.report import DuCaseResult, DuReport, TurnJudgement
from duologue.testing.e2e.case_conversation import CaseConversation, SessionOpener
from duologue.testing.e2e.checks import Failure, check_steps
from duologue.testing.e2e.stub_actions import ActionTrouble, StubActionRunner
from duologue.testing.e2e.turn_record import describe_turn
from duologue.understanding.ladder import Ladder

ShowResult = Callable[[DuCaseResult], None]


class DuOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the tests are run."""

    jobs: int = 1
    """Conversations held at a time; more than one makes every message slower, and so the latency that is told."""
    asks_every_rung: bool = True
    """Ask also the rungs that a message does not come to, which may cost calls of a model."""
    is_fail_fast: bool = False
    """Begin no more tests after the first that fails."""
    show: ShowResult | None = None
    """Gets each result as it comes."""


async def run_du(
    definition: AssistantDefinition,
    cases: Sequence[ExpectedCase],
    *,
    understander: Understander | None = None,
    actions: ActionRunner | None = None,
    clock: Clock | None = None,
    settings: Settings | None = None,
    options: DuOptions | None = None,
    prompts: PromptLog | None = None,
) -> DuReport:
    """Judge how the messages of the test cases are understood, in conversations that are kept in memory only.

    Args:
        understander: what is judged; by default the project's own without a language model. Of a `Ladder` every rung
            is judged.
        actions: runs the custom actions that a test does not stub; borrowed, not closed.
        prompts: the log that the understander's models write into; each message gets its own.
    """
    began = time.perf_counter()
    options = options or DuOptions()
    understander = understander or build_understander(definition, Flows(definition.flows))
    if isinstance(understander, Ladder):
        await asyncio.to_thread(understander.warm_up)
        await understander.prepare()
    judged = JudgedUnderstander(
        understander,
        asks_every_rung=options.asks_every_rung,
        prompts=prompts,
    )
    stubs = StubActionRunner(actions)
    clock = clock or SystemClock()
    assistant = build_assistant(
        definition,
        tracker_store=await load_adapter(TRACKER_STORES, "memory", what="tracker store")(),
        lock_store=await load_adapter(LOCK_STORES, "in_memory", what="lock store")(),
        actions=stubs,
        understander=judged,
        clock=clock,
        settings=settings,
    )
    try:
        run = _Run(assistant, stubs, clock, judged, options)
        results = await run.run(cases)
    finally:
        await assistant.close()
    return DuReport(
        results=tuple(results),
        cases_left=len(cases) - len(results),
        action_troubles=tuple(run.action_troubles),
        milliseconds=(time.perf_counter() - began) * 1000,
    )


class _Run:
    def __init__(
        self,
        assistant: Assistant,
        stubs: StubActionRunner,
        clock: Clock,
        judged: JudgedUnderstander,
        options: DuOptions,
    ) -> None:
        self._assistant = assistant
        self._stubs = stubs
        self._opener = SessionOpener(assistant, stubs, clock)
        self._judged = judged
        self._options = options
        self._has_failed = False
        self.action_troubles: dict[ActionTrouble, None] = {}

    async def run(self, cases: Sequence[ExpectedCase]) -> list[DuCaseResult]:
        """The results in the order of the cases; those left out after a failure are missing."""
        places = asyncio.Semaphore(self._options.jobs)

        async def run_one(case: ExpectedCase) -> DuCaseResult | None:
            async with places:
                if self._options.is_fail_fast and self._has_failed:
                    return None
                result = await self._run_case(case)
                self._has_failed = self._has_failed or not result.is_passed
                if self._options.show is not None:
                    self._options.show(result)
                return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run_one(case)) for case in cases]
        return [result for task in tasks if (result := task.result()) is not None]

    async def _run_case(self, expected: ExpectedCase) -> DuCaseResult:
        began = time.perf_counter()
        case = expected.case.case
        conversation_id = ConversationId(f"du-{uuid.uuid4().hex}")
        self._stubs.stub_for(conversation_id, case.stubs)
        notes = _Notes(expected)
        try:
            if case.slots:
                await self._opener.open(conversation_id, case.slots)
            conversation = CaseConversation(self._assistant, conversation_id, case.metadata)
            for turn in expected.turns:
                await self._take_turn(turn, conversation, notes)
        except DuologueError as error:
            notes.break_off(error)
        finally:
            self.action_troubles.update(dict.fromkeys(self._stubs.forget(conversation_id)))
        return notes.finish((time.perf_counter() - began) * 1000)

    async def _take_turn(self, turn: ExpectedTurn, conversation: CaseConversation, notes: "_Notes") -> None:
        self._judged.expect(conversation.conversation_id, turn)
        record = await conversation.take_turn(turn.turn.said)
        judgement = self._judged.take_judgement(conversation.conversation_id)
        notes.transcript += describe_turn(record)
        notes.failures += check_steps(turn.turn.expected, record)
        if turn.commands is not None:
            notes.turns.append(judgement or _judge_unread(turn))


def _judge_unread(turn: ExpectedTurn) -> TurnJudgement:
    """A message that never came to the understander; what it should have meant was missed."""
    return TurnJudgement(
        turn=turn,
        comparison=compare(turn.commands or (), ()),
        is_read=False,
        answered_by="nobody",
        reason="the message is empty or too long, or the conversation is paused or has ended",
    )


class _Notes:
    """What has become of a case so far."""

    def __init__(self, expected: ExpectedCase) -> None:
        self._expected = expected
        self.turns: list[TurnJudgement] = []
        self.failures: list[Failure] = []
        self.transcript: list[str] = []

    def break_off(self, error: DuologueError) -> None:
        line = self._expected.case.line
        self.failures.append(Failure(line=line, expected="an answer", happened=str(error)))

    def finish(self, milliseconds: float) -> DuCaseResult:
        judged = sum(turn.commands is not None for turn in self._expected.turns)
        return DuCaseResult(
            expected=self._expected,
            turns=tuple(self.turns),
            failures=tuple(self.failures),
            turns_left=judged - len(self.turns),
            transcript=tuple(self.transcript),
            milliseconds=milliseconds,
        )
