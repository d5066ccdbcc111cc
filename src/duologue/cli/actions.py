"""`duologue actions`: a project's actions in a server of their own."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.port import PORT
from duologue.cli.project_folder import choose_folder, project_options
from duologue.cli.serving_options import FILE, serving_options

if TYPE_CHECKING:
    from duologue.action_server.options import ActionServingOptions
    from duologue.runtime.settings import Settings

COUNT = click.IntRange(min=1)
WORKERS = click.IntRange(1, 512)
_WORDS = "duologue.words"


class _ActionsCommand(LoggedCommand):
    """Keeps its words, with which its workers are started."""

    # `Any`: passed on to click unseen.
    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        words = list(args)
        context = super().make_context(info_name, args, parent, **extra)
        context.meta[_WORDS] = words
        return context


def _require_module(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    if name is not None and ("/" in name or name.endswith(".py")):
        raise click.BadParameter(f"{name} is a path; name a module as an import does, such as actions.bank.")
    return name


@click.command("actions", cls=_ActionsCommand)
@project_options
@click.option(
    "-p",
    "--port",
    type=PORT,
    default=5055,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option("-i", "--interface", help="The address to listen on. [default: 0.0.0.0, or SANIC_HOST]")
@click.option(
    "--actions",
    callback=_require_module,
    help="The module or package of the actions. [default: actions]",
)
@click.option("--actions-module", callback=_require_module, help="The same; wins over --actions.")
@click.option("--grpc", is_flag=True, help="Serve gRPC on the port instead of HTTP.")
@click.option("--grpc-port", type=PORT, help="Serve gRPC on this port, beside HTTP.")
@click.option("--cors", multiple=True, help="An origin that pages may come from; * for any. May be repeated.")
@click.option("--endpoints", type=FILE, help="Where traces go. [default: endpoints.yml]")
@click.option("--auto-reload", is_flag=True, help="Import the actions afresh when a file changes.")
@click.option(
    "--workers", type=WORKERS, help="Processes that serve. [default: 1, or ACTION_SERVER_SANIC_WORKERS]"
)
@click.option(
    "--threads", type=COUNT, default=32, show_default=True, help="Actions that are not async run on these."
)
@click.option(
    "--max-calls",
    type=COUNT,
    default=1000,
    show_default=True,
    help="Calls that run at once in each process; further ones wait, then are sent away.",
)
@click.option(
    "--largest-body",
    type=COUNT,
    default=32 * 1024 * 1024,
    show_default=True,
    help="Bytes of a request, before and after decompression.",
)
@click.option("--request-timeout", default=300.0, show_default=True, help="Seconds to send a request in.")
@click.option("--response-timeout", default=3600.0, show_default=True, help="Seconds that a call may take.")
@click.option(
    "--remember",
    help="Where results are kept, so that a repeated call does nothing twice: memory, sqlite:///FILE, "
    "redis://…, postgresql://… or off. [default: memory; off for several workers]",
)
@click.option(
    "--keep-results",
    type=click.FloatRange(min=1),
    help="Seconds that results are kept. [default: a day; 10 minutes in memory]",
)
@click.option(
    "--lease-seconds",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    help="Seconds after which a process that runs a call and is silent counts as dead.",
)
@serving_options(what="calls", protocol="HTTPS or gRPC over TLS")
@click.option("--logging-config-file", type=FILE, help="A YAML file for Python's logging.config.dictConfig.")
def serve_actions(  # one parameter for each option, as click hands them over
    *,
    project: Path | None,
    project_option: Path | None,
    port: int,
    interface: str | None,
    actions: str | None,
    actions_module: str | None,
    grpc: bool,
    grpc_port: int | None,
    cors: tuple[str, ...],
    endpoints: Path | None,
    auto_reload: bool,
    workers: int | None,
    threads: int,
    max_calls: int,
    largest_body: int,
    request_timeout: float,
    response_timeout: float,
    remember: str | None,
    keep_results: float | None,
    lease_seconds: float,
    drain_seconds: float | None,
    shutdown_seconds: float,
    worker_post: str | None,
    ssl_certificate: Path | None,
    ssl_keyfile: Path | None,
    ssl_ca_file: Path | None,
    ssl_password: str | None,
    logging_config_file: Path | None,
) -> int:
    """Serve the custom actions of PROJECT (by default the current folder) on their own, over HTTP or gRPC."""
    if (ssl_keyfile or ssl_ca_file) and not ssl_certificate:
        raise CommandError("TLS needs --ssl-certificate as well.")
    if grpc and grpc_port is not None:
        raise CommandError(
            "--grpc serves gRPC on --port; --grpc-port serves it beside HTTP. Give one of them."
        )

    from duologue.action_server.options import DEFAULT_MODULE, ActionServingOptions
    from duologue.cli.chosen_assistant import ENDPOINTS_NAMES, find_file, require_file
    from duologue.runtime.result_stores import IN_MEMORY, NOT_REMEMBERED
    from duologue.runtime.settings import Settings

    if logging_config_file is not None:
        from duologue.cli.log_config import apply_log_config

        apply_log_config(logging_config_file)
    settings = Settings.from_environment()
    count = workers or settings.action_server.workers
    folder = choose_folder(project, project_option).absolute()
    options = ActionServingOptions(
        interface=interface or settings.action_server.interface or "0.0.0.0",
        port=port,
        is_http=not grpc,
        grpc_port=grpc_port,
        module=actions_module or actions or DEFAULT_MODULE,
        folder=folder,
        endpoints=require_file(endpoints, "--endpoints") or find_file(folder, ENDPOINTS_NAMES),
        cors_origins=tuple(origin for group in cors for origin in group.split() if origin),
        is_reloaded=auto_reload,
        threads=threads,
        max_calls=max_calls,
        largest_body=largest_body,
        request_seconds=request_timeout,
        response_seconds=response_timeout,
        remember=remember or (IN_MEMORY if count == 1 else NOT_REMEMBERED),
        keep_seconds=keep_results,
        lease_seconds=lease_seconds,
        drain_seconds=settings.drain_seconds if drain_seconds is None else drain_seconds,
        shutdown_seconds=shutdown_seconds,
        barge_in_seconds=settings.action_server.barge_in_seconds,
        certificate=require_file(ssl_certificate, "--ssl-certificate"),
        key=require_file(ssl_keyfile, "--ssl-keyfile"),
        key_password=ssl_password,
        client_authorities=require_file(ssl_ca_file, "--ssl-ca-file"),
    )
    return _serve(options, settings, count, worker_post)


def _serve(options: "ActionServingOptions", settings: "Settings", workers: int, post: str | None) -> int:
    """Serve in this process, or with several; the exit code."""
    from duologue.action_server.serve import run_action_server, run_action_worker, run_action_workers

    if post is not None:
        from duologue.cli.serving_processes import name_worker_in_log
        from duologue.serving.workers.link import parse_post

        told = parse_post(post)
        name_worker_in_log(told)
        run_action_worker(options, settings, told)
        return 0
    if workers > 1:
        from duologue.cli.serving_processes import name_worker_command

        words = click.get_current_context().meta[_WORDS]
        command = partial(name_worker_command, "actions", words)
        return run_action_workers(command, options, workers, partial(_announce, workers))
    run_action_server(options, settings, partial(_announce, 1))
    return 0


def _announce(workers: int, doors: str) -> None:
    processes = f"{workers} workers; " if workers > 1 else ""
    click.echo(f"Actions are ready at {doors} ({processes}Ctrl-C stops)")
