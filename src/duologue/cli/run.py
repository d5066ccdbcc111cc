"""`duologue run`: an assistant over HTTP."""

from pathlib import Path
from typing import Any

import click

from duologue.cli.failure import CommandError
from duologue.cli.later_options import ignored_flag, ignored_option, refused_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.port import PORT
from duologue.cli.project_folder import has_project, project_options
from duologue.cli.serving_options import FILE, serving_options

WORKERS = click.IntRange(1, 512)
ACTIONS = "actions"
LOG_FLAGS = frozenset({"-v", "-vv", "--verbose", "--debug", "--quiet"})
OPEN_DOOR = "Without it everybody who reaches the port could talk to the assistant; put a gateway in front."


class _RunCommand(LoggedCommand):
    """`run actions` is the command `actions`, as people know it from Rasa."""

    # `Any`: passed on to click unseen.
    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        first = next((number for number, word in enumerate(args) if word not in LOG_FLAGS), 0)
        if args[first : first + 1] == [ACTIONS] and not has_project(Path(ACTIONS)):
            from duologue.cli.actions import serve_actions

            words = args[:first] + args[first + 1 :]
            return serve_actions.make_context(f"{info_name} {ACTIONS}", words, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("run", cls=_RunCommand)
@project_options
@click.option("-m", "--model", type=FILE, help="A model archive, or a folder of which the latest is taken.")
@click.option(
    "-p",
    "--port",
    type=PORT,
    default=5005,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option("-i", "--interface", default="0.0.0.0", show_default=True, help="The address to listen on.")
@click.option("--endpoints", type=FILE, help="Stores, actions and models. [default: endpoints.yml]")
@click.option("--credentials", type=FILE, help="The channels to open. [default: credentials.yml, else REST]")
@click.option("--cors", multiple=True, help="An origin that pages may come from; * for any. May be repeated.")
@click.option("--response-timeout", default=3600.0, show_default=True, help="Seconds that a turn may take.")
@click.option("--request-timeout", default=300.0, show_default=True, help="Seconds to send a request in.")
@click.option("--workers", type=WORKERS, help="Processes that serve. [default: 1, or SANIC_WORKERS]")
@serving_options(what="turns", protocol="HTTPS")
@ignored_flag("--enable-api", why="The channels and /status are always there.")
@ignored_flag("--inspect", why="`duologue inspect` serves the assistant with the page.")
@ignored_option("--connector", why="The channels come from credentials.yml.")
@ignored_option("--logging-config-file", why="Use -v and --log-file.")
@ignored_flag("--use-syslog", why="Use --log-file.")
@ignored_option("--syslog-address", why="Use --log-file.")
@ignored_option("--syslog-port", why="Use --log-file.")
@ignored_option("--syslog-protocol", why="Use --log-file.")
@refused_option("--remote-storage", why="Fetch the archive first and name it with --model.")
@refused_option("--sub-agents", why="")
@refused_option("-t", "--auth-token", why=OPEN_DOOR)
@refused_option("--jwt-secret", why=OPEN_DOOR)
@refused_option("--jwt-method", why=OPEN_DOOR)
@refused_option("--jwt-private-key", why=OPEN_DOOR)
def run_assistant(  # one parameter for each option, as click hands them over
    *,
    project: Path | None,
    project_option: Path | None,
    model: Path | None,
    port: int,
    interface: str,
    endpoints: Path | None,
    credentials: Path | None,
    cors: tuple[str, ...],
    response_timeout: float,
    request_timeout: float,
    workers: int | None,
    drain_seconds: float | None,
    shutdown_seconds: float,
    worker_post: str | None,
    ssl_certificate: Path | None,
    ssl_keyfile: Path | None,
    ssl_ca_file: Path | None,
    ssl_password: str | None,
) -> int:
    """Serve the assistant in PROJECT (by default the current folder) over HTTP."""
    if project is not None and project == Path(ACTIONS) and not has_project(project):
        raise CommandError("The actions of a project are served by `duologue actions`, with its own options.")
    if (ssl_keyfile or ssl_ca_file) and not ssl_certificate:
        raise CommandError("HTTPS needs --ssl-certificate as well.")

    from duologue.cli.channel_choice import choose_channels
    from duologue.cli.chosen_assistant import choose_assistant, make_opener, require_file
    from duologue.cli.serving_processes import serve
    from duologue.runtime.settings import Settings
    from duologue.server.options import ServerOptions

    settings = Settings.from_environment()
    chosen = choose_assistant(project, project_option, model, endpoints)
    options = ServerOptions(
        interface=interface,
        port=port,
        channels=choose_channels(chosen.folder, credentials),
        cors_origins=tuple(origin for group in cors for origin in group.split() if origin),
        request_seconds=request_timeout,
        response_seconds=response_timeout,
        drain_seconds=settings.drain_seconds if drain_seconds is None else drain_seconds,
        shutdown_seconds=shutdown_seconds,
        model_file=str(chosen.archive or ""),
        certificate=require_file(ssl_certificate, "--ssl-certificate"),
        key=require_file(ssl_keyfile, "--ssl-keyfile"),
        key_password=ssl_password,
        client_authorities=require_file(ssl_ca_file, "--ssl-ca-file"),
    )
    opener = make_opener(chosen, shows_progress=worker_post is None)
    return serve(opener, options, workers or settings.workers, worker_post)
