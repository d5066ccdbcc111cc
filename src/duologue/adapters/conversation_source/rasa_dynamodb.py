"""Conversations that a Rasa project keeps in DynamoDB: one item each, with its events in it."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from duologue.core.errors import AdapterError
from duologue.ports.conversation_source import ConversationSource, SourceConversation, SourcePage, UnreadEntry
from duologue.wire.members import is_list, is_object


class DynamodbPlace(msgspec.Struct, frozen=True, kw_only=True):
    """The table of a Rasa project; credentials are found as the AWS tools find them."""

    table_name: str = "states"
    region: str = "us-east-1"
    endpoint_url: str | None = None
    """Of a server that is not Amazon's."""


class RasaDynamodbSource:
    """Scans the table; the cursor is the id that the page before ended with."""

    def __init__(self, place: DynamodbPlace) -> None:
        self._place = place
        self._stack = AsyncExitStack()
        self._client: Any = None  # `Any`: the client's methods are made at run time

    async def count(self) -> int | None:
        table = await self._ask("describe_table", TableName=self._place.table_name)
        return int(table["Table"].get("ItemCount", 0)) or None

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        start = {} if after is None else {"ExclusiveStartKey": {"sender_id": {"S": after}}}
        found = await self._ask(
            "scan", TableName=self._place.table_name, Limit=limit, ConsistentRead=True, **start
        )
        read = [_read_item(item) for item in found.get("Items", ())]
        last = found.get("LastEvaluatedKey")
        return SourcePage(
            conversations=tuple(entry for entry in read if isinstance(entry, SourceConversation)),
            unread=tuple(entry for entry in read if isinstance(entry, UnreadEntry)),
            next_cursor=last["sender_id"]["S"] if last else None,
        )

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    async def _ask(self, operation: str, **parameters: Any) -> Any:
        from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
            BotoCoreError,
            ClientError,
            HTTPClientError,
        )

        try:
            client = self._client or await self._connect()
            return await getattr(client, operation)(**parameters)
        except (BotoCoreError, ClientError, OSError) as error:
            raise AdapterError(
                f"The conversations in the table {self._place.table_name} cannot be read: {error}.",
                port="conversation_source",
                is_retryable=isinstance(error, HTTPClientError | OSError),
            ) from error

    async def _connect(self) -> Any:
        from aiobotocore.config import AioConfig  # pyright: ignore[reportMissingTypeStubs]
        from aiobotocore.session import AioSession  # pyright: ignore[reportMissingTypeStubs]

        place = self._place
        config = AioConfig(
            connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 5}
        )
        session: Any = AioSession()
        client = session.create_client(
            "dynamodb", region_name=place.region, endpoint_url=place.endpoint_url, config=config
        )
        self._client = await self._stack.enter_async_context(client)
        return self._client


def _read_item(item: Mapping[str, Any]) -> SourceConversation | UnreadEntry:
    stored = {name: _decode(value) for name, value in item.items()}
    events, user_id = stored.get("events"), stored.get("user_id")
    if not is_list(events):
        return UnreadEntry(name=str(stored.get("sender_id")), reason="It has no list of events.")
    return SourceConversation(
        conversation_id=str(stored["sender_id"]),
        user_id=user_id if isinstance(user_id, str) and user_id else None,
        events=tuple(events),
    )


def _decode(attribute: Mapping[str, Any]) -> object:
    """The value of an attribute, such as `{"N": "1.5"}`. A number without a fraction is whole."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return _decode_number(value)
        case "M":
            return {name: _decode(item) for name, item in value.items()} if is_object(value) else {}
        case "L":
            return [_decode(item) for item in value]
        case "NULL":
            return None
        case "NS":
            return [_decode_number(item) for item in value]
        case "SS":
            return list(value)
        case "S" | "BOOL":
            return value
        case _:
            return str(value)


def _decode_number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def open_source(place: DynamodbPlace) -> ConversationSource:
    """The conversations in a table of DynamoDB."""
    return RasaDynamodbSource(place)
