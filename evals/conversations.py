"""Run whole conversations against assistants, without a language model: how many tests pass, by kind and by rung.

The assistants of this folder come in two parts: `dev` is looked at while the understander is made, `held_out` never
is. Real projects are run as well from the folder that DUOLOGUE_ACCEPTANCE_DATA names, each in a copy; much of their
action code is not there, so some of their tests cannot pass.
"""

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from duologue.core.errors import DefinitionError
from duologue.runtime.settings import Settings
from duologue.testing.du.project_tests import find_du_tests, run_project_du
from duologue.testing.e2e.project_tests import find_tests, run_project_tests
from duologue.testing.e2e.report import E2eReport

ASSISTANTS = Path(__file__).parent / "assistants"
REAL_FOLDERS = ("e2e_tests", "tests", "tests/e2e", "tests/e2e_test_cases")
SETTINGS = Settings(use_language_models=False, use_embeddings="--embeddings" in sys.argv)
"""`--embeddings`: with the transformer of the extra of that name, instead of the light vectors alone."""


class Row(NamedTuple):
    """What one assistant came to."""

    name: str
    passed: int
    cases: int
    report: E2eReport
    understood: str = ""


def main() -> None:
    """Print a table for each part."""
    logging.disable(logging.ERROR)
    for part in ("dev", "held_out"):
        folders = sorted(path for path in (ASSISTANTS / part).iterdir() if path.is_dir())
        _report(part, [row for folder in folders if (row := asyncio.run(_run(folder))) is not None])
    data = os.environ.get("DUOLOGUE_ACCEPTANCE_DATA")
    if data and data != "none":
        _report("real projects", list(_run_real(Path(data) / "projects")))


async def _run(folder: Path, targets: Sequence[str] = ()) -> Row | None:
    try:
        cases = find_tests(folder, targets).cases
        report = await run_project_tests(folder, cases, SETTINGS, uses_models=False)
    except DefinitionError as error:
        print(f"{folder.name}: {str(error).splitlines()[0]}")
        return None
    return Row(folder.name, len(report.passed), len(report.results), report, await _judge_turns(folder))


async def _judge_turns(folder: Path) -> str:
    """How many single messages are understood, each judged from the right state."""
    if not (folder / "dialogue_understanding_tests").is_dir():
        return ""
    report = await run_project_du(folder, find_du_tests(folder).cases, SETTINGS, uses_models=False)
    right = sum(turn.is_right for turn in report.turns)
    return f"{right}/{len(report.turns)}"


def _run_real(projects: Path) -> Iterable[Row]:
    for project in sorted(projects.iterdir()):
        with tempfile.TemporaryDirectory(prefix="duologue-evals-") as name:
            folder = Path(shutil.copytree(project, Path(name) / project.name))
            for place in REAL_FOLDERS:
                if not any((folder / place).glob("**/*.yml")):
                    continue
                row = asyncio.run(_run(folder, [str(folder / place)]))
                if row is not None and row.cases:
                    yield row
                    break


def _report(title: str, rows: Sequence[Row]) -> None:
    passed, cases = sum(row.passed for row in rows), sum(row.cases for row in rows)
    print(f"\n{title}: {_share(passed, cases)} of the tests pass")
    for row in rows:
        actions = sum(kind.action_troubles for kind in row.report.kinds)
        notes = [f"messages {row.understood}"] if row.understood else []
        notes += [f"{actions} failed where an action is missing"] if actions else []
        print(f"  {row.name:<34} {_share(row.passed, row.cases):<18} {', '.join(notes)}")
    _print_kinds(rows)
    _print_rungs(rows)


def _print_kinds(rows: Sequence[Row]) -> None:
    kinds: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for row in rows:
        for kind in row.report.kinds:
            kinds[kind.kind.value] += kind.cases
            good[kind.kind.value] += kind.passed
    print("  by kind: " + ", ".join(f"{kind} {_share(good[kind], kinds[kind])}" for kind in kinds))


def _print_rungs(rows: Sequence[Row]) -> None:
    turns: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for row in rows:
        for rung in row.report.figures.rungs:
            turns[rung.rung] += rung.turns
            failed[rung.rung] += rung.failed_there
    told = ", ".join(f"{rung} {count} (failed there {failed[rung]})" for rung, count in turns.most_common())
    slowest = max((row.report.figures.understanding.p99 for row in rows), default=0.0)
    print(f"  messages by rung: {told}; understanding takes {slowest:.1f} ms at p99")


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part / max(1, whole):.0%})"


if __name__ == "__main__":
    main()
