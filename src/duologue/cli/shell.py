"""`duologue shell`: a conversation in the terminal."""

import uuid
from pathlib import Path

import click

from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options

FILE = click.Path(path_type=Path)
CUT_OFF_SECONDS = 2.0
"""How long an answer under way may still take when the person leaves."""


@click.command("shell", cls=LoggedCommand)
@project_options
@click.option("-m", "--model", type=FILE, help="A model archive, or a folder of which the latest is taken.")
@click.option("--endpoints", type=FILE, help="Stores, actions and models. [default: endpoints.yml]")
@click.option("--conversation-id", help="Go on with this conversation. [default: a new one]")
def talk_in_shell(
    *,
    project: Path | None,
    project_option: Path | None,
    model: Path | None,
    endpoints: Path | None,
    conversation_id: str | None,
) -> None:
    """Talk to the assistant in PROJECT (by default the current folder).

    A number presses the button of that number; /quit or Ctrl-D ends.
    """
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
