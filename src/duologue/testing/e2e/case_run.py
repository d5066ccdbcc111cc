"""One test case from its first message to its last, or to the turn that fails."""

import logging
import time
import uuid
from collections.abc import Sequence

from msgspec.structs import replace

from duologue.core.errors import DuologueError
from duologue.core.ids import ConversationId
from duologue.ports.clock import Clock
from duologue.project.e2e_tests import ConversationStep, JudgedAssertion, TestCase, UserSays
from duologue.runtime.assistant import Assistant
from duologue.testing.e2e.case_conversation import CaseConversation, SessionOpener
from duologue.testing.e2e.checks import Failure, check_assertion, check_in_order, check_steps
from duologue.testing.e2e.coverage import CoverageCounter
from duologue.testing.e2e.figures import TurnFigures, measure_turn
from duologue.testing.e2e.generated_replies import Judgement, judge_reply
from duologue.testing.e2e.judges.panel import JudgePanel
from duologue.testing.e2e.kinds import CaseSorter
from duologue.testing.e2e.report import CaseResult
from duologue.testing.e2e.stub_actions import StubActionRunner
from duologue.testing.e2e.turn_record import TurnRecord, describe_turn

_log = logging.getLogger(__name__)


class CaseRunner:
    """Runs test cases, any number at a time; each has a conversation of its own."""

    def __init__(
        self,
        assistant: Assistant,
        stubs: StubActionRunner,
        clock: Clock,
        judges: JudgePanel,
        coverage: CoverageCounter | None,
    ) -> None:
        self._assistant = assistant
        self._stubs = stubs
        self._opener = SessionOpener(assistant, stubs, clock)
        self._judges = judges
        self._coverage = coverage
        self._sorter = CaseSorter(assistant.definition)

    async def run(self, case: TestCase) -> CaseResult:
        """What became of the case; nothing that goes wrong in it is raised."""
        began = time.perf_counter()
        conversation_id = ConversationId(f"e2e-{uuid.uuid4().hex}")
        self._stubs.stub_for(conversation_id, case.stubs)
        notes = _Notes(case)
        try:
            await self._talk(case, conversation_id, notes)
            if self._coverage is not None:
                events = await self._assistant.load_events(conversation_id)
                self._coverage.follow(events, is_passed=not notes.failures)
        except Exception as error:  # one case must not cost the others
            _log.error("e2e.case_failed", exc_info=error, extra={"test_case": case.name, "file": case.file})
            notes.failures.append(
                Failure(
                    line=case.line, expected="the test to run", happened=f"{type(error).__name__}: {error}"
                )
            )
        return CaseResult(
            case=case,
            kind=self._sorter.sort(case),
            failures=tuple(notes.failures),
            judgements=tuple(notes.judgements),
            steps_left=notes.steps_left,
            turns=tuple(notes.turns),
            transcript=tuple(notes.transcript),
            action_troubles=self._stubs.forget(conversation_id),
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    async def _talk(self, case: TestCase, conversation_id: ConversationId, notes: "_Notes") -> None:
        conversation = CaseConversation(self._assistant, conversation_id, case.metadata)
        turns = split_turns(case.steps)
        for place, (said, expected) in enumerate(turns):
            try:
                if place == 0 and case.slots:
                    await self._opener.open(conversation_id, case.slots)
                turn = await conversation.take_turn(said)
            except DuologueError as error:
                notes.break_off(said, error)
            else:
                notes.add(turn)
                await self._check(said, expected, turn, case, notes)
            if notes.failures:
                notes.turns[-1:] = [replace(turn, is_failed=True) for turn in notes.turns[-1:]]
                notes.steps_left = len(turns) - place - 1
                return

    async def _check(
        self,
        said: UserSays | None,
        expected: Sequence[ConversationStep],
        turn: TurnRecord,
        case: TestCase,
        notes: "_Notes",
    ) -> None:
        if said is None or said.assertions is None:
            notes.failures += check_steps(expected, turn)
            return
        if said.is_ordered:
            notes.failures += check_in_order(said.assertions, turn)
        else:
            notes.failures += [f for assertion in said.assertions for f in check_assertion(assertion, turn)]
        for assertion in said.assertions:
            if isinstance(assertion, JudgedAssertion):
                judge = await self._judges.choose(case.judge)
                failures, judgement = await judge_reply(assertion, turn, judge)
                notes.failures += failures
                notes.judgements += [judgement] if judgement else []


class _Notes:
    """What has become of a case so far."""

    def __init__(self, case: TestCase) -> None:
        self._case = case
        self.failures: list[Failure] = []
        self.judgements: list[Judgement] = []
        self.turns: list[TurnFigures] = []
        self.transcript: list[str] = []
        self.steps_left = 0

    def add(self, turn: TurnRecord) -> None:
        self.transcript += describe_turn(turn)
        self.turns += measure_turn(turn)

    def break_off(self, said: UserSays | None, error: DuologueError) -> None:
        self.transcript.append(f"user: {said.text}" if said else "(before the first message)")
        line = said.line if said else self._case.line
        self.failures.append(Failure(line=line, expected="an answer", happened=str(error)))


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
