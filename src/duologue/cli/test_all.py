"""`duologue test` alone: the tests that are there, of every kind that needs nothing to be chosen."""

from pathlib import Path

import click

from duologue.cli.failure import CommandError
from duologue.cli.later_options import ignored_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options, require_project
from duologue.cli.test_core import DEFAULT_RESULTS, StoryWishes, read_for_tests, test_stories
from duologue.cli.trained_parser import find_archives


@click.command("all", cls=LoggedCommand)
@project_options
@click.option(
    "-s", "--stories", type=click.Path(path_type=Path), multiple=True, help="Test stories. [default: tests]"
)
@click.option("--max-stories", type=click.IntRange(min=1), help="Run no more stories than these.")
@click.option(
    "--fail-on-prediction-errors",
    "fail_fast",
    is_flag=True,
    help="End at the first step that comes out wrong.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_RESULTS,
    show_default=True,
    help="The folder for the results of stories.",
)
@click.option("--no-plot", is_flag=True, help="Draw no confusion matrix.")
@click.option("--successes", is_flag=True, help="Write the stories that held as well.")
@click.option("--no-errors", is_flag=True, help="Do not write the stories that failed.")
@click.option("--no-warnings", is_flag=True, help="Do not write the stories that came as a surprise.")
@click.option(
    "-m",
    "--model",
    "models",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A model archive, for stories.",
)
@ignored_option("--endpoints", why="Name it after `duologue test e2e`.")
@click.pass_context
def run_all_tests(
    ctx: click.Context,
    *,
    project: Path | None,
    project_option: Path | None,
    stories: tuple[Path, ...],
    models: tuple[Path, ...],
    max_stories: int | None,
    fail_fast: bool,
    out: Path,
    no_plot: bool,
    successes: bool,
    no_errors: bool,
    no_warnings: bool,
) -> int:
    """Run the test stories and the whole conversations of the assistant in PROJECT (by default the current folder).

    The exit code is 0 if every one held. `duologue test nlu` and `duologue test du` judge how well it understands.
    """
    folder = require_project(project, project_option)
    wishes = StoryWishes(
        stories=stories,
        models=find_archives(models, folder),
        max_stories=max_stories,
        fail_fast=fail_fast,
        out=out,
        plots=not no_plot,
        successes=successes,
        errors=not no_errors,
        warnings=not no_warnings,
    )
    codes: list[int] = []
    if stories or _has_stories(folder):
        codes.append(test_stories(folder, wishes))
    if not stories and _has_conversations(folder):
        codes.append(_test_conversations(ctx, folder))
    if not codes:
        raise CommandError(
            "There are no tests: neither test stories below `tests` nor conversations below `e2e_tests`."
        )
    return max(codes)


def _has_stories(folder: Path) -> bool:
    from duologue.testing.stories.project_stories import find_test_stories

    return bool(find_test_stories(read_for_tests(folder)).stories)


def _has_conversations(folder: Path) -> bool:
    from duologue.core.errors import DefinitionError
    from duologue.testing.e2e.project_tests import find_tests

    try:
        return bool(find_tests(folder).cases)
    except DefinitionError as error:
        if getattr(error, "problems", ()):
            raise
        return False


def _test_conversations(ctx: click.Context, folder: Path) -> int:
    from duologue.cli.test_e2e import run_e2e_tests

    with run_e2e_tests.make_context("e2e", ["--project", str(folder)], parent=ctx) as own:
        code = run_e2e_tests.invoke(own)
    return code if isinstance(code, int) else 0
