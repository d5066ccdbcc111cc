"""Options of every command that serves: how it stops, and its certificates."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

SECONDS = click.FloatRange(min=0)
FILE = click.Path(path_type=Path)
# A click callback takes whatever its options are, hence `Any`.
Command = TypeVar("Command", bound=Callable[..., Any])


def serving_options(*, what: str, protocol: str) -> Callable[[Command], Command]:
    """Add the options. `what` is under way when the server stops; `protocol` is what a certificate gives."""
    options = (
        click.option(
            "--drain-seconds",
            type=SECONDS,
            help="Seconds to go on serving after SIGTERM, while /ready says no. [default: 1]",
        ),
        click.option(
            "--shutdown-seconds",
            type=SECONDS,
            default=20.0,
            show_default=True,
            help=f"Seconds that {what} under way have to end when the server stops.",
        ),
        click.option("--worker-post", hidden=True),
        click.option("--ssl-certificate", type=FILE, help=f"The certificate, to serve {protocol}."),
        click.option("--ssl-keyfile", type=FILE, help="The key of the certificate."),
        click.option("--ssl-ca-file", type=FILE, help="Authorities of the certificates of clients."),
        click.option("--ssl-password", help="The password of the key."),
    )

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
