"""The process or the processes that `duologue run` serves with."""

import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from duologue.runtime.assistant import Assistant
    from duologue.server.options import ServerOptions
    from duologue.serving.workers.link import WorkerPost

OpenAssistant = Callable[[], "Awaitable[Assistant]"]


def serve(open_assistant: OpenAssistant, options: "ServerOptions", workers: int, post: str | None) -> int:
    """Serve in this process, or with several; the exit code.

    Args:
        workers: how many processes serve.
        post: what the parent told this process, if it is one of several.
    """
    if post is not None:
        _serve_as_worker(open_assistant, options, post)
        return 0
    announce = _make_announcement(options, workers)
    if workers > 1:
        from duologue.serving.workers.parent import run_workers

        return run_workers(_name_worker_command, options, workers, announce)
    from duologue.server.serve import run_server

    run_server(open_assistant, options, announce)
    return 0


def _name_worker_command(post: str) -> list[str]:
    """This command once more."""
    verb, *words = sys.argv[1:]
    return name_worker_command(verb, words, post)


def name_worker_command(verb: str, words: Sequence[str], post: str) -> list[str]:
    """A command as a worker runs it, by the same interpreter and with the same places to import from."""
    # The current folder is such a place only if we were started by `python -m`.
    is_folder_searched = sys.path[:1] in ([""], [os.getcwd()])
    python = [sys.executable] if is_folder_searched else [sys.executable, "-P"]
    return [*python, "-m", "duologue", verb, f"--worker-post={post}", *words]


def _serve_as_worker(open_assistant: OpenAssistant, options: "ServerOptions", told: str) -> None:
    from duologue.server.serve import run_server_worker
    from duologue.server.sharing import check_sharing
    from duologue.serving.workers.link import parse_post

    post = parse_post(told)
    name_worker_in_log(post)

    async def open_shared() -> "Assistant":
        assistant = await open_assistant()
        try:
            check_sharing(assistant.tracker_store, assistant.lock_store, is_told=post.is_first)
        except BaseException:
            await assistant.close()
            raise
        return assistant

    run_server_worker(open_shared, options, post)


def name_worker_in_log(post: "WorkerPost") -> None:
    """Say in every line of the log which worker wrote it."""

    def name_worker(record: logging.LogRecord) -> bool:
        record.worker = post.number
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(name_worker)


def _make_announcement(options: "ServerOptions", workers: int) -> Callable[[str], None]:
    doors = (
        ", ".join(f"/webhooks/{name}/webhook" for name in sorted(options.channels)) or "no channel is open"
    )
    processes = f"{workers} workers; " if workers > 1 else ""
    return lambda url: click.echo(f"Ready at {url} ({doors}; {processes}Ctrl-C stops)")
