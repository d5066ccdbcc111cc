"""The end-to-end tests of a project's folder: found, read and run against the project as it is."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from duologue.project.e2e_reader import read_e2e_tests
from duologue.project.e2e_tests import TestCase
from duologue.runtime.adapter_table import TRACKER_STORES, load_adapter
from duologue.runtime.opening import ProjectPlaces, open_assistant
from duologue.runtime.project_models import WrapModels
from duologue.runtime.settings import Settings
from duologue.testing.cassette import Cassette
from duologue.testing.chosen_tests import ChosenTests, choose_tests
from duologue.testing.e2e.judges.judge_models import make_model_opener
from duologue.testing.e2e.judges.local_judge import LocalJudge
from duologue.testing.e2e.judges.panel import JudgePanel, OpenModel
from duologue.testing.e2e.report import E2eReport
from duologue.testing.e2e.runner import RunOptions, run_e2e
from duologue.testing.wrapped_models import wrap_models
from duologue.understanding.ladder import Ladder

USUAL_FOLDERS = ("e2e_tests", "tests")
MANY_JOBS = 8
"""Conversations at a time where models are waited for: more would meet the limits of most providers."""


def find_tests(project: Path, targets: Sequence[str] = ()) -> ChosenTests[TestCase]:
    """The tests that the targets name; see `choose_tests`."""
    return choose_tests(project, targets, usual_folders=USUAL_FOLDERS, read=read_e2e_tests)


async def run_project_tests(
    project: Path,
    cases: Sequence[TestCase],
    settings: Settings,
    *,
    places: ProjectPlaces | None = None,
    options: RunOptions | None = None,
    uses_models: bool = True,
    cassette: Cassette | None = None,
) -> E2eReport:
    """Run test cases against a project as it is configured, with its own actions; nothing of it is kept.

    Args:
        uses_models: False leaves out every language model, also as a judge.
        cassette: what models answer, judges too, is recorded there, or comes from there.

    Raises:
        DefinitionError: the project cannot run as it is written.
    """
    if not uses_models:
        settings = replace(settings, use_language_models=False)
    store = await load_adapter(TRACKER_STORES, "memory", what="tracker store")()
    wrap = partial(wrap_models, cassette=cassette) if cassette is not None else None
    opened = await open_assistant(project, settings, places=places, tracker_store=store, wrap_models=wrap)
    config = opened.definition.config
    local = LocalJudge((config.language, *config.additional_languages))
    judges = JudgePanel(local, _make_opener(project, settings, places, wrap) if uses_models else None)
    options = options or RunOptions()
    if options.jobs == 0:
        options = replace(
            options, jobs=choose_jobs(has_actions=opened.actions is not None, uses_models=uses_models)
        )
    try:
        if isinstance(opened.understander, Ladder):
            # Otherwise the first messages would wait for what is loaded once, and the times would tell of that.
            await asyncio.to_thread(opened.understander.warm_up)
            await opened.understander.prepare()
        return await run_e2e(
            opened.definition,
            cases,
            actions=opened.actions,
            understander=opened.understander,
            judges=judges,
            settings=settings,
            options=options,
        )
    finally:
        await judges.close()
        await opened.close()


def _make_opener(
    project: Path, settings: Settings, places: ProjectPlaces | None, wrap: WrapModels | None
) -> OpenModel:
    return make_model_opener(project, settings, places.endpoints if places else None, wrap)


def choose_jobs(*, has_actions: bool, uses_models: bool) -> int:
    """How many conversations to hold at a time, if nobody says.

    One where actions run: they may share a database, and tests rely on the order of what happens to it. One without
    models as well, as nothing is waited for then.
    """
    return MANY_JOBS if uses_models and not has_actions else 1
