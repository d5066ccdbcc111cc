"""`duologue inspect`: an assistant with a page to talk to it and to see what goes on inside."""

from pathlib import Path

import click

from duologue.cli.later_options import ignored_flag, ignored_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.port import PORT
from duologue.cli.project_folder import project_options

FILE = click.Path(path_type=Path)


@click.command("inspect", cls=LoggedCommand)
@project_options
@click.option("-m", "--model", type=FILE, help="A model archive, or a folder of which the latest is taken.")
@click.option(
    "-p",
    "--port",
    type=PORT,
    default=5005,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option("-i", "--interface", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--endpoints", type=FILE, help="Stores, actions and models. [default: endpoints.yml]")
@ignored_flag("--voice", why="")
@ignored_flag("--nextgen", why="")
@ignored_option("--log-level", why="Use -v.")
def inspect_assistant(
    *,
    project: Path | None,
    project_option: Path | None,
    model: Path | None,
    port: int,
    interface: str,
    endpoints: Path | None,
) -> None:
    """Talk to the assistant in PROJECT (by default the current folder) in a browser.

    Whoever reaches the page can read conversations, so it listens on this machine only.
    """
    from duologue.cli.chosen_assistant import choose_assistant, make_opener
    from duologue.server.options import ServerOptions
    from duologue.server.serve import run_server

    chosen = choose_assistant(project, project_option, model, endpoints)
    options = ServerOptions(
        interface=interface,
        port=port,
        is_page_shown=True,
        shutdown_seconds=5,
        model_file=str(chosen.archive or ""),
    )
    run_server(
        make_opener(chosen), options, lambda url: click.echo(f"Open {url} in a browser (Ctrl-C stops)")
    )
