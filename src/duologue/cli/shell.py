"""`duologue shell`: a conversation in the terminal, and `shell nlu`: what is read in each line."""

import uuid
from pathlib import Path

import click

from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import choose_folder, has_project

FILE = click.Path(path_type=Path)
CUT_OFF_SECONDS = 2.0
"""How long an answer under way may still take when the person leaves."""


@click.command("shell", cls=LoggedCommand)
@click.argument("names", nargs=-1, metavar="[nlu] [PROJECT]", type=FILE)
@click.option("--project", "project_option", type=FILE, help="The assistant's folder, if not named first.")
@click.option("-m", "--model", type=FILE, help="A model archive, or a folder of which the latest is taken.")
@click.option("--endpoints", type=FILE, help="Stores, actions and models. [default: endpoints.yml]")
@click.option("--conversation-id", help="Go on with this conversation. [default: a new one]")
def talk_in_shell(
    *,
    names: tuple[Path, ...],
    project_option: Path | None,
    model: Path | None,
    endpoints: Path | None,
    conversation_id: str | None,
) -> None:
    """Talk to the assistant in PROJECT (by default the current folder).

    A number presses the button of that number; /quit or Ctrl-D ends. With `nlu` nothing is answered: for each line
    the intents and entities are shown that the trained pipeline reads in it, as JSON.
    """
    is_reading = names[:1] == (Path("nlu"),) and not has_project(Path("nlu"))
    others = names[1:] if is_reading else names
    if len(others) > 1:
        raise CommandError(f"Two folders are named, {others[0]} and {others[1]}; name one.")
    project = others[0] if others else None
    if is_reading:
        from duologue.cli.shell_nlu import read_lines

        return read_lines(choose_folder(project, project_option), model)
    return _talk(project, project_option, model, endpoints, conversation_id)


def _talk(
    project: Path | None,
    project_option: Path | None,
    model: Path | None,
    endpoints: Path | None,
    conversation_id: str | None,
) -> None:
    import asyncio

    from duologue.cli.chosen_assistant import choose_assistant, make_opener
    from duologue.cli.shell_conversation import talk

    open_assistant = make_opener(choose_assistant(project, project_option, model, endpoints))
    name = conversation_id or f"shell-{uuid.uuid4().hex[:12]}"

    async def hold_conversation() -> None:
        assistant = await open_assistant()
        try:
            await talk(assistant, name)
        finally:
            await assistant.close(CUT_OFF_SECONDS)

    asyncio.run(hold_conversation())
