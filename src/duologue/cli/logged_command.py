"""A command that sets the log up first: `-v`, `-vv`, `--debug`, `--quiet`, `--log-file`."""

import logging
from pathlib import Path
from typing import Any

import click


class LoggedCommand(click.Command):
    """Adds the options to its own and takes them out again before its function is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # `Any`: passed on to click unseen
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(["-v", "--verbose"], count=True, help="Tell more; -vv tells everything."),
            click.Option(["--debug"], is_flag=True, help="Tell everything, with tracebacks."),
            click.Option(["--quiet"], is_flag=True, help="Tell of failures only."),
            click.Option(
                ["--log-file"],
                type=click.Path(dir_okay=False, path_type=Path),
                help="Write the log to this file.",
            ),
        ]

    def invoke(self, ctx: click.Context) -> object:
        from duologue.cli.log_output import set_up_logging

        given = ctx.params
        level = find_level(given.pop("verbose"), is_debug=given.pop("debug"), is_quiet=given.pop("quiet"))
        set_up_logging(level, given.pop("log_file"))
        return super().invoke(ctx)


def find_level(verbosity: int, *, is_debug: bool = False, is_quiet: bool = False) -> int:
    """The lowest level that is shown."""
    if is_debug or verbosity >= 2:
        return logging.DEBUG
    if is_quiet:
        return logging.ERROR
    return logging.INFO if verbosity else logging.WARNING
