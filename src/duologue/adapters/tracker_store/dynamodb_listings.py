"""Listings of conversations in DynamoDB, read from its indexes, which follow the table within moments."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote, unquote

from duologue.adapters.tracker_store import dynamodb_items as items
from duologue.adapters.tracker_store import dynamodb_table as table
from duologue.adapters.tracker_store.dynamodb_client import DynamodbClient
from duologue.adapters.tracker_store.dynamodb_items import Item
from duologue.core.ids import ConversationId, UserId
from duologue.ports.tracker_store import ConversationPage, ConversationSummary, UnpublishedEvents

_SUMMARY_FIELDS = "pk user_id started_at updated_at event_count"


class DynamodbListings:
    """Reads the indexes of one table."""

    def __init__(self, client: DynamodbClient) -> None:
        self._client = client

    async def list_conversations(
        self, user_id: UserId | None, limit: int, offset: int
    ) -> list[ConversationSummary]:
        """The most recently changed first."""
        if user_id == "":  # no key of an index may be empty, and no user is
            return []
        if user_id is not None:
            found = await self._query(table.BY_USER, "user_id", user_id, limit + offset, newest_first=True)
        else:
            found = await self._query_shards(table.BY_CHANGE, "shard", "", limit + offset, newest_first=True)
        found.sort(key=lambda item: items.find_number(item, "updated_at"), reverse=True)
        return [items.parse_summary(item) for item in found[offset : offset + limit]]

    async def scan(
        self, cursor: str | None, limit: int, since: float | None, until: float | None
    ) -> ConversationPage:
        """A page of all conversations, shard after shard, in the order of their ids."""
        shard_text, _, last = (cursor or "0:").partition(":")
        shard, last = int(shard_text), unquote(last)
        found: list[Item] = []
        while shard < items.SHARDS and len(found) < limit:
            wanted = limit - len(found)
            page = await self._query(table.BY_ID, "shard", str(shard), wanted, after=last or "c")
            found += page
            if len(page) < wanted:
                shard, last = shard + 1, ""
            else:
                last = page[-1]["pk"]["S"]
        stored = await self._client.get_many([items.get_key(item) for item in found], _SUMMARY_FIELDS)
        summaries = [items.parse_summary(item) for item in sorted(stored, key=_get_partition)]
        return ConversationPage(
            conversations=tuple(
                summary
                for summary in summaries
                if (since is None or summary.updated_at >= since)
                and (until is None or summary.started_at < until)
            ),
            next_cursor=None if shard >= items.SHARDS else f"{shard}:{quote(last, safe='')}",
        )

    async def list_due(self, now: float, limit: int) -> list[ConversationId]:
        """The earliest first."""
        found = await self._query_shards(table.BY_WAKE_TIME, "due_shard", "", limit, until=now)
        found.sort(key=lambda item: items.find_number(item, "wake_at"))
        return [items.get_conversation_id(item) for item in found[:limit]]

    async def list_unpublished(self, limit: int) -> list[UnpublishedEvents]:
        """In the order of their ids."""
        found = await self._query_shards(table.OUTBOX, "outbox_shard", "out#", limit)
        chosen = sorted(found, key=_get_partition)[:limit]
        # The index may be behind, so what it names is looked at.
        heads = await self._client.get_many(
            [items.get_key(item) for item in chosen], "pk published event_count"
        )
        return [
            UnpublishedEvents(
                conversation_id=items.get_conversation_id(head),
                start=int(items.find_number(head, "published")),
                stop=items.find_length(head),
            )
            for head in sorted(heads, key=_get_partition)
            if "published" in head and items.find_number(head, "published") < items.find_length(head)
        ]

    async def _query_shards(
        self,
        index: str,
        field: str,
        prefix: str,
        limit: int,
        *,
        newest_first: bool = False,
        until: float | None = None,
    ) -> list[Item]:
        pages: Sequence[list[Item]] = await asyncio.gather(
            *(
                self._query(index, field, f"{prefix}{shard}", limit, newest_first=newest_first, until=until)
                for shard in range(items.SHARDS)
            )
        )
        return [item for page in pages for item in page]

    async def _query(
        self,
        index: str,
        field: str,
        value: str,
        limit: int,
        *,
        newest_first: bool = False,
        until: float | None = None,
        after: str | None = None,
    ) -> list[Item]:
        condition, names = f"#{field} = :value", field
        values: Item = {":value": {"S": value}}
        if until is not None:
            condition, names = f"{condition} AND #wake_at <= :until", f"{names} wake_at"
            values[":until"] = items.number(until)
        if after is not None:
            condition, names = f"{condition} AND #pk > :after", f"{names} pk"
            values[":after"] = {"S": after}
        found: list[Item] = []
        pages = self._client.query(
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=items.name_fields(names),
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            Limit=limit,
        )
        async for item in pages:
            found.append(item)
            if len(found) == limit:
                break
        return found


def _get_partition(item: Item) -> str:
    return item["pk"]["S"]
