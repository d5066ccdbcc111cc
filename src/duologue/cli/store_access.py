"""The stores that a command on conversations works with, and the options that name them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from duologue.cli.chosen_assistant import ENDPOINTS_NAMES, choose_assistant, find_file, require_file
from duologue.cli.project_folder import choose_folder

if TYPE_CHECKING:
    from duologue.project.endpoints import Endpoints
    from duologue.runtime.opened_stores import OpenedStores
    from duologue.runtime.settings import Settings

C = TypeVar("C", bound=Callable[..., object])
Result = TypeVar("Result")


class StoreAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Which project's stores are meant."""

    folder: Path
    endpoints: Path | None


def store_options(command: C) -> C:
    """Adds `--project` and `--endpoints`."""
    for option in (
        click.option(
            "--endpoints",
            type=click.Path(path_type=Path),
            help="Names the tracker store. [default: endpoints.yml]",
        ),
        click.option(
            "--project",
            type=click.Path(path_type=Path),
            help="The assistant's folder, if not the current one.",
        ),
    ):
        command = option(command)
    return command


def find_stores(project: Path | None, project_option: Path | None, endpoints: Path | None) -> StoreAccess:
    """The stores of a project; an endpoints file alone is enough, since conversations need no assistant.

    Raises:
        CommandError: there is neither an assistant nor an endpoints file.
    """
    folder = choose_folder(project, project_option).absolute()
    named = require_file(endpoints, "--endpoints") or find_file(folder, ENDPOINTS_NAMES)
    if named is not None:
        return StoreAccess(folder=folder, endpoints=named)
    chosen = choose_assistant(project, project_option, None, None)
    return StoreAccess(folder=chosen.folder, endpoints=chosen.endpoints)


def read_access(access: StoreAccess) -> "tuple[Endpoints, Settings]":
    """What the endpoints and the environment say."""
    from duologue.runtime.opened_stores import read_project_endpoints
    from duologue.runtime.settings import Settings

    settings = Settings.from_environment()
    return read_project_endpoints(access.folder, access.endpoints, settings), settings


def run_with_stores(access: StoreAccess, work: "Callable[[OpenedStores], Awaitable[Result]]") -> Result:
    """Open the stores, do the work, close them."""
    endpoints, settings = read_access(access)

    async def do() -> Result:
        from duologue.runtime.opened_stores import open_stores

        async with open_stores(access.folder, endpoints, settings) as stores:
            return await work(stores)

    return run_until_done(do())


def run_until_done(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a loop of its own; Ctrl-C cancels it, and it may tidy up before KeyboardInterrupt is raised."""
    return asyncio.run(work)
