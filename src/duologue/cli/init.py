"""`duologue init`: a new assistant from a template."""

import sys
from pathlib import Path

import click

from duologue.cli.failure import CommandError
from duologue.cli.templates import TEMPLATES, copy_template, require_template

TEMPLATE_HELP = "; ".join(f"{name}: {what}" for name, what in TEMPLATES.items())


@click.command("init")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--template", help=f"What to start from. {TEMPLATE_HELP}. [default: tiny]")
@click.option("--init-dir", type=click.Path(path_type=Path), help="The folder to make, if not named first.")
@click.option("--no-prompt", is_flag=True, help="Ask nothing; take the defaults.")
def init_project(folder: Path | None, template: str | None, init_dir: Path | None, no_prompt: bool) -> None:
    """Make a new assistant from a template, in FOLDER (by default the current one)."""
    if folder and init_dir and folder != init_dir:
        raise CommandError(f"Two folders are named, {folder} and {init_dir}; name one.")
    may_ask = not no_prompt and sys.stdin.isatty() and sys.stdout.isatty()
    name = template or (_ask_for_template() if may_ask else "tiny")
    require_template(name)
    target = folder or init_dir or (_ask_for_folder() if may_ask else Path("."))
    files = copy_template(name, target)
    click.echo(f"Made an assistant of {len(files)} files in {target.resolve()}.")
    if target.resolve() != Path.cwd():
        click.echo(f"  cd {target}")
    click.echo("  duologue shell          talk to it here")
    click.echo("  duologue run            serve it on http://localhost:5005")
    click.echo("  duologue data validate  check it after a change")


def _ask_for_template() -> str:
    for name, what in TEMPLATES.items():
        click.echo(f"  {name:9} {what}")
    return click.prompt("Template", default="tiny", type=click.Choice(list(TEMPLATES)))


def _ask_for_folder() -> Path:
    return Path(click.prompt("Folder", default="."))
