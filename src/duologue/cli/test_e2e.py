"""`duologue test e2e`: whole conversations, run against an assistant as its folder is."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.chosen_assistant import require_file
from duologue.cli.later_options import ignored_option, refused_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import require_project

if TYPE_CHECKING:
    from duologue.project.e2e_tests import TestCase
    from duologue.runtime.opening import ProjectPlaces
    from duologue.testing.e2e.report import E2eReport

DEFAULT_RESULTS = "e2e_results"


@click.command("e2e", cls=LoggedCommand)
@click.argument("targets", nargs=-1, metavar="[FILE|FOLDER|FILE::TEST]...")
@click.option(
    "--project", type=click.Path(path_type=Path), help="The assistant's folder. [default: the current one]"
)
@click.option("--fail-fast", is_flag=True, help="End with the first test that fails.")
@click.option(
    "-o",
    "--e2e-results",
    "results",
    is_flag=False,
    flag_value=DEFAULT_RESULTS,
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Write what passed and what failed as test files into a folder. [{DEFAULT_RESULTS}, if none is named]",
)
@click.option(
    "--coverage-report", "has_coverage", is_flag=True, help="Tell which steps the tests came through."
)
@click.option(
    "--endpoints",
    type=click.Path(path_type=Path),
    help="Stores, actions and models. [default: endpoints.yml]",
)
@ignored_option("--coverage-output-path", why="The report is printed.")
@ignored_option("-f", "--e2e-failed-tests", why="Name the file of failed tests instead.")
@ignored_option("-m", "--model", why="The tests run against the folder as it is.")
@refused_option("--remote-storage", why="The tests run against the folder as it is.")
def run_e2e_tests(
    *,
    targets: tuple[str, ...],
    project: Path | None,
    fail_fast: bool,
    results: Path | None,
    has_coverage: bool,
    endpoints: Path | None,
) -> int:
    """Run the tests that are named, by default all below `e2e_tests`.

    The exit code is 0 if every one passed. Conversations of tests are kept nowhere.
    """
    from duologue.runtime.opening import ProjectPlaces
    from duologue.testing.e2e.project_tests import find_tests
    from duologue.testing.e2e.report_text import format_coverage, format_summary
    from duologue.testing.e2e.result_files import write_result_files

    folder = require_project(project, None)
    found = find_tests(folder, targets)
    for warning in found.warnings:
        click.echo(warning.format(), err=True)
    places = ProjectPlaces(endpoints=require_file(endpoints, "--endpoints"))
    report = asyncio.run(_run(folder, found.cases, places, is_fail_fast=fail_fast, has_coverage=has_coverage))
    click.echo(format_summary(report))
    if has_coverage:
        click.echo(format_coverage(report))
    if results is not None:
        for path in write_result_files(report, results):
            click.echo(f"Written: {path}")
    return report.exit_code


async def _run(
    folder: Path,
    cases: "Sequence[TestCase]",
    places: "ProjectPlaces",
    *,
    is_fail_fast: bool,
    has_coverage: bool,
) -> "E2eReport":
    from duologue.runtime.settings import Settings
    from duologue.testing.e2e.project_tests import run_project_tests
    from duologue.testing.e2e.report_text import format_result

    return await run_project_tests(
        folder,
        cases,
        Settings.from_environment(),
        places=places,
        is_fail_fast=is_fail_fast,
        has_coverage=has_coverage,
        show=lambda result: click.echo(format_result(result)),
    )
