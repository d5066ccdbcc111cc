"""What a person reads when a command fails: one sentence, and the traceback only on demand."""

import sys
import traceback

import click

from duologue.core.errors import DuologueError

FAILED = 1
DEBUG_FLAGS = {"--debug", "-vv"}


class CommandError(click.ClickException):
    """A command cannot do what it was asked to; its text is one sentence."""


def explain_failure(error: Exception) -> int:
    """Write the sentence for an error that no command expected; the exit code."""
    if DEBUG_FLAGS & set(sys.argv):
        traceback.print_exception(error)
    match error:
        case BrokenPipeError():
            # The reader of our output left (`| head`); there is nobody to tell.
            sys.stderr.close()
        case DuologueError():
            click.echo(_describe(error), err=True)
        case OSError() if error.filename:
            click.echo(f"Error: {error.filename} cannot be used: {error.strerror}.", err=True)
        case UnicodeDecodeError():
            click.echo(f"Error: a file is not UTF-8 text: {error}.", err=True)
        case _:
            kind = type(error).__name__
            click.echo(
                f"Error: Duologue itself failed ({kind}: {error}); --debug shows where, and a report helps.",
                err=True,
            )
    return FAILED


def _describe(error: DuologueError) -> str:
    """Problems of a project keep their lines to themselves, so that `file:line` can be clicked."""
    problems = getattr(error, "problems", ())
    if not problems:
        return f"Error: {error}"
    number = "1 error" if len(problems) == 1 else f"{len(problems)} errors"
    return f"{error}\nError: The project cannot run as it is written: {number}."
