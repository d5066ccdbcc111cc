"""`duologue interactive`: teach an assistant while talking to it."""

import asyncio
import sys
from pathlib import Path

import click

from duologue.cli.chosen_assistant import require_file
from duologue.cli.later_options import ignored_flag, ignored_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import choose_folder, has_project, require_project
from duologue.cli.shell_conversation import PipedLines
from duologue.cli.test_core import read_for_tests

_CORE = "core"
_AS_IT_IS = "The project is trained as far as something has changed."


@click.command("interactive", cls=LoggedCommand)
@click.argument("words", nargs=-1, metavar="[core] [PROJECT]")
@click.option(
    "--project",
    "project_option",
    type=click.Path(path_type=Path),
    help="The assistant's folder, if not named first.",
)
@click.option("--e2e", is_flag=True, help="Write the words of messages into the stories.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for what was learned. [default: data, in the project]",
)
@click.option("--skip-visualization", is_flag=True, help="Do not draw the stories when it ends.")
@click.option(
    "--endpoints", type=click.Path(path_type=Path), help="Where actions run. [default: endpoints.yml]"
)
@ignored_option("-m", "--model", why=_AS_IT_IS)
@ignored_option("--conversation-id", why="Nothing of a lesson is stored.")
@ignored_option("-p", "--port", why="The stories are drawn into a file.")
@ignored_flag("--force", why=_AS_IT_IS)
def learn_interactively(
    *,
    words: tuple[str, ...],
    project_option: Path | None,
    e2e: bool,
    out: Path | None,
    skip_visualization: bool,
    endpoints: Path | None,
) -> int:
    """Talk to the assistant in PROJECT (by default the current folder), and confirm or correct each of its guesses.

    With `core`, messages are written as intents, such as /greet, and no words are understood. What was said becomes
    stories and NLU data, in files of their own beside the project's.
    """
    from duologue.runtime.settings import Settings
    from duologue.testing.teaching.lesson_files import write_lesson
    from duologue.testing.teaching.project_lesson import hold_lesson

    is_core, project = _read_words(words)
    folder = require_project(project, project_option).absolute()
    definition = read_for_tests(folder).require_definition()
    taught = asyncio.run(
        hold_lesson(
            definition,
            folder,
            _Screen(),
            Settings.from_environment(),
            endpoints=require_file(endpoints, "--endpoints"),
            understands_words=not is_core,
        )
    )
    target = out or folder / "data"
    written = write_lesson(taught, target, definition.domain, has_texts=e2e)
    if not written:
        click.echo("Nothing was said, so nothing is written.")
        return 0
    if not skip_visualization:
        written.append(_draw(folder, target))
    for path in written:
        click.echo(f"Written: {path}")
    return 0


def _read_words(words: tuple[str, ...]) -> tuple[bool, Path | None]:
    is_core = words[:1] == (_CORE,) and not has_project(Path(_CORE))
    rest = words[1:] if is_core else words
    if len(rest) > 1:
        raise click.UsageError(f"`{rest[1]}` is one word too many; name one project.")
    return is_core, choose_folder(Path(rest[0]), None) if rest else None


def _draw(folder: Path, target: Path) -> Path:
    """The stories of the project with those of the lesson among them."""
    from duologue.project.project_reader import read_project
    from duologue.testing.stories.graph.project_graph import draw_stories

    definition = read_project(folder, environment={}).definition
    assert definition is not None, "it was read a moment ago"
    data = definition.training_data
    path = target / "learned_stories.html"
    page = draw_stories(data.stories, data.rules, definition.domain, data.examples, max_history=2)
    path.write_text(page, encoding="utf-8")
    return path


class _Screen:
    """The terminal; or a pipe, whose lines are echoed so that a record of it can be read."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._lines = None if self._is_terminal else PipedLines(sys.stdin.fileno())

    async def ask(self, question: str) -> str:
        if self._lines is not None:
            click.echo(question, nl=False)
            line = (await self._lines.read_line()).strip()
            click.echo(line)
            return line
        from prompt_toolkit import PromptSession

        session: PromptSession[str] = PromptSession()
        try:
            return (await session.prompt_async(question)).strip()
        except KeyboardInterrupt:
            raise EOFError from None

    def tell(self, text: str) -> None:
        click.echo(text)
