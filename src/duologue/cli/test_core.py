"""`duologue test core`: test stories against what an assistant has learned."""

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from duologue.cli.failure import FAILED, CommandError
from duologue.cli.later_options import ignored_option, refused_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options, require_project, require_writable
from duologue.cli.story_options import StoryChoices, StoryWishes, read_wishes, story_options

if TYPE_CHECKING:
    from duologue.project.project_reader import ProjectReading
    from duologue.testing.stories.model_comparison import ModelScore
    from duologue.testing.stories.project_stories import FoundStories
    from duologue.testing.stories.report_files import FileWishes
    from duologue.testing.stories.story_report import StoryReport


@click.command("core", cls=LoggedCommand)
@project_options
@click.option("--e2e", "--end-to-end", is_flag=True, help="Words are understood wherever a story has them.")
@story_options
@click.option(
    "--evaluate-model-directory", is_flag=True, help="Compare all archives of the folder that --model names."
)
@ignored_option("--endpoints", why="Actions are not run; the stories say what they do.")
@refused_option("--url", why="Save the stories to a file, and name it with --stories.")
def run_core_tests(
    *,
    project: Path | None,
    project_option: Path | None,
    evaluate_model_directory: bool,
    e2e: bool,
    **choices: Unpack[StoryChoices],
) -> int:
    """Run the test stories of the assistant in PROJECT (by default the current folder).

    Messages are understood and actions predicted, but nothing is run: what actions and forms do is what the story
    says. The exit code is 0 if every story held.
    """
    del e2e  # it is what this command does anyway
    folder = require_project(project, project_option)
    return test_stories(folder, read_wishes(folder, choices, takes_all=evaluate_model_directory))


def test_stories(folder: Path, wishes: StoryWishes) -> int:
    """Run test stories and tell what came of them; the exit code.

    Raises:
        CommandError: there are none.
    """
    from duologue.testing.stories.project_stories import find_test_stories

    reading = read_for_tests(folder)
    found = find_test_stories(reading, wishes.stories)
    if not found.stories:
        raise CommandError(
            "There are no test stories; write them below `tests`, in files named `test_….yml`."
        )
    for warning in found.warnings:
        click.echo(warning.format(), err=True)
    require_writable(wishes.out)
    if len(wishes.models) > 1:
        _compare(reading, found, wishes)
        return 0
    report = _run(reading, found, wishes)
    _tell(report)
    _write(report, wishes)
    return FAILED if report.failed else 0


def read_for_tests(folder: Path) -> "ProjectReading":
    """The project, checked as `duologue run` would.

    Raises:
        ProjectProblemsError: it has errors.
    """
    from duologue.cli.checked_project import read_checked_project
    from duologue.runtime.opening import ProjectProblemsError

    reading, problems = read_checked_project(folder.absolute(), None, (), ())
    if problems.has_errors or reading.definition is None:
        raise ProjectProblemsError(problems.errors)
    return reading


def _run(reading: "ProjectReading", found: "FoundStories", wishes: StoryWishes) -> "StoryReport":
    from duologue.cli.e2e_output import open_bar
    from duologue.cli.progress import show_progress
    from duologue.cli.training_progress import show_training
    from duologue.testing.classic_model import open_archived_model, open_dialogue_model
    from duologue.testing.stories.project_stories import list_test_paths, run_stories
    from duologue.testing.stories.report_text import format_failure
    from duologue.testing.stories.story_result import StoryResult

    if wishes.models:
        with show_progress("Opening the model"):
            definition, model = open_archived_model(wishes.models[0], reading.root)
    else:
        definition = reading.require_definition()
        with show_training() as tell:
            model = open_dialogue_model(definition, reading.root, tell=tell)
    paths, findings = list_test_paths(found.stories, definition.domain)
    for finding in findings:
        click.echo(finding.format(), err=True)
    with open_bar(len(paths[: wishes.max_stories])) as bar:

        def show(result: StoryResult) -> None:
            bar.advance()
            if not result.is_right:
                head, *rest = format_failure(result).split("\n")
                bar.write("\n".join([click.style(head, fg="red"), *rest, ""]))

        return run_stories(
            definition.domain, model, paths[: wishes.max_stories], fail_fast=wishes.fail_fast, show=show
        )


def _compare(reading: "ProjectReading", found: "FoundStories", wishes: StoryWishes) -> None:
    """Run the stories against each archive, and tell the outcomes side by side."""
    from duologue.cli.progress import show_progress
    from duologue.testing.classic_model import open_archived_model
    from duologue.testing.stories.model_comparison import judge_model, write_comparison
    from duologue.testing.stories.project_stories import list_test_paths, run_stories

    rows: list[ModelScore] = []
    width = max(len(path.name) for path in wishes.models) + 3
    for archive in wishes.models:
        with show_progress(f"Running the stories against {archive.name}"):
            definition, model = open_archived_model(archive, reading.root)
            paths, _ = list_test_paths(found.stories, definition.domain)
            row = judge_model(
                archive.name, run_stories(definition.domain, model, paths[: wishes.max_stories])
            )
        rows.append(row)
        click.echo(
            f"{row.model:{width}}stories {row.correct} of {row.total} ({row.accuracy:.1%})"
            f"   actions {row.actions:.1%}   intents {row.intents:.1%}"
        )
    click.echo(f"Written: {write_comparison(rows, wishes.out)}", err=True)


def _tell(report: "StoryReport") -> None:
    from duologue.testing.stories.report_text import format_summary

    click.echo(format_summary(report))


def _write(report: "StoryReport", wishes: StoryWishes) -> None:
    from duologue.testing.stories.report_files import write_report_files

    for path in write_report_files(report, wishes.out, _choose_files(wishes)):
        click.echo(f"Written: {path}", err=True)


def _choose_files(wishes: StoryWishes) -> "FileWishes":
    from duologue.testing.stories.report_files import FileWishes

    return FileWishes(
        failed=wishes.errors, passed=wishes.successes, warnings=wishes.warnings, picture=wishes.plots
    )
