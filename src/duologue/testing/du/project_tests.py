"""The tests of understanding of a project's folder: found, read and run against the project as it is."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from duologue.project.du_reader import read_du_tests
from duologue.project.du_tests import DuTestCase
from duologue.runtime.adapter_table import TRACKER_STORES, load_adapter
from duologue.runtime.opening import ProjectPlaces, ProjectProblemsError, open_assistant
from duologue.runtime.settings import Settings
from duologue.testing.cassette import Cassette
from duologue.testing.chosen_tests import ChosenTests, choose_tests
from duologue.testing.du.expected import parse_expectations
from duologue.testing.du.prompt_log import PromptLog
from duologue.testing.du.report import DuReport
from duologue.testing.du.runner import DuOptions, run_du
from duologue.testing.wrapped_models import wrap_models

USUAL_FOLDERS = ("dialogue_understanding_tests", "tests/dialogue_understanding_tests")


def find_du_tests(project: Path, targets: Sequence[str] = ()) -> ChosenTests[DuTestCase]:
    """The tests that the targets name; see `choose_tests`."""
    return choose_tests(project, targets, usual_folders=USUAL_FOLDERS, read=read_du_tests)


async def run_project_du(
    project: Path,
    cases: Sequence[DuTestCase],
    settings: Settings,
    *,
    places: ProjectPlaces | None = None,
    options: DuOptions | None = None,
    uses_models: bool = True,
    cassette: Cassette | None = None,
    has_prompts: bool = False,
) -> DuReport:
    """Judge how a project as it is configured understands its tests; nothing of it is kept.

    Args:
        uses_models: False leaves out every language model.
        cassette: what models answer is recorded there, or comes from there.
        has_prompts: keep what models were asked in the report.

    Raises:
        DefinitionError: the project cannot run as it is written, or a test expects what it does not have.
    """
    if not uses_models:
        settings = replace(settings, use_language_models=False)
    prompts = PromptLog() if has_prompts else None
    wrapping = partial(wrap_models, cassette=cassette, wrap=prompts.wrap if prompts is not None else None)
    store = await load_adapter(TRACKER_STORES, "memory", what="tracker store")()
    opened = await open_assistant(project, settings, places=places, tracker_store=store, wrap_models=wrapping)
    try:
        expectations = parse_expectations(cases, opened.definition)
        if expectations.problems:
            raise ProjectProblemsError(expectations.problems)
        report = await run_du(
            opened.definition,
            expectations.cases,
            understander=opened.understander,
            actions=opened.actions,
            settings=settings,
            options=options,
            prompts=prompts,
        )
    finally:
        await opened.close()
    misses = tuple(dict.fromkeys(cassette.misses)) if cassette is not None else ()
    return replace(report, problems=misses)
