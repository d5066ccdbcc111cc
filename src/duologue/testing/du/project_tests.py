"""The tests of understanding of a project's folder: found, read and run against the project as it is."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from duologue.core.errors import DefinitionError
from duologue.project.du_reader import read_du_tests
from duologue.project.du_tests import DuTestCase
from duologue.project.e2e_reader import parse_target
from duologue.project.problems import Problem, suggest_name
from duologue.runtime.adapter_table import TRACKER_STORES, load_adapter
from duologue.runtime.opening import ProjectPlaces, ProjectProblemsError, open_assistant
from duologue.runtime.settings import Settings
from duologue.testing.cassette import Cassette
from duologue.testing.du.expected import parse_expectations
from duologue.testing.du.prompt_log import PromptLog
from duologue.testing.du.report import DuReport
from duologue.testing.du.runner import DuOptions, run_du
from duologue.testing.wrapped_models import wrap_models

USUAL_FOLDERS = ("dialogue_understanding_tests", "tests/dialogue_understanding_tests")


class FoundDuTests(msgspec.Struct, frozen=True, kw_only=True):
    """The test cases that were asked for."""

    cases: tuple[DuTestCase, ...]
    warnings: tuple[Problem, ...] = ()


def find_du_tests(project: Path, targets: Sequence[str] = ()) -> FoundDuTests:
    """Read the tests that the targets name: files, folders, or `file::test name`; by default the usual folder.

    Raises:
        DefinitionError: there are none, or they cannot be read; the text says what is wrong, one finding a line.
    """
    cases: dict[tuple[str, int, str], DuTestCase] = {}
    warnings: list[Problem] = []
    for target in targets or (_find_usual_folder(project),):
        path, name = parse_target(target)
        path = path if path.exists() or path.is_absolute() else project / path
        if not path.exists():
            raise DefinitionError(f"There is no file or folder {path} with tests.")
        reading = read_du_tests(path, root=project, only=name)
        if reading.problems.has_errors:
            raise ProjectProblemsError(reading.problems.errors)
        if not reading.test_cases:
            raise DefinitionError(_explain_nothing(path, name, project))
        warnings += reading.problems.warnings
        cases.update({(case.file, case.line, case.name): case for case in reading.test_cases})
    return FoundDuTests(cases=tuple(cases.values()), warnings=tuple(dict.fromkeys(warnings)))


def _find_usual_folder(project: Path) -> str:
    for name in USUAL_FOLDERS:
        if (project / name).is_dir():
            return str(project / name)
    raise DefinitionError(
        f"{project} has no folder `{USUAL_FOLDERS[0]}` with tests; name a file or a folder."
    )


def _explain_nothing(path: Path, name: str | None, project: Path) -> str:
    if name is None:
        return f"There are no test cases in {path}."
    names = [case.name for case in read_du_tests(path, root=project).test_cases]
    return f"There is no test case `{name}` in {path}. {suggest_name(name, names)}".rstrip()


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
