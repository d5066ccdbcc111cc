"""Options that Rasa projects and scripts pass and that do nothing here yet: accepted, with a sentence."""

from collections.abc import Callable
from typing import TypeVar

import click

C = TypeVar("C", bound=Callable[..., object])


def ignored_flag(*names: str, why: str) -> Callable[[C], C]:
    """A flag that is taken and has no effect; `why` says so in one sentence."""
    return click.option(*names, is_flag=True, hidden=True, expose_value=False, callback=_warn(names, why))


def ignored_option(*names: str, why: str) -> Callable[[C], C]:
    """An option with a value that is taken and has no effect."""
    return click.option(*names, hidden=True, expose_value=False, callback=_warn(names, why))


def refused_option(*names: str, why: str) -> Callable[[C], C]:
    """An option whose silent absence would be dangerous; naming it ends the command."""
    return click.option(*names, hidden=True, expose_value=False, callback=_refuse(names, why))


def _warn(names: tuple[str, ...], why: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def callback(_: click.Context, __: click.Parameter, value: object) -> None:
        if value:
            click.echo(
                f"Note: {_longest(names)} is not supported yet and has no effect. {why}".rstrip(), err=True
            )

    return callback


def _refuse(names: tuple[str, ...], why: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: object) -> None:
        if value:
            raise click.UsageError(f"{_longest(names)} is not supported yet. {why}".rstrip(), ctx)

    return callback


def _longest(names: tuple[str, ...]) -> str:
    return max(names, key=len)
