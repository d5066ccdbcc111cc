"""A server with two workers; the folder that it is given holds what makes a start fail, and says which assistant it is.

A message is answered with the process that took it. `wait` waits for the file `go`, `die` ends the process.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path

from duologue.core.errors import DefinitionError
from duologue.core.messages import BotMessage, UserMessage
from duologue.server.options import ServerOptions
from duologue.server.serve import OpenAssistant, run_server_worker
from duologue.serving.workers.link import parse_post
from duologue.serving.workers.parent import run_workers
from tests.http.scripted_assistant import ScriptedAssistant

PAUSE = 0.02


class Folder:
    """What the test and its server tell each other."""

    def __init__(self, path: Path) -> None:
        self.broken = path / "broken"
        self.go = path / "go"
        self.drain_seconds = path / "drain_seconds"


def make_opener(folder: Folder) -> OpenAssistant:
    async def answer(message: UserMessage) -> tuple[BotMessage, ...]:
        if message.text == "die":
            os._exit(3)
        if message.text == "wait":
            print("begun", file=sys.stderr, flush=True)
            while not folder.go.exists():  # noqa: ASYNC110 - a process that nobody knows cannot be told otherwise
                await asyncio.sleep(PAUSE)
        return (BotMessage(text=str(os.getpid())),)

    async def open_assistant() -> ScriptedAssistant:
        if folder.broken.exists():
            raise DefinitionError(folder.broken.read_text())
        return ScriptedAssistant(answer)

    return open_assistant


def main() -> int:
    path, *post = sys.argv[1:]
    folder = Folder(Path(path))
    drain_seconds = float(folder.drain_seconds.read_text()) if folder.drain_seconds.exists() else 0.0
    options = ServerOptions(interface="127.0.0.1", port=0, drain_seconds=drain_seconds)
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    def name_command(post: str) -> list[str]:
        return [sys.executable, "-m", "tests.http.worker_server", path, post]

    try:
        if not post:
            return run_workers(name_command, options, 2, lambda url: print(url, flush=True))
        run_server_worker(make_opener(folder), options, parse_post(post[0]))
    except DefinitionError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
