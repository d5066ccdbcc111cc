"""The tests that failed in an earlier run, found by its results file among those of today."""

import re
from collections.abc import Sequence
from pathlib import Path

from duologue.core.errors import DefinitionError
from duologue.project.e2e_reader import FAILED_FILE, read_e2e_tests
from duologue.project.e2e_tests import TestCase
from duologue.runtime.opening import ProjectProblemsError

_ORIGIN = re.compile(r"\s*# from (?P<file>.+):\d+\s*")


def find_failed_file(project: Path, named: Path | None) -> Path:
    """The results file that is named, or the one of the folder that is; else that of the last run.

    Raises:
        DefinitionError: there is none.
    """
    if named is not None:
        path = named / FAILED_FILE if named.is_dir() else named
        if not path.is_file():
            raise DefinitionError(f"There is no file {path} of failed tests; a run with `-o` writes it.")
        return path
    usual = [
        folder / FAILED_FILE for folder in (Path("e2e_results"), Path("."), project / "e2e_results", project)
    ]
    found = next((path for path in usual if path.is_file()), None)
    if found is None:
        raise DefinitionError(
            f"There is no file {usual[0]} of failed tests; a run with `-o` writes it, or name another."
        )
    return found


def select_failed(cases: Sequence[TestCase], results: Path) -> tuple[tuple[TestCase, ...], tuple[str, ...]]:
    """The cases that a results file names, as they stand today, and the names that are no longer there.

    Raises:
        DefinitionError: the results file cannot be read.
    """
    wanted = _read_wanted(results)
    chosen = tuple(case for case in cases if (case.file, case.name) in wanted or (None, case.name) in wanted)
    found = {case.name for case in chosen}
    return chosen, tuple(dict.fromkeys(name for _, name in wanted if name not in found))


def _read_wanted(results: Path) -> dict[tuple[str | None, str], None]:
    """File and name of each case; without a file, as Rasa writes results, any case of the name counts."""
    reading = read_e2e_tests(results, root=results.parent)
    if reading.problems.has_errors:
        raise ProjectProblemsError(reading.problems.errors)
    lines = results.read_text(encoding="utf-8").splitlines()
    return {(_find_origin(lines, case.line), case.name): None for case in reading.test_cases}


def _find_origin(lines: Sequence[str], line: int) -> str | None:
    """What the comments right above a case say about where it comes from."""
    for above in reversed(lines[: line - 1]):
        if not above.lstrip().startswith("#"):
            return None
        if found := _ORIGIN.fullmatch(above):
            return found["file"]
    return None
