"""`duologue test du`: how well an assistant understands, measured on what its author expects."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from duologue.cli.cassette_options import cassette_options, open_cassette, tell_cassette
from duologue.cli.chosen_assistant import require_file
from duologue.cli.later_options import ignored_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import require_project
from duologue.cli.test_options import report_options, test_options

if TYPE_CHECKING:
    from duologue.project.du_tests import DuTestCase
    from duologue.testing.cassette import Cassette
    from duologue.testing.du.report import DuCaseResult, DuReport


class _Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How the tests are to be run, and where their results go."""

    folder: Path
    endpoints: Path | None
    jobs: int
    fail_fast: bool
    uses_models: bool
    asks_every_rung: bool
    has_prompts: bool
    is_whole: bool
    """No test is named, so all of them are run."""
    results: Path | None
    junit: Path | None
    json: Path | None


@click.command("du", cls=LoggedCommand)
@test_options
@click.option(
    "-n",
    "--jobs",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Conversations held at a time; more than one makes each message slower.",
)
@click.option("--no-model", is_flag=True, help="Understand without any language model.")
@click.option(
    "--no-rungs",
    is_flag=True,
    help="Ask each part of the understander only what comes to it, not every message.",
)
@cassette_options
@click.option(
    "-o",
    "--output",
    "results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="The folder for dialogue_understanding_tests_passed.yml and …_failed.yml. [default: the current one]",
)
@click.option("--no-output", is_flag=True, help="Write no files of results.")
@click.option("--output-prompt", is_flag=True, help="Show what language models were asked and said.")
@report_options
@ignored_option("--additional-commands", why="Every command of every language is read.")
@ignored_option("--remove-default-commands", why="Commands that no test names do no harm.")
def run_du_tests(
    *,
    targets: tuple[str, ...],
    project: Path | None,
    fail_fast: bool,
    jobs: int,
    no_model: bool,
    no_rungs: bool,
    record: Path | None,
    replay: Path | None,
    masks: tuple[str, ...],
    results: Path,
    no_output: bool,
    output_prompt: bool,
    junit: Path | None,
    json: Path | None,
    endpoints: Path | None,
) -> int:
    """Judge how the messages of tests are understood, by default of all below `dialogue_understanding_tests`.

    The exit code is 0 if every message was understood. Conversations of tests are kept nowhere.
    """
    from duologue.testing.du.project_tests import find_du_tests

    wishes = _Wishes(
        folder=require_project(project, None),
        endpoints=require_file(endpoints, "--endpoints"),
        jobs=jobs,
        fail_fast=fail_fast,
        uses_models=not no_model,
        asks_every_rung=not no_rungs,
        has_prompts=output_prompt,
        is_whole=not targets and not fail_fast,
        results=None if no_output else results,
        junit=junit,
        json=json,
    )
    cassette = open_cassette(record, replay, masks)
    found = find_du_tests(wishes.folder, targets)
    for warning in found.warnings:
        click.echo(warning.format(), err=True)
    report = asyncio.run(_run(found.cases, wishes, cassette))
    _tell(report, cassette, wishes)
    _write(report, wishes)
    return report.exit_code


async def _run(cases: "Sequence[DuTestCase]", wishes: _Wishes, cassette: "Cassette | None") -> "DuReport":
    from duologue.cli.e2e_output import count_tests, keep_failed_turns_quiet
    from duologue.runtime.opening import ProjectPlaces
    from duologue.runtime.settings import Settings
    from duologue.testing.du.project_tests import run_project_du
    from duologue.testing.du.runner import DuOptions

    with keep_failed_turns_quiet(), count_tests(len(cases)) as count:

        def show(result: "DuCaseResult") -> None:
            count()
            _show(result, has_prompts=wishes.has_prompts)

        return await run_project_du(
            wishes.folder,
            cases,
            Settings.from_environment(),
            places=ProjectPlaces(endpoints=wishes.endpoints),
            uses_models=wishes.uses_models,
            cassette=cassette,
            has_prompts=wishes.has_prompts,
            options=DuOptions(
                jobs=wishes.jobs,
                asks_every_rung=wishes.asks_every_rung,
                is_fail_fast=wishes.fail_fast,
                show=show,
            ),
        )


def _show(result: "DuCaseResult", *, has_prompts: bool) -> None:
    """Tests that passed are told only if everything is."""
    from duologue.testing.du.report_text import format_result

    is_verbose = logging.getLogger("duologue").getEffectiveLevel() <= logging.INFO
    if result.is_passed and not is_verbose:
        return
    head, *rest = format_result(result, has_prompts=has_prompts).split("\n")
    click.echo("\n".join([click.style(head, fg="green" if result.is_passed else "red"), *rest]))


def _tell(report: "DuReport", cassette: "Cassette | None", wishes: _Wishes) -> None:
    from duologue.testing.du.report_text import format_summary

    click.echo(format_summary(report))
    if cassette is not None:
        for note in tell_cassette(cassette, is_whole=wishes.is_whole):
            click.echo(note, err=True)


def _write(report: "DuReport", wishes: _Wishes) -> None:
    from duologue.testing.du.json_report import write_json
    from duologue.testing.du.junit import write_junit
    from duologue.testing.du.result_files import write_result_files

    written: list[Path] = []
    if wishes.results is not None:
        written += write_result_files(report, wishes.results)
    if wishes.junit is not None:
        write_junit(report, wishes.junit)
        written.append(wishes.junit)
    if wishes.json is not None:
        write_json(report, wishes.json)
        written.append(wishes.json)
    for path in written:
        click.echo(f"Written: {path}", err=True)
