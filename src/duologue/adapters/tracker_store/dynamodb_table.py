"""The DynamoDB table: made at the first start, with the indexes that listings read."""

import asyncio
from typing import Any

from duologue.adapters.tracker_store.dynamodb_client import DynamodbClient, RequestRefusedError
from duologue.adapters.tracker_store.dynamodb_items import find_number, key, name_fields, number
from duologue.adapters.tracker_store.schema_version import check_schema_version
from duologue.core.errors import StorageUnavailableError

SCHEMA_VERSION = 1
OLDEST_READER = 1

BY_ID = "by_id"
BY_CHANGE = "by_change"
BY_USER = "by_user"
BY_WAKE_TIME = "by_wake_time"
OUTBOX = "outbox"

_SCHEMA_KEY = key("schema", "schema")
_PATIENCE = 120
"""Half-seconds until a new table has to be there."""
_INDEXES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    BY_ID: ("shard", "pk", ()),
    BY_CHANGE: ("shard", "updated_at", ("user_id", "started_at", "event_count")),
    BY_USER: ("user_id", "updated_at", ("started_at", "event_count")),
    BY_WAKE_TIME: ("due_shard", "wake_at", ()),
    OUTBOX: ("outbox_shard", "pk", ()),
}
_NUMBERS = ("updated_at", "wake_at")


async def prepare_table(client: DynamodbClient, where: str) -> None:
    """Make the table if it is not there, and see that this release may use it.

    Raises:
        RequestRefusedError: DynamoDB does not let us.
        StorageUnavailableError: it is not there in time.
        StorageRefusedError: only a newer release may use it.
    """
    if await _find_status(client) is None:
        try:
            await client.request("create_table", **_describe(client.table))
        except RequestRefusedError as refused:
            if refused.code != "ResourceInUseException":  # another process was quicker
                raise
    await _wait_until_active(client, where)
    await _check_version(client, where)


async def _find_status(client: DynamodbClient) -> str | None:
    try:
        answer = await client.request("describe_table", TableName=client.table)
    except RequestRefusedError as refused:
        if refused.code == "ResourceNotFoundException":
            return None
        raise
    return str(answer["Table"]["TableStatus"])


async def _wait_until_active(client: DynamodbClient, where: str) -> None:
    for _ in range(_PATIENCE):
        if await _find_status(client) in ("ACTIVE", "UPDATING"):
            return
        await asyncio.sleep(0.5)
    raise StorageUnavailableError(f"The {where} is being made and not ready yet.")


async def _check_version(client: DynamodbClient, where: str) -> None:
    row = await client.get(_SCHEMA_KEY)
    if row is None:
        names = ("version", SCHEMA_VERSION), ("oldest_reader", OLDEST_READER), ("checks", 0)
        row = {**_SCHEMA_KEY, **{name: number(value) for name, value in names}}
        await client.request("put_item", TableName=client.table, Item=row)
    check_schema_version(
        found=int(find_number(row, "version")),
        oldest_reader=int(find_number(row, "oldest_reader")),
        known=SCHEMA_VERSION,
        where=f"The {where}",
    )


async def touch(client: DynamodbClient) -> None:
    """Change something."""
    await client.request(
        "update_item",
        TableName=client.table,
        Key=_SCHEMA_KEY,
        UpdateExpression="ADD #checks :one",
        ExpressionAttributeNames=name_fields("checks"),
        ExpressionAttributeValues={":one": number(1)},
    )


def _describe(table: str) -> dict[str, Any]:
    names = {"pk", "sk"} | {name for keys in _INDEXES.values() for name in keys[:2]}
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "N" if name in _NUMBERS else "S"}
            for name in sorted(names)
        ],
        "KeySchema": _make_keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": name,
                "KeySchema": _make_keys(partition, sort),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(fields)}
                if fields
                else {"ProjectionType": "KEYS_ONLY"},
            }
            for name, (partition, sort, fields) in _INDEXES.items()
        ],
    }


def _make_keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
