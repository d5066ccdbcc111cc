"""Runs end-to-end tests: each test case is a conversation of its own with the real assistant."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from duologue.dialogue.engine import Understander
from duologue.ports.action_runner import ActionRunner
from duologue.ports.clock import Clock, SystemClock
from duologue.project.definition import AssistantDefinition
from duologue.project.e2e_tests import TestCase
from duologue.runtime.adapter_table import LOCK_STORES, TRACKER_STORES, load_adapter
from duologue.runtime.build import build_assistant
from duologue.runtime.settings import Settings
from duologue.testing.e2e.case_run import CaseRunner
from duologue.testing.e2e.coverage import CoverageCounter
from duologue.testing.e2e.judges.local_judge import LocalJudge
from duologue.testing.e2e.judges.panel import JudgePanel
from duologue.testing.e2e.report import CaseResult, E2eReport, Outcome
from duologue.testing.e2e.stub_actions import StubActionRunner

CLOSE_SECONDS = 2.0
"""How long turns may take to end once a run is interrupted."""

ShowResult = Callable[[CaseResult], None]


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How test cases are run."""

    jobs: int = 1
    """Conversations that are held at a time."""
    is_fail_fast: bool = False
    has_coverage: bool = False
    show: ShowResult | None = None
    """Gets each result in the order of the cases, as soon as those before it are known."""
    count: Callable[[], None] | None = None
    """Called whenever a case has ended."""
    stop: asyncio.Event | None = None
    """Once it is set, the run ends, and the report tells of what was run to its end."""


async def run_e2e(
    definition: AssistantDefinition,
    cases: Sequence[TestCase],
    *,
    actions: ActionRunner | None = None,
    understander: Understander | None = None,
    judges: JudgePanel | None = None,
    clock: Clock | None = None,
    settings: Settings | None = None,
    options: RunOptions | None = None,
) -> E2eReport:
    """Run the test cases, with conversations kept in memory only.

    Args:
        actions: runs the custom actions that a test does not stub; borrowed, not closed.
        judges: judge generated replies; without them the local judge does. Borrowed, not closed.
    """
    options = options or RunOptions()
    stubs = StubActionRunner(actions)
    clock = clock or SystemClock()
    languages = (definition.config.language, *definition.config.additional_languages)
    assistant = build_assistant(
        definition,
        tracker_store=await load_adapter(TRACKER_STORES, "memory", what="tracker store")(),
        lock_store=await load_adapter(LOCK_STORES, "in_memory", what="lock store")(),
        actions=stubs,
        understander=understander,
        clock=clock,
        settings=settings,
    )
    coverage = CoverageCounter(assistant.flows, assistant.domain) if options.has_coverage else None
    runner = CaseRunner(assistant, stubs, clock, judges or JudgePanel(LocalJudge(languages)), coverage)
    run = _Run(runner, cases, options)
    began = time.perf_counter()
    try:
        is_interrupted = await run.finish()
    finally:
        await assistant.close(CLOSE_SECONDS if options.stop and options.stop.is_set() else None)
    results = run.list_results()
    return E2eReport(
        results=results,
        cases_left=len(cases) - len(results),
        coverage=coverage.count() if coverage else None,
        is_interrupted=is_interrupted,
        milliseconds=(time.perf_counter() - began) * 1000,
    )


class _Run:
    """Cases under way, and the results in the order of the cases."""

    def __init__(self, runner: CaseRunner, cases: Sequence[TestCase], options: RunOptions) -> None:
        self._runner = runner
        self._cases = cases
        self._options = options
        self._waiting: Iterator[int] = iter(range(len(cases)))
        self._results: dict[int, CaseResult] = {}
        self._shown = 0
        self._is_over = False

    async def finish(self) -> bool:
        """Run all cases; true if the run was interrupted."""
        jobs = max(1, min(self._options.jobs, len(self._cases)))
        workers = [asyncio.create_task(self._work()) for _ in range(jobs)]
        all_work = asyncio.gather(*workers)
        stopping = asyncio.create_task(self._wait_for_stop())
        try:
            await asyncio.wait({all_work, stopping}, return_when=asyncio.FIRST_COMPLETED)
            is_interrupted = not all_work.done()
            if all_work.done():
                all_work.result()
        finally:
            stopping.cancel()
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, stopping, return_exceptions=True)
            self._show_rest()
        return is_interrupted

    async def _wait_for_stop(self) -> None:
        if self._options.stop is None:
            await asyncio.Event().wait()
        else:
            await self._options.stop.wait()

    async def _work(self) -> None:
        while not self._is_over and (place := next(self._waiting, None)) is not None:
            result = await self._runner.run(self._cases[place])
            self._results[place] = result
            if self._options.is_fail_fast and result.outcome is not Outcome.PASSED:
                self._is_over = True  # those under way are finished, no other begins
            if self._options.count is not None:
                self._options.count()
            self._show_known()
            # Between two cases others get their turn, a Ctrl-C among them, even if nothing in a case ever waits.
            await asyncio.sleep(0)

    def _show_known(self) -> None:
        """Show results as far as all before them are known."""
        while self._shown in self._results:
            self._show(self._results[self._shown])
            self._shown += 1

    def _show_rest(self) -> None:
        """Show those that wait for a case which never came to its end."""
        for place in sorted(place for place in self._results if place > self._shown):
            self._show(self._results[place])

    def _show(self, result: CaseResult) -> None:
        if self._options.show is not None:
            self._options.show(result)

    def list_results(self) -> tuple[CaseResult, ...]:
        """What is known, in the order of the cases."""
        return tuple(self._results[place] for place in sorted(self._results))
