"""`duologue import-conversations`: what users said to another platform goes on here."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.failure import FAILED
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options
from duologue.cli.store_access import StoreAccess, find_stores, read_access, run_until_done

if TYPE_CHECKING:
    from duologue.ports.conversation_source import ConversationSource
    from duologue.runtime.importing import Import, ImportCount

SHOWN = 5
"""How many conversations that were left alone are named on the terminal."""
INTERRUPTED = 130


@click.command("import-conversations", cls=LoggedCommand)
@project_options
@click.option(
    "--from",
    "source",
    required=True,
    help="The endpoints.yml of the old project, a SQLite file, a file of events (JSON lines), or an address.",
)
@click.option(
    "--endpoints",
    type=click.Path(path_type=Path),
    help="Names the store to carry them into. [default: endpoints.yml]",
)
@click.option("--dry-run", is_flag=True, help="Read and compare everything, and change nothing.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the counts and every conversation that was left alone to this file (JSON).",
)
def import_conversations(
    *,
    project: Path | None,
    project_option: Path | None,
    source: str,
    endpoints: Path | None,
    dry_run: bool,
    report: Path | None,
) -> int:
    """Carry the conversations of a Rasa project over into the tracker store of PROJECT.

    The source is only read. The command can be run again at any time: it goes on where it was, and carries over what
    has come since. The exit code is 0 if everything came across.
    """
    access = find_stores(project, project_option, endpoints)
    work = _Work(access, source, is_dry_run=dry_run)
    is_interrupted = False
    try:
        run_until_done(work.run())
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        if work.running is not None:
            _tell(work.running.count)
            if report is not None:
                _write_report(work.running.count, report)
    if is_interrupted:
        click.echo("Interrupted; run it again to go on.", err=True)
        return INTERRUPTED
    return 0 if work.running is not None and work.running.count.is_complete else FAILED


class _Work:
    """One run; `running` tells how far it came, however it ends."""

    def __init__(self, access: StoreAccess, source: str, *, is_dry_run: bool) -> None:
        self._access = access
        self._source = source
        self._is_dry_run = is_dry_run
        self.running: Import | None = None

    async def run(self) -> None:
        from duologue.cli.progress_bar import show_progress_bar
        from duologue.runtime.conversation_sources import open_source
        from duologue.runtime.importing import Import
        from duologue.runtime.opened_stores import open_stores

        endpoints, settings = read_access(self._access)
        source = open_source(self._source, settings)
        try:
            async with open_stores(self._access.folder, endpoints, settings) as stores:
                with show_progress_bar("Carrying over", await _count(source)) as advance:
                    self.running = Import(
                        source,
                        stores.tracker_store,
                        is_dry_run=self._is_dry_run,
                        on_progress=lambda count: advance(count.conversations_read),
                    )
                    await self.running.run()
        finally:
            await source.close()


async def _count(source: "ConversationSource") -> int | None:
    """How many there are, for the bar; without one the question would only cost time."""
    from duologue.core.errors import AdapterError

    try:
        return await source.count() if sys.stderr.isatty() else None
    except AdapterError:
        return None


def _tell(count: "ImportCount") -> None:
    carried = "would be carried over" if count.is_dry_run else "carried over"
    click.echo(
        f"Conversations: {count.conversations_read:,} read, {count.conversations_carried:,} {carried},"
        f" {count.conversations_there:,} already there, {len(count.left_alone):,} left alone."
    )
    click.echo(
        f"Events: {count.events_read:,} read, {count.events_carried:,} {carried}, {count.events_there:,} already there."
    )
    if count.dropped_message_ids:
        click.echo(
            f"{count.dropped_message_ids:,} messages came without their id, because one before them has the same."
        )
    if count.unreadable_events:
        shown = ", ".join(count.with_unreadable_events[:SHOWN])
        click.echo(
            f"{count.unreadable_events:,} events could not be read and are kept as they are, in {shown}."
        )
    if count.left_alone:
        click.echo("Left alone:")
        for left in count.left_alone[:SHOWN]:
            click.echo(f"  {left.conversation_id}: {left.reason}")
        if (more := len(count.left_alone) - SHOWN) > 0:
            click.echo(f"  and {more:,} more; --report FILE names them all")
    if not count.is_finished:
        click.echo("The source was not read to its end.")


def _write_report(count: "ImportCount", path: Path) -> None:
    import msgspec

    path.write_bytes(msgspec.json.format(msgspec.json.encode(count), indent=2) + b"\n")
    click.echo(f"Written to {path}.")
