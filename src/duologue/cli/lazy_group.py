"""A group of commands that are imported only when one of them is called."""

import importlib
from collections.abc import Mapping
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command lives, and its line in the help."""

    module: str
    attribute: str
    summary: str

    def load(self) -> click.Command:
        """The command itself."""
        command = getattr(importlib.import_module(self.module), self.attribute)
        assert isinstance(command, click.Command)
        return command


class LazyGroup(click.Group):
    """Knows its commands by name and summary; `--help` imports none of them."""

    def __init__(
        self, *, name: str, entries: Mapping[str, Entry], later: Mapping[str, str], summary: str
    ) -> None:
        super().__init__(name=name, help=summary, no_args_is_help=True)
        self._entries = entries
        self._later = later
        """Verbs that people know from elsewhere, each with a sentence on what to do instead."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries.get(cmd_name)
        return entry.load() if entry is not None else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name not in self._entries and not name.startswith("-"):
            raise click.UsageError(self._explain(ctx, name), ctx)
        return super().resolve_command(ctx, args)

    def _explain(self, ctx: click.Context, name: str) -> str:
        if name in self._later:
            return f"`{ctx.command_path} {name}` is not supported yet. {self._later[name]}".rstrip()
        import difflib

        near = difflib.get_close_matches(name, self._entries, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        return f"`{ctx.command_path}` has no command `{name}`.{hint}"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self._entries.items()])
