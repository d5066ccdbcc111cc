"""`duologue conversations list`, `show` and `export`: look at what is stored, or hand it out."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from duologue.cli.counted import format_count
from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.store_access import find_stores, run_with_stores, store_options

if TYPE_CHECKING:
    from duologue.core.values import OpenData
    from duologue.ports.tracker_store import ConversationSummary
    from duologue.runtime.opened_stores import OpenedStores


@click.command("list", cls=LoggedCommand)
@store_options
@click.option("--user", help="Only those whose latest user this is.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON lines, for programs.")
def list_conversations(
    *, project: Path | None, endpoints: Path | None, user: str | None, limit: int, as_json: bool
) -> None:
    """List conversations, the most recently changed first."""
    from duologue.core.ids import UserId

    async def read(stores: "OpenedStores") -> "Sequence[ConversationSummary]":
        return await stores.tracker_store.list_conversations(
            user_id=None if user is None else UserId(user), limit=limit
        )

    found = run_with_stores(find_stores(project, None, endpoints), read)
    if as_json:
        import msgspec

        for summary in found:
            click.echo(msgspec.json.encode(summary))
    elif found:
        _show_table(found)
    else:
        click.echo(
            "There are no conversations." if user is None else f"There are no conversations of {user}."
        )


@click.command("show", cls=LoggedCommand)
@store_options
@click.argument("conversation_id")
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
def show_conversation(
    *, project: Path | None, endpoints: Path | None, conversation_id: str, as_json: bool
) -> None:
    """Show what was said in the conversation CONVERSATION_ID, and what was noted beside it."""
    from duologue.core.ids import ConversationId
    from duologue.runtime.exporting import describe_conversation

    async def read(stores: "OpenedStores") -> "OpenData | None":
        return await describe_conversation(stores.tracker_store, ConversationId(conversation_id))

    found = run_with_stores(find_stores(project, None, endpoints), read)
    if found is None:
        raise CommandError(f"There is no conversation {conversation_id}.")
    if as_json:
        click.echo(_to_text(found))
    else:
        _show(found)


@click.command("export", cls=LoggedCommand)
@store_options
@click.option("--user", help="All conversations whose latest user this is.")
@click.option("--conversation", "conversation_ids", multiple=True, help="This one. May be repeated.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
def export_person(
    *,
    project: Path | None,
    endpoints: Path | None,
    user: str | None,
    conversation_ids: tuple[str, ...],
    out: Path,
) -> None:
    """Write all that is kept of one person into one file that can be read, for a request of that person."""
    if (user is None) == (not conversation_ids):
        raise CommandError("Name one person with --user, or conversations with --conversation.")
    from duologue.core.ids import ConversationId, UserId
    from duologue.runtime.exporting import describe_conversation, describe_user

    async def read(stores: "OpenedStores") -> "list[OpenData]":
        if user is not None:
            return await describe_user(stores.tracker_store, UserId(user))
        named = [
            (name, await describe_conversation(stores.tracker_store, ConversationId(name)))
            for name in dict.fromkeys(conversation_ids)
        ]
        missing = [name for name, found in named if found is None]
        if missing:
            raise CommandError(f"There is no conversation {missing[0]}.")
        return [found for _, found in named if found is not None]

    found = run_with_stores(find_stores(project, None, endpoints), read)
    if not found:
        raise CommandError(f"There are no conversations of {user}.")
    content = {
        "user_id": user,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "conversations": found,
    }
    out.write_text(_to_text(content) + "\n", encoding="utf-8")
    events = sum(len(one["events"]) for one in found)
    click.echo(
        f"{format_count(len(found), 'conversation')} with {format_count(events, 'event')} written to {out}."
    )


def _to_text(value: Any) -> str:  # any JSON value
    from duologue.wire.encoding import encode_json

    # Through our own encoder first: it mends what is no JSON.
    return json.dumps(json.loads(encode_json(value)), indent=2, ensure_ascii=False)


def _show_table(found: "Sequence[ConversationSummary]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("conversation", "user", "began", "last event", "events", box=None, pad_edge=False)
    for summary in found:
        table.add_row(
            _plain(summary.conversation_id),
            _plain(summary.user_id or "-"),
            _tell_time(summary.started_at),
            _tell_time(summary.updated_at),
            str(summary.length),
        )
    console = Console(highlight=False, markup=False)
    # In a pipe nothing is cut to the width of a terminal that is not there.
    console.print(table, soft_wrap=not console.is_terminal, crop=console.is_terminal)


def _show(found: "OpenData") -> None:
    click.echo(f"Conversation {_plain(found['conversation_id'])}")
    for name, label in (
        ("user_id", "User"),
        ("channel", "Channel"),
        ("started_at", "Began"),
        ("last_event_at", "Last event"),
    ):
        if found[name]:
            click.echo(f"{label}: {_plain(str(found[name]))}")
    if found["slots"]:
        click.echo("Slots:")
        for name, value in found["slots"].items():
            click.echo(f"  {name}: {json.dumps(value, ensure_ascii=False)}")
    click.echo()
    for event in found["events"]:
        line = _describe(event)
        if line is not None:
            click.echo(f"{_tell_time(event['timestamp'] or 0.0)}  {line}")


def _describe(event: "OpenData") -> str | None:
    match event["event"]:
        case "user":
            return f"user: {_plain(event['text'] or '')}"
        case "bot":
            return f"assistant: {_plain(event['text'] or json.dumps(event['data'], ensure_ascii=False))}"
        case "agent":
            return f"agent: {_plain(event['text'] or '')}"
        case "slot":
            return f"  {event['name']} = {json.dumps(event['value'], ensure_ascii=False)}"
        case "action":
            return None if event["name"] == "action_listen" else f"  {event['name']}"
        case "stack":
            return None
        case other:
            about = event.get("flow_id") or event.get("name") or ""
            return f"  {other} {about}".rstrip()


def _plain(text: str) -> str:
    """The text without what would move the cursor of a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text.replace("\n", " "))


def _tell_time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S") if seconds else "-"
    except (ValueError, OverflowError, OSError):
        return "-"
