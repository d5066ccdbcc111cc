"""`duologue conversations delete`: conversations are removed for good."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.counted import format_count
from duologue.cli.failure import FAILED, CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.store_access import find_stores, run_with_stores, store_options

if TYPE_CHECKING:
    from duologue.runtime.erasure import ErasureReport
    from duologue.runtime.opened_stores import OpenedStores

MOST_COUNTED = 1000


@click.command("delete", cls=LoggedCommand)
@store_options
@click.argument("conversation_ids", nargs=-1, metavar="[CONVERSATION_ID]...")
@click.option("--user", help="Every conversation whose latest user this is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete_conversations(
    *,
    project: Path | None,
    endpoints: Path | None,
    conversation_ids: tuple[str, ...],
    user: str | None,
    yes: bool,
) -> int:
    """Delete conversations with all that is kept of them. There is no way back.

    Deleting by user looks again until nothing of that user is left. The exit code is 0 if all that was named is gone.
    """
    if (user is None) == (not conversation_ids):
        raise CommandError("Name conversations, or one person with --user.")
    from duologue.core.ids import ConversationId, UserId
    from duologue.runtime.erasure import erase_conversations, erase_user

    access = find_stores(project, None, endpoints)

    async def count(stores: "OpenedStores") -> int:
        if user is None:
            return len(set(conversation_ids))
        return len(await stores.tracker_store.list_conversations(user_id=UserId(user), limit=MOST_COUNTED))

    async def erase(stores: "OpenedStores") -> "ErasureReport":
        if user is None:
            ids = map(ConversationId, conversation_ids)
            return await erase_conversations(stores.tracker_store, stores.lock_store, ids)
        return await erase_user(stores.tracker_store, stores.lock_store, UserId(user))

    if not yes:
        # Asked between two openings: inside the loop of one, Ctrl-C would not reach the question.
        _ask(run_with_stores(access, count), "" if user is None else f" of {user}")
    report = run_with_stores(access, erase)
    click.echo(
        f"{format_count(report.conversations, 'conversation')} with {format_count(report.events, 'event')} deleted."
    )
    for conversation_id in report.not_found:
        click.echo(f"There is no conversation {conversation_id}.", err=True)
    if report.remaining:
        click.echo(
            f"{user} is talking to the assistant right now, in {', '.join(report.remaining)}; delete again later.",
            err=True,
        )
    return 0 if report.is_complete and not report.not_found else FAILED


def _ask(number: int, of_whom: str) -> None:
    if number:
        shown = f"{number:,} or more conversations"
        if number < MOST_COUNTED:
            shown = format_count(number, "conversation")
        click.confirm(f"Delete {shown}{of_whom} for good?", abort=True)
