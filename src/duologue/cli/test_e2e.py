"""`duologue test e2e`: whole conversations, run against an assistant as its folder is."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from duologue.cli.cassette_options import cassette_options, open_cassette, tell_cassette
from duologue.cli.chosen_assistant import require_file
from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import require_project
from duologue.cli.test_options import report_options, test_options

if TYPE_CHECKING:
    from duologue.project.e2e_tests import TestCase
    from duologue.testing.cassette import Cassette
    from duologue.testing.e2e.report import E2eReport

DEFAULT_RESULTS = "e2e_results"
DEFAULT_COVERAGE = "e2e_coverage_results"
LAST_RUN = "(last run)"
AUTO = "auto"
MOST_JOBS = 1000


class _Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How the tests are to be run, and where their results go."""

    folder: Path
    endpoints: Path | None
    jobs: int
    fail_fast: bool
    uses_models: bool
    results: Path | None
    coverage: Path | None
    junit: Path | None
    json: Path | None


class _JobsType(click.ParamType[int]):
    """A number of conversations, or `auto`."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if str(value).casefold() == AUTO:
            from duologue.testing.e2e.project_tests import MANY_JOBS

            return MANY_JOBS
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 5 and 0 < int(text) <= MOST_JOBS):
            self.fail(f"{value!r} is neither a number from 1 to {MOST_JOBS} nor `{AUTO}`.", param, ctx)
        return int(text)


@click.command("e2e", cls=LoggedCommand)
@test_options
@click.option(
    "-n",
    "--jobs",
    type=_JobsType(),
    help="Conversations held at a time, or auto. [default: 1 with custom actions or without a model, else 8]",
)
@click.option("--no-model", is_flag=True, help="Understand and judge without any language model.")
@click.option(
    "-o",
    "--e2e-results",
    "results",
    is_flag=False,
    flag_value=DEFAULT_RESULTS,
    type=click.Path(path_type=Path),
    help=f"Write what passed and what failed as test files into a folder. [{DEFAULT_RESULTS}, if none is named]",
)
@click.option(
    "-f",
    "--e2e-failed-tests",
    "failed_before",
    is_flag=False,
    flag_value=LAST_RUN,
    help="Run only the tests that failed before, by their file of results. [that of the last run, if none is named]",
)
@click.option(
    "--coverage-report", "has_coverage", is_flag=True, help="Tell which steps the tests came through."
)
@click.option(
    "--coverage-output-path",
    "coverage",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_COVERAGE,
    show_default=True,
    help="Where the files of --coverage-report go.",
)
@report_options
@cassette_options
def run_e2e_tests(
    *,
    targets: tuple[str, ...],
    project: Path | None,
    fail_fast: bool,
    jobs: int | None,
    no_model: bool,
    results: Path | None,
    failed_before: str | None,
    has_coverage: bool,
    coverage: Path,
    junit: Path | None,
    json: Path | None,
    endpoints: Path | None,
    record: Path | None,
    replay: Path | None,
    masks: tuple[str, ...],
) -> int:
    """Run the tests that are named, by default all below `e2e_tests`.

    The exit code is 0 if every one passed. Conversations of tests are kept nowhere.
    """
    wishes = _Wishes(
        folder=require_project(project, None),
        endpoints=require_file(endpoints, "--endpoints"),
        jobs=jobs or 0,
        fail_fast=fail_fast,
        uses_models=not no_model,
        results=results,
        coverage=coverage if has_coverage else None,
        junit=junit,
        json=json,
    )
    cassette = open_cassette(record, replay, masks)
    cases = _choose_cases(wishes.folder, targets, failed_before)
    if not cases:
        click.echo("No test failed before, so there is none to run again.")
        return 0
    report = asyncio.run(_run(cases, wishes, cassette))
    _tell(report, wishes)
    _write(report, wishes)
    if cassette is None:
        return report.exit_code
    is_whole = not targets and failed_before is None and not fail_fast
    for note in (*dict.fromkeys(cassette.misses), *tell_cassette(cassette, is_whole=is_whole)):
        click.echo(note, err=True)
    return report.exit_code or int(bool(cassette.misses))


def _choose_cases(folder: Path, targets: Sequence[str], failed_before: str | None) -> "tuple[TestCase, ...]":
    from duologue.testing.e2e.output.failed_before import find_failed_file, select_failed
    from duologue.testing.e2e.project_tests import find_tests

    found = find_tests(folder, targets)
    for warning in found.warnings:
        click.echo(warning.format(), err=True)
    if failed_before is None:
        return found.cases
    path = find_failed_file(folder, None if failed_before == LAST_RUN else Path(failed_before))
    cases, lost = select_failed(found.cases, path)
    for name in lost:
        click.echo(f"Note: the test {name!r} of {path} is no longer there.", err=True)
    if lost and not cases:
        raise CommandError(f"None of the tests that {path} names is still there.")
    return cases


async def _run(cases: "Sequence[TestCase]", wishes: _Wishes, cassette: "Cassette | None") -> "E2eReport":
    from duologue.cli.e2e_output import keep_failed_turns_quiet, open_bar, show_result
    from duologue.runtime.opening import ProjectPlaces
    from duologue.runtime.settings import Settings
    from duologue.testing.e2e.project_tests import run_project_tests
    from duologue.testing.e2e.runner import RunOptions

    is_verbose = logging.getLogger("duologue").getEffectiveLevel() <= logging.INFO
    stop = asyncio.Event()
    with keep_failed_turns_quiet(), open_bar(len(cases)) as bar, _stop_on_interrupt(stop.set):
        return await run_project_tests(
            wishes.folder,
            cases,
            Settings.from_environment(),
            places=ProjectPlaces(endpoints=wishes.endpoints),
            uses_models=wishes.uses_models,
            cassette=cassette,
            options=RunOptions(
                jobs=wishes.jobs,
                is_fail_fast=wishes.fail_fast,
                has_coverage=wishes.coverage is not None,
                show=lambda result: show_result(result, bar, is_verbose=is_verbose),
                count=bar.advance,
                stop=stop,
            ),
        )


@contextlib.contextmanager
def _stop_on_interrupt(stop: Callable[[], object]) -> Generator[None, None, None]:
    """The first Ctrl-C ends the run with a report of what was run; a second one ends it at once."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        loop.call_soon_threadsafe(stop)

    try:
        signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # only the main thread may listen to signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(report: "E2eReport", wishes: _Wishes) -> None:
    from duologue.testing.e2e.output.report_text import (
        format_coverage,
        format_failed_names,
        format_summary,
        format_tables,
    )

    parts = [format_coverage(report)] if wishes.coverage is not None else []
    parts += [format_tables(report), format_failed_names(report), format_summary(report)]
    click.echo("\n\n".join(part for part in parts if part))


def _write(report: "E2eReport", wishes: _Wishes) -> None:
    from duologue.testing.e2e.output.json_report import write_json
    from duologue.testing.e2e.output.junit import write_junit
    from duologue.testing.e2e.output.result_files import write_result_files

    written: list[Path] = []
    if wishes.results is not None:
        written += write_result_files(report, wishes.results)
    if wishes.coverage is not None:
        from duologue.project.project_reader import read_project
        from duologue.runtime.settings import Settings
        from duologue.testing.e2e.output.coverage_files import write_coverage_files

        reading = read_project(wishes.folder, environment=Settings.from_environment().variables)
        written += write_coverage_files(report, wishes.coverage, reading)
    if wishes.junit is not None:
        write_junit(report, wishes.junit)
        written.append(wishes.junit)
    if wishes.json is not None:
        write_json(report, wishes.json)
        written.append(wishes.json)
    for path in written:
        click.echo(f"Written: {path}", err=True)
