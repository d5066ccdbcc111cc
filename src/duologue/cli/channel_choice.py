"""Which channels a server opens."""

from pathlib import Path

import click

from duologue.channels.rest import RestChannel
from duologue.cli.chosen_assistant import CREDENTIALS_NAMES, find_file, require_file
from duologue.cli.failure import CommandError
from duologue.project.credentials_reader import is_channel, read_credentials
from duologue.runtime.settings import Settings

SUPPORTED = frozenset({RestChannel.name})
NOT_SERVED = frozenset({"cmdline", "rasa"})
"""Listed in credentials files out of habit, but no doors of a server."""


def choose_channels(folder: Path, credentials: Path | None) -> frozenset[str]:
    """The channels of the credentials file that we have; without a file, REST.

    Raises:
        CommandError: the file is missing or cannot be understood.
    """
    path = require_file(credentials, "--credentials") or find_file(folder, CREDENTIALS_NAMES)
    if path is None:
        return SUPPORTED
    reading = read_credentials(path, root=folder, environment=Settings.from_environment().variables)
    if reading.problems.has_errors:
        raise CommandError("\n".join(problem.format() for problem in reading.problems.errors))
    for warning in reading.problems.warnings:
        click.echo(warning.format(), err=True)
    # A channel that nobody knows has its warning already.
    for name in sorted(name for name in reading.channels.keys() - SUPPORTED - NOT_SERVED if is_channel(name)):
        click.echo(
            f"Note: the channel `{name}` of {path.name} is not supported yet; it stays closed.", err=True
        )
    return SUPPORTED & reading.channels.keys()
