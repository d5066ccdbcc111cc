"""`duologue test`: the conversations that an assistant must hold."""

from pathlib import Path

import click

from duologue.cli.lazy_group import Entry, LazyGroup
from duologue.cli.project_folder import has_project

_ALL = Entry("duologue.cli.test_all", "run_all_tests", "Run all of them.")
_HELP = ("-h", "--help")


class _TestGroup(LazyGroup):
    """Without the name of a kind of test, those are run that are there."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_named = bool(args) and not args[0].startswith("-") and not has_project(Path(args[0]))
        if is_named or args[:1] in ([option] for option in _HELP):
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, ["all", *args])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] != "all":
            return super().resolve_command(ctx, args)
        return "all", _ALL.load(), args[1:]


test_group = _TestGroup(
    name="test",
    entries={
        "core": Entry("duologue.cli.test_core", "run_core_tests", "Run test stories against it."),
        "nlu": Entry("duologue.cli.test_nlu", "run_nlu_tests", "Judge its intents and entities."),
        "e2e": Entry("duologue.cli.test_e2e", "run_e2e_tests", "Run whole conversations against it."),
        "du": Entry("duologue.cli.test_du", "run_du_tests", "Judge how well it understands."),
    },
    later={},
    summary="Run an assistant's own tests; without a COMMAND its test stories and its whole conversations.",
)
