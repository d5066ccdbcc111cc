"""`--record`, `--replay`, `--mask`: the answers of language models kept in a file, or taken from it."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from duologue.cli.chosen_assistant import require_file
from duologue.cli.failure import CommandError

if TYPE_CHECKING:
    from duologue.testing.cassette import Cassette

C = TypeVar("C", bound=Callable[..., object])
_FILE = click.Path(dir_okay=False, path_type=Path)


def cassette_options(command: C) -> C:
    """Adds the options, as `record`, `replay` and `masks`."""
    options = [
        click.option(
            "--record", type=_FILE, help="Ask the language models, and keep their answers in a file."
        ),
        click.option(
            "--replay", type=_FILE, help="Take the answers of language models from such a file only."
        ),
        click.option(
            "--mask",
            "masks",
            multiple=True,
            metavar="REGEX",
            help="Parts of a prompt that do not count when it is looked up. May be repeated.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def open_cassette(record: Path | None, replay: Path | None, masks: Sequence[str] = ()) -> "Cassette | None":
    """The cassette that `--record` or `--replay` names.

    Raises:
        CommandError: both are named, or a mask is no regular expression.
    """
    from duologue.testing.cassette import Cassette
    from duologue.testing.wrapped_models import PROMPT_TIME

    if record is not None and replay is not None:
        raise CommandError("--record asks the models and --replay does not; name one of them.")
    path = record or require_file(replay, "--replay")
    if path is None:
        return None
    try:
        return Cassette(path, "replay" if record is None else "record", masks=[PROMPT_TIME, *masks])
    except re.error as error:
        raise CommandError(f"--mask is no regular expression: {error}.") from error


def tell_cassette(cassette: "Cassette", *, is_whole: bool) -> list[str]:
    """What was recorded; after a run of every test also how much of the file it did not ask for."""
    notes: list[str] = []
    if cassette.mode != "replay":
        is_written = bool(cassette.fresh)
        nothing = "Note: no language model was asked, so nothing is recorded."
        notes.append(f"Recorded: {cassette.path}" if is_written else nothing)
    stale = len(cassette.unused)
    if is_whole and stale:
        # Other kinds of tests may use them, so they are not dropped here.
        notes.append(
            f"Note: {stale} of the answers in {cassette.path} were not asked for; delete the file and record again to drop them."
        )
    return notes
