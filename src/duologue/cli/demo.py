"""`duologue demo`: the example bank with a page to talk to it in a browser."""

import tempfile
from pathlib import Path

import click

from duologue.cli.logged_command import LoggedCommand
from duologue.cli.port import PORT
from duologue.cli.templates import copy_template

DEFAULT_PORT = 5005
THINGS_TO_SAY = (
    "I'd like to send money to Anna",
    "what's my balance? (in the middle of it)",
    "my credit card was stolen",
)


@click.command("demo", cls=LoggedCommand)
@click.option(
    "-p", "--port", type=PORT, help=f"The port to listen on. [default: {DEFAULT_PORT}, or a free one]"
)
@click.option("-i", "--interface", default="127.0.0.1", show_default=True, help="The address to listen on.")
def serve_demo(port: int | None, interface: str) -> None:
    """Talk to the example bank in a browser: no key, no internet, nothing to set up.

    It runs from a copy that is removed at the end.
    """
    from duologue.cli.chosen_assistant import ENDPOINTS_NAMES, ChosenAssistant, find_file, make_opener
    from duologue.server.options import ServerOptions
    from duologue.server.serve import run_server

    with tempfile.TemporaryDirectory(prefix="duologue-demo-") as name:
        folder = Path(name)
        copy_template("bank", folder)
        chosen = ChosenAssistant(folder=folder, endpoints=find_file(folder, ENDPOINTS_NAMES))
        options = ServerOptions(
            interface=interface,
            port=DEFAULT_PORT if port is None else port,
            is_any_port_fine=port is None,
            is_page_shown=True,
            shutdown_seconds=5,
        )
        run_server(make_opener(chosen), options, _announce)


def _announce(url: str) -> None:
    click.echo(f"The example bank is open: {url}")
    click.echo("Open that page in a browser and say, for example:")
    for sentence in THINGS_TO_SAY:
        click.echo(f"  • {sentence}")
    click.echo("Ctrl-C stops it.")
