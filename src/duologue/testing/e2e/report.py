"""What became of a run of end-to-end tests."""

import msgspec

from duologue.project.e2e_tests import TestCase
from duologue.testing.e2e.checks import Failure
from duologue.testing.e2e.coverage import FlowCoverage


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one test case."""

    case: TestCase
    failures: tuple[Failure, ...] = ()
    judgements_left: int = 0
    """Assertions that only a language model could judge; they were not checked."""
    steps_left: int = 0
    """Messages of the user that were not sent, because an earlier turn failed."""
    transcript: tuple[str, ...] = ()
    milliseconds: float = 0.0

    @property
    def is_passed(self) -> bool:
        return not self.failures


class E2eReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all of them."""

    results: tuple[CaseResult, ...]
    cases_left: int = 0
    """Test cases that were not begun, because the run ends with the first failure."""
    missing_actions: tuple[str, ...] = ()
    """Custom actions that were needed and that nobody could run."""
    coverage: tuple[FlowCoverage, ...] = ()
    milliseconds: float = 0.0

    @property
    def passed(self) -> tuple[CaseResult, ...]:
        return tuple(result for result in self.results if result.is_passed)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        return tuple(result for result in self.results if not result.is_passed)

    @property
    def judgements_left(self) -> int:
        return sum(result.judgements_left for result in self.results)

    @property
    def exit_code(self) -> int:
        """0 if every test passed, for the shell."""
        return 1 if self.failed else 0
