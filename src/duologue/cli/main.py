"""The program `duologue`: its commands, and what a person sees when one of them fails."""

import sys

import click

import duologue
from duologue.cli.lazy_group import Entry, LazyGroup

COMMANDS = {
    "demo": Entry("duologue.cli.demo", "serve_demo", "Talk to the example bank in a browser."),
    "init": Entry("duologue.cli.init", "init_project", "Make a new assistant from a template."),
    "run": Entry("duologue.cli.run", "run_assistant", "Serve an assistant over HTTP."),
    "actions": Entry("duologue.cli.actions", "serve_actions", "Serve a project's actions on their own."),
    "inspect": Entry(
        "duologue.cli.inspect", "inspect_assistant", "Talk to an assistant in a browser, and see inside."
    ),
    "shell": Entry("duologue.cli.shell", "talk_in_shell", "Talk to an assistant in the terminal."),
    "train": Entry("duologue.cli.train", "train_model", "Check an assistant and write its model archive."),
    "data": Entry("duologue.cli.data", "data_group", "Check the files of an assistant."),
    "test": Entry("duologue.cli.test", "test_group", "Run an assistant's own conversations."),
    "interactive": Entry(
        "duologue.cli.interactive", "learn_interactively", "Teach an assistant while you talk to it."
    ),
    "visualize": Entry(
        "duologue.cli.visualize", "draw_stories_of_project", "Draw an assistant's stories as a page."
    ),
    "conversations": Entry(
        "duologue.cli.conversations", "conversations_group", "List, show, hand out or delete conversations."
    ),
    "import-conversations": Entry(
        "duologue.cli.import_conversations",
        "import_conversations",
        "Carry the conversations of a Rasa project over.",
    ),
    "export": Entry("duologue.cli.export", "export_events", "Write stored events as JSON lines."),
}
LATER = {
    "markers": "",
    "evaluate": "",
    "llm": "",
    "studio": "",
    "tools": "",
    "telemetry": "There is none to switch off.",
    "license": "Duologue needs no licence key.",
    "x": "",
}
INTERRUPTED = 130


def _show_version(ctx: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not ctx.resilient_parsing:
        click.echo(f"Duologue {duologue.__version__}")
        ctx.exit()


program = LazyGroup(
    name="duologue",
    entries=COMMANDS,
    later=LATER,
    summary="Build, check, serve and test conversational assistants.",
)
program.context_settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
program.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Show the version and exit.",
    )
)


def main() -> None:
    """Run the command of `sys.argv` and exit with its code."""
    sys.exit(_run())


def _run() -> int:
    try:
        code = program.main(standalone_mode=False, prog_name="duologue")
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:
        from duologue.cli.failure import explain_failure

        return explain_failure(error)
    return code if isinstance(code, int) else 0
