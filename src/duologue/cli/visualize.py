"""`duologue visualize`: stories drawn as a graph."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.checked_project import PLACE, read_checked_project
from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options, require_project

if TYPE_CHECKING:
    from duologue.core.stories import Story
    from duologue.project.definition import AssistantDefinition, IntentExample

USUAL_FILE = Path("graph.html")


@click.command("visualize", cls=LoggedCommand)
@project_options
@click.option("-d", "--domain", type=PLACE, multiple=True, help="A domain file or folder. May be repeated.")
@click.option("-s", "--stories", type=PLACE, help="A file or folder of stories. [default: the project's]")
@click.option("-u", "--nlu", type=PLACE, help="A file or folder of NLU data. [default: the project's]")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=USUAL_FILE, show_default=True)
@click.option(
    "--max-history",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="How many steps before an action must be the same for two places to be drawn as one.",
)
def draw_stories_of_project(
    *,
    project: Path | None,
    project_option: Path | None,
    domain: tuple[Path, ...],
    stories: Path | None,
    nlu: Path | None,
    out: Path,
    max_history: int,
) -> int:
    """Draw the stories and rules of the assistant in PROJECT (by default the current folder) as one HTML page."""
    from duologue.runtime.opening import ProjectProblemsError
    from duologue.testing.stories.graph.project_graph import draw_stories

    folder = require_project(project, project_option)
    reading, problems = read_checked_project(folder, None, domain, (), is_checked=False)
    if problems.has_errors or reading.definition is None:
        raise ProjectProblemsError(problems.errors)
    definition = reading.definition
    told, rules = _choose_stories(definition, stories)
    if not told and not rules:
        raise CommandError("There are no stories and no rules to draw.")
    page = draw_stories(
        told, rules, definition.domain, _choose_examples(definition, nlu), max_history=max_history
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    click.echo(f"Drawn: {out}. Open it in a browser.")
    return 0


def _choose_stories(
    definition: "AssistantDefinition", place: Path | None
) -> "tuple[tuple[Story, ...], tuple[Story, ...]]":
    data = definition.training_data
    if place is None:
        return data.stories, data.rules
    from duologue.project.story_tests_reader import read_test_stories
    from duologue.runtime.opening import ProjectProblemsError

    _require(place)
    reading = read_test_stories(place, root=Path.cwd())
    if reading.problems.has_errors:
        raise ProjectProblemsError(reading.problems.errors)
    told = tuple(story for story in reading.stories if not story.is_rule)
    return told, tuple(story for story in reading.stories if story.is_rule)


def _choose_examples(definition: "AssistantDefinition", place: Path | None) -> "tuple[IntentExample, ...]":
    if place is None:
        return definition.training_data.examples
    from duologue.project.nlu_files import read_nlu_data

    _require(place)
    return tuple(read_nlu_data([place], root=Path.cwd()).examples)


def _require(place: Path) -> None:
    if not place.exists():
        raise CommandError(f"There is no file or folder {place}.")
