"""The project's actions, imported afresh when a file changes."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from duologue.core.errors import DefinitionError
from duologue.sdk.dispatcher import CollectingDispatcher
from duologue.sdk.errors import SdkError
from duologue.sdk.executor import ActionExecutor
from duologue.sdk.payloads import ActionResult

_log = logging.getLogger(__name__)

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
_ENVIRONMENT_SIGN = "pyvenv.cfg"

Fingerprint = frozenset[tuple[str, int, int]]
"""Path, time of change and size of every file."""


class ActionCode(Protocol):
    """Runs a project's actions: an executor, or something around one."""

    def names(self) -> list[str]:
        """The names of all actions."""
        ...

    def is_remembered(self, name: str) -> bool:
        """Whether the result of an action may be kept."""
        ...

    # A call is open JSON, hence `Any`.
    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        """Run the action that a call names."""
        ...


def import_actions(module: str, folder: Path, *, threads: int) -> ActionExecutor:
    """An executor with the project's actions.

    Raises:
        DefinitionError: the author's code cannot be imported; the text names the file and line.
    """
    executor = ActionExecutor(threads=threads)
    try:
        executor.register_package(module, root=folder)
    except SdkError as error:
        executor.close()
        raise DefinitionError(str(error)) from error
    return executor


class ReloadingCode:
    """Looks for changes whenever it is asked. Code that cannot be imported is named, and what ran before goes on."""

    def __init__(self, load: Callable[[], ActionExecutor], folder: Path) -> None:
        self._load = load
        self._folder = folder
        self._fingerprint = take_fingerprint(folder)
        self._current = _Generation(load())

    def names(self) -> list[str]:
        self._adopt(take_fingerprint(self._folder))
        return self._current.executor.names()

    def is_remembered(self, name: str) -> bool:
        return self._current.executor.is_remembered(name)

    async def run(
        self, call: Mapping[str, Any], dispatcher: CollectingDispatcher | None = None
    ) -> ActionResult:
        self._adopt(await asyncio.to_thread(take_fingerprint, self._folder))
        generation = self._current
        generation.calls += 1
        try:
            return await generation.executor.run(call, dispatcher)
        finally:
            generation.calls -= 1
            generation.close_if_over()

    def _adopt(self, fingerprint: Fingerprint) -> None:
        """Import the project afresh if a file has changed, come or gone."""
        if fingerprint == self._fingerprint:
            return
        self._fingerprint = fingerprint
        try:
            executor = self._load()
        except DefinitionError as error:
            _log.error("actions.not_reloaded", extra={"finding": f"{error} The code of before goes on."})
            return
        before, self._current = self._current, _Generation(executor)
        before.is_over = True
        before.close_if_over()
        _log.info("actions.reloaded", extra={"actions": len(executor.names())})

    async def close_connections(self) -> None:
        await self._current.executor.close_connections()

    def close(self) -> None:
        self._current.executor.close()


class _Generation:
    """One import of the project; its calls end before it goes."""

    def __init__(self, executor: ActionExecutor) -> None:
        self.executor = executor
        self.calls = 0
        self.is_over = False

    def close_if_over(self) -> None:
        if self.is_over and not self.calls:
            self.executor.close()


def take_fingerprint(folder: Path) -> Fingerprint:
    """What the Python files of a project look like now."""
    return frozenset(_find_files(str(folder)))


def _find_files(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    if any(entry.name == _ENVIRONMENT_SIGN for entry in entries):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _SKIPPED:
            continue
        try:
            if entry.is_dir():
                yield from _find_files(entry.path)
            elif entry.name.endswith(".py"):
                found = entry.stat()
                yield entry.path, found.st_mtime_ns, found.st_size
        except OSError:
            continue  # it went while we looked
