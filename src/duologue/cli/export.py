"""`duologue export`: stored events as messages of the event queue, one a line."""

import contextlib
import sys
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

import click

from duologue.cli.counted import format_count
from duologue.cli.failure import CommandError
from duologue.cli.later_options import ignored_option
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import project_options
from duologue.cli.store_access import StoreAccess, find_stores, read_access, run_with_stores

DEFAULT_LOG = "rasa_event.log"
"""Where an event broker of the type `file` writes if its entry does not say."""


@click.command("export", cls=LoggedCommand)
@project_options
@click.option(
    "--endpoints",
    type=click.Path(path_type=Path),
    help="Names the tracker store and the event broker. [default: endpoints.yml]",
)
@click.option("--conversation-ids", help="Only these conversations, with commas between them.")
@click.option(
    "--minimum-timestamp", type=float, help="Only events at this time or later (seconds since 1970)."
)
@click.option("--maximum-timestamp", type=float, help="Only events before this time.")
@click.option(
    "--offset-timestamps-by-seconds", type=int, default=0, help="Add this to the time of each event."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write; - is the terminal. [default: the event broker's file, else the terminal]",
)
@ignored_option("-d", "--domain", why="Events are exported as they are stored.")
def export_events(  # one parameter for each option, as click hands them over
    *,
    project: Path | None,
    project_option: Path | None,
    endpoints: Path | None,
    conversation_ids: str | None,
    minimum_timestamp: float | None,
    maximum_timestamp: float | None,
    offset_timestamps_by_seconds: int,
    out: Path | None,
) -> None:
    """Write the stored events of PROJECT as messages of the event queue: JSON lines with `sender_id` and `user_id`.

    Conversation follows conversation, each in its order. A file that is named by --out is written anew; to the file
    of an event broker the events are added.
    """
    if (
        minimum_timestamp is not None
        and maximum_timestamp is not None
        and minimum_timestamp >= maximum_timestamp
    ):
        raise CommandError("No time is at or after --minimum-timestamp and before --maximum-timestamp.")
    from duologue.core.ids import ConversationId
    from duologue.runtime.exporting import ExportRange, export_messages
    from duologue.runtime.opened_stores import OpenedStores
    from duologue.wire.encoding import encode_json

    access = find_stores(project, project_option, endpoints)
    ids = [name.strip() for name in (conversation_ids or "").split(",") if name.strip()]
    chosen = ExportRange(
        conversation_ids=tuple(ConversationId(name) for name in dict.fromkeys(ids)),
        since=minimum_timestamp,
        until=maximum_timestamp,
        offset=offset_timestamps_by_seconds,
    )
    broker_file = None if out is not None else _find_broker_file(access)

    async def write(stores: OpenedStores) -> tuple[int, int]:
        number, conversations, latest = 0, 0, None
        with _open_output(out, broker_file) as file:
            async for message in export_messages(stores.tracker_store, chosen):
                file.write(encode_json(message) + b"\n")
                number += 1
                conversations += message["sender_id"] != latest
                latest = message["sender_id"]
        return number, conversations

    number, conversations = run_with_stores(access, write)
    target = broker_file or (out if out != Path("-") else None)
    place = f" to {target}" if target else ""
    click.echo(
        f"{format_count(number, 'event')} of {format_count(conversations, 'conversation')} written{place}.",
        err=True,
    )


def _find_broker_file(access: StoreAccess) -> Path | None:
    """The file of the event broker that the endpoints name; None if they name no broker.

    Raises:
        CommandError: they name one of another kind.
    """
    broker = read_access(access)[0].event_broker
    if broker is None:
        return None
    if (broker.type or "").casefold() != "file":
        raise CommandError(
            f"Exporting to an event broker of the type `{broker.type}` is not supported yet; write the events to a"
            " file with --out."
        )
    return access.folder / str(broker.options.get("path") or DEFAULT_LOG)


@contextlib.contextmanager
def _open_output(out: Path | None, broker_file: Path | None) -> Generator[BinaryIO]:
    if broker_file is not None:
        with broker_file.open("ab") as file:
            yield file
    elif out is None or out == Path("-"):
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with out.open("wb") as file:
            yield file
