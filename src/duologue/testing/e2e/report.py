"""What became of a run of end-to-end tests."""

from enum import StrEnum
from functools import cached_property

import msgspec

from duologue.project.e2e_tests import CaseKind, TestCase
from duologue.testing.e2e.checks import Failure
from duologue.testing.e2e.coverage import Coverage
from duologue.testing.e2e.figures import RunFigures, TurnFigures, sum_up
from duologue.testing.e2e.generated_replies import Judgement
from duologue.testing.e2e.stub_actions import ActionTrouble

INTERRUPTED = 130


class Outcome(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"
    """Nothing failed, but a judge came to no verdict on one of its assertions."""


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one test case."""

    case: TestCase
    kind: CaseKind = CaseKind.OTHER
    failures: tuple[Failure, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    steps_left: int = 0
    """Messages of the user that were not sent, because an earlier turn failed."""
    turns: tuple[TurnFigures, ...] = ()
    transcript: tuple[str, ...] = ()
    action_troubles: tuple[ActionTrouble, ...] = ()
    """Custom actions that were needed here and are missing, or failed."""
    milliseconds: float = 0.0

    @property
    def outcome(self) -> Outcome:
        if self.failures:
            return Outcome.FAILED
        return Outcome.NOT_JUDGED if self.unjudged else Outcome.PASSED

    @property
    def is_passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def unjudged(self) -> tuple[Judgement, ...]:
        return tuple(judgement for judgement in self.judgements if judgement.is_missing)


class KindFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How the cases of one kind did."""

    kind: CaseKind
    cases: int
    passed: int
    action_troubles: int = 0
    """Failed cases in which an action is missing, or failed."""

    @property
    def percent(self) -> float:
        return 100.0 * self.passed / self.cases


class E2eReport(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What became of all of them."""

    results: tuple[CaseResult, ...]
    """In the order of the files."""
    cases_left: int = 0
    """Test cases that were not run to their end: the run ended with the first failure, or was interrupted."""
    coverage: Coverage | None = None
    is_interrupted: bool = False
    milliseconds: float = 0.0

    def select(self, outcome: Outcome) -> tuple[CaseResult, ...]:
        """The results that ended so."""
        return tuple(result for result in self.results if result.outcome is outcome)

    @property
    def passed(self) -> tuple[CaseResult, ...]:
        return self.select(Outcome.PASSED)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        return self.select(Outcome.FAILED)

    @property
    def not_judged(self) -> tuple[CaseResult, ...]:
        return self.select(Outcome.NOT_JUDGED)

    @property
    def action_troubles(self) -> tuple[ActionTrouble, ...]:
        """Each once, in the order in which they were met."""
        return tuple(dict.fromkeys(one for result in self.results for one in result.action_troubles))

    @property
    def missing_actions(self) -> tuple[str, ...]:
        """Custom actions that were needed and that nobody could run."""
        return tuple(trouble.action for trouble in self.action_troubles if trouble.is_missing)

    @cached_property
    def figures(self) -> RunFigures:
        return sum_up((turn, result.is_passed) for result in self.results for turn in result.turns)

    @property
    def kinds(self) -> tuple[KindFigures, ...]:
        """How each kind did, those without a case left out."""
        by_kind = {kind: [result for result in self.results if result.kind is kind] for kind in CaseKind}
        return tuple(
            KindFigures(
                kind=kind,
                cases=len(results),
                passed=sum(result.is_passed for result in results),
                action_troubles=sum(bool(result.failures and result.action_troubles) for result in results),
            )
            for kind, results in by_kind.items()
            if results
        )

    @property
    def exit_code(self) -> int:
        """0 if every test passed, for the shell."""
        if self.is_interrupted:
            return INTERRUPTED
        return 1 if any(not result.is_passed for result in self.results) else 0
