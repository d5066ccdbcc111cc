"""The end-to-end tests of a project's folder: found, read and run against the project as it is."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from duologue.core.errors import DefinitionError
from duologue.project.e2e_reader import parse_target, read_e2e_tests
from duologue.project.e2e_tests import TestCase
from duologue.project.problems import Problem, find_nearest
from duologue.runtime.adapter_table import TRACKER_STORES, load_adapter
from duologue.runtime.opening import ProjectPlaces, ProjectProblemsError, open_assistant
from duologue.runtime.settings import Settings
from duologue.testing.e2e.report import E2eReport
from duologue.testing.e2e.runner import ShowResult, run_e2e

USUAL_FOLDERS = ("e2e_tests", "tests")


class FoundTests(msgspec.Struct, frozen=True, kw_only=True):
    """The test cases that were asked for."""

    cases: tuple[TestCase, ...]
    warnings: tuple[Problem, ...] = ()


def find_tests(project: Path, targets: Sequence[str] = ()) -> FoundTests:
    """Read the tests that the targets name: files, folders, or `file::test name`; by default the project's usual folder.

    Raises:
        DefinitionError: there are none, or they cannot be read; the text says what is wrong, one finding a line.
    """
    cases: dict[tuple[str, int, str], TestCase] = {}
    warnings: list[Problem] = []
    for target in targets or (_find_usual_folder(project),):
        path, name = parse_target(target)
        path = path if path.exists() or path.is_absolute() else project / path
        if not path.exists():
            raise DefinitionError(f"There is no file or folder {path} with tests.")
        reading = read_e2e_tests(path, root=project, only=name)
        if reading.problems.has_errors:
            raise ProjectProblemsError(reading.problems.errors)
        warnings += reading.problems.warnings
        if not reading.test_cases:
            raise DefinitionError(_explain_nothing(path, name, project))
        cases.update({(case.file, case.line, case.name): case for case in reading.test_cases})
    return FoundTests(cases=tuple(cases.values()), warnings=tuple(dict.fromkeys(warnings)))


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
    names = [case.name for case in read_e2e_tests(path, root=project).test_cases]
    nearest = find_nearest(name, names)
    hint = f" Did you mean `{nearest}`?" if nearest else ""
    return f"There is no test case `{name}` in {path}.{hint}"


async def run_project_tests(
    project: Path,
    cases: Sequence[TestCase],
    settings: Settings,
    *,
    places: ProjectPlaces | None = None,
    is_fail_fast: bool = False,
    has_coverage: bool = False,
    show: ShowResult | None = None,
) -> E2eReport:
    """Run test cases against a project with its own actions; nothing of it is kept.

    Raises:
        DefinitionError: the project cannot run as it is written.
    """
    store = await load_adapter(TRACKER_STORES, "memory", what="tracker store")()
    opened = await open_assistant(project, settings, places=places, tracker_store=store)
    try:
        return await run_e2e(
            opened.definition,
            cases,
            actions=opened.actions,
            settings=settings,
            is_fail_fast=is_fail_fast,
            has_coverage=has_coverage,
            show=show,
        )
    finally:
        await opened.close()
