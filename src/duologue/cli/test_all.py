"""`duologue test` alone: the tests that are there, of every kind that needs nothing to be chosen."""

from pathlib import Path
from typing import Unpack

import click

from duologue.cli.failure import CommandError
from duologue.cli.later_options import ignored_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options, require_project
from duologue.cli.story_options import StoryChoices, read_wishes, story_options
from duologue.cli.test_core import read_for_tests, test_stories


@click.command("all", cls=LoggedCommand)
@project_options
@story_options
@ignored_option("--endpoints", why="Name it after `duologue test e2e`.")
@click.pass_context
def run_all_tests(
    ctx: click.Context,
    *,
    project: Path | None,
    project_option: Path | None,
    **choices: Unpack[StoryChoices],
) -> int:
    """Run the test stories and the whole conversations of the assistant in PROJECT (by default the current folder).

    The exit code is 0 if every one held. `duologue test nlu` and `duologue test du` judge how well it understands.
    """
    folder = require_project(project, project_option)
    wishes = read_wishes(folder, choices)
    codes: list[int] = []
    if wishes.stories or _has_stories(folder):
        codes.append(test_stories(folder, wishes))
    if not wishes.stories and _has_conversations(folder):
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
