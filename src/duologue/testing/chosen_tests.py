"""The tests that a command line names: files, folders, or `file::test name`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from duologue.core.errors import DefinitionError
from duologue.project.e2e_reader import parse_target
from duologue.project.problems import Problem, Problems, suggest_name
from duologue.runtime.opening import ProjectProblemsError


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...


Case = TypeVar("Case", bound=_Named)
ReadCase_co = TypeVar("ReadCase_co", bound=_Named, covariant=True)


class _Reading(Protocol[ReadCase_co]):
    @property
    def test_cases(self) -> Sequence[ReadCase_co]: ...
    @property
    def problems(self) -> Problems: ...


class ReadTests(Protocol[ReadCase_co]):
    """Reads the tests of a file, or of all files below a folder."""

    def __call__(self, target: Path, *, root: Path, only: str | None = None) -> _Reading[ReadCase_co]: ...


class ChosenTests(msgspec.Struct, Generic[Case], frozen=True, kw_only=True):
    """The test cases that were asked for, each once."""

    cases: tuple[Case, ...]
    warnings: tuple[Problem, ...] = ()


def choose_tests(
    project: Path, targets: Sequence[str], *, usual_folders: Sequence[str], read: ReadTests[Case]
) -> ChosenTests[Case]:
    """Read the tests that the targets name, by default those of the project's usual folder.

    Raises:
        DefinitionError: there are none, or they cannot be read; the text says what is wrong, one finding a line.
    """
    cases: dict[tuple[str, int, str], Case] = {}
    warnings: list[Problem] = []
    for target in targets or (_find_usual_folder(project, usual_folders),):
        path, name = parse_target(target)
        path = path if path.exists() or path.is_absolute() else project / path
        if not path.exists():
            raise DefinitionError(f"There is no file or folder {path} with tests.")
        reading = read(path, root=project, only=name)
        if reading.problems.has_errors:
            raise ProjectProblemsError(reading.problems.errors)
        warnings += reading.problems.warnings
        if not reading.test_cases:
            names = [case.name for case in read(path, root=project).test_cases]
            raise DefinitionError(_explain_nothing(path, name, names))
        cases.update({(case.file, case.line, case.name): case for case in reading.test_cases})
    return ChosenTests(cases=tuple(cases.values()), warnings=tuple(dict.fromkeys(warnings)))


def _find_usual_folder(project: Path, usual_folders: Sequence[str]) -> str:
    for name in usual_folders:
        if (project / name).is_dir():
            return str(project / name)
    raise DefinitionError(
        f"{project} has no folder `{usual_folders[0]}` with tests; name a file or a folder."
    )


def _explain_nothing(path: Path, name: str | None, names: Sequence[str]) -> str:
    if name is None:
        return f"There are no test cases in {path}."
    return f"There is no test case `{name}` in {path}. {suggest_name(name, names)}".rstrip()
