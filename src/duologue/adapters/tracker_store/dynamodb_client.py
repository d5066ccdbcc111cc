"""Requests to DynamoDB, and their failures in one sentence."""

import asyncio
import random
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Any

from duologue.adapters.tracker_store.dynamodb_items import Item, name_fields
from duologue.adapters.tracker_store.dynamodb_options import DynamodbOptions
from duologue.core.errors import StorageRefusedError, StorageUnavailableError

REQUEST_TIMEOUT = 8.0
"""Seconds a request may take, with all that is tried again."""
ATTEMPTS = 8
_MOST_CONNECTIONS = 100
_REQUEST_SIZE = 750_000
"""Bytes before they become text, which is a third longer."""
_CREDENTIAL_CODES = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
_ACTIONS = (
    "BatchGetItem, BatchWriteItem, ConditionCheckItem, CreateTable, DeleteItem, DescribeTable, GetItem, PutItem, Query "
    "and UpdateItem"
)


class RequestRefusedError(Exception):
    """DynamoDB answered and did not do it."""

    def __init__(self, response: Any) -> None:  # Any: the SDK is not typed
        error = response.get("Error", {})
        self.code = str(error.get("Code", ""))
        self.said = str(error.get("Message", ""))
        self.item: Item | None = response.get("Item")
        """What stands there, where a condition was not met."""
        self.reasons: Sequence[Any] = response.get("CancellationReasons", ())
        """One for each part of a transaction."""
        super().__init__(f"{self.code}: {self.said}")


class DynamodbClient:
    """Speaks to one table; made by `open_client`."""

    def __init__(self, client: Any, options: DynamodbOptions) -> None:
        self._client = client  # Any: the SDK is not typed
        self._where = options.where
        self.table = options.table

    async def close(self) -> None:
        await self._client.__aexit__(None, None, None)

    async def request(self, operation: str, **arguments: Any) -> Any:  # Any: JSON
        """What DynamoDB answers.

        Raises:
            RequestRefusedError: it answers that it did not do it, because of what is stored or asked.
            StorageUnavailableError: it cannot do it now.
        """
        from aiohttp import ClientError as ConnectionFailure
        from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                return await getattr(self._client, operation)(**arguments)
        except ClientError as error:
            response: Any = error.response
            raise RequestRefusedError(response) from error
        except TimeoutError as error:
            raise StorageUnavailableError(f"The {self._where} does not answer in time.") from error
        except (BotoCoreError, ConnectionFailure, OSError) as error:
            if refusal := _explain_credentials(error, self._where):
                raise refusal from error
            raise StorageUnavailableError(
                f"The {self._where} cannot be reached: {str(error).rstrip('.')[:200]}."
            ) from error

    async def get(self, key: Item, *, fields: str | None = None) -> Item | None:
        """The item with that key as of the latest write; only some of its fields if they are named."""
        chosen = {} if fields is None else choose_fields(fields)
        answer = await self.request("get_item", TableName=self.table, Key=key, ConsistentRead=True, **chosen)
        return answer.get("Item")

    async def get_many(self, keys: Sequence[Item], fields: str | None = None) -> list[Item]:
        """The items with those keys, as far as there are any, in any order."""
        chosen = {"ConsistentRead": True, **({} if fields is None else choose_fields(fields))}
        found: list[Item] = []
        for start in range(0, len(keys), 100):
            waiting: Any = {self.table: {"Keys": list(keys[start : start + 100]), **chosen}}
            for attempt in range(ATTEMPTS):
                answer = await self.request("batch_get_item", RequestItems=waiting)
                found += answer["Responses"].get(self.table, [])
                waiting = answer.get("UnprocessedKeys")
                if not waiting:
                    break
                await self.wait(attempt)
            else:
                raise self.give_up()
        return found

    async def query(self, **arguments: Any) -> AsyncGenerator[Item]:
        """Items in the order of their keys, page after page."""
        while True:
            answer = await self.request("query", TableName=self.table, **arguments)
            for item in answer["Items"]:
                yield item
            if not answer.get("LastEvaluatedKey"):
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def write_many(self, *, put: Sequence[Item] = (), delete: Sequence[Item] = ()) -> None:
        """Write items and remove others by their keys, one by one: not all or none."""
        requests: list[Any] = [{"PutRequest": {"Item": item}} for item in put]
        requests += [{"DeleteRequest": {"Key": key}} for key in delete]
        for group in _group(requests):
            waiting: Any = {self.table: group}
            for attempt in range(ATTEMPTS):
                answer = await self.request("batch_write_item", RequestItems=waiting)
                waiting = answer.get("UnprocessedItems")
                if not waiting:
                    break
                await self.wait(attempt)
            else:
                raise self.give_up()

    async def wait(self, attempt: int) -> None:
        """Let others go first, longer each time."""
        await asyncio.sleep(random.uniform(0.2, 1.0) * min(0.02 * 2**attempt, 0.5))

    def give_up(self) -> StorageUnavailableError:
        """For what did not succeed however often it was tried."""
        return StorageUnavailableError(f"The {self._where} is too busy.")

    def explain(self, refused: RequestRefusedError) -> StorageUnavailableError:
        """A refusal that nobody expected."""
        if refused.code in _THROTTLED:
            return StorageUnavailableError(f"The {self._where} takes no more requests just now.")
        if refused.code == "ResourceNotFoundException":
            return StorageUnavailableError(f"The {self._where} is not there any more.")
        return StorageUnavailableError(f"The {self._where} failed: {str(refused)[:300].rstrip('.')}.")

    def explain_refusal(self, refused: RequestRefusedError) -> StorageRefusedError | None:
        """Why DynamoDB does not take us; None if that may pass."""
        if refused.code in _CREDENTIAL_CODES:
            return StorageRefusedError(
                f"The {self._where} refuses the credentials of AWS ({refused.code}); check AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the role of this machine."
            )
        if refused.code == "AccessDeniedException":
            return StorageRefusedError(
                f"The {self._where} does not let this identity in; allow it {_ACTIONS} on the table and its indexes."
            )
        return None


def _group(requests: Sequence[Any]) -> Generator[list[Any]]:
    """Groups that one request takes: 25, and so small that sending them holds nobody up."""
    group: list[Any] = []
    size = 0
    for request in requests:
        weight = len(request.get("PutRequest", {}).get("Item", {}).get("data", {}).get("B", b"")) + 2_000
        if group and (len(group) == 25 or size + weight > _REQUEST_SIZE):
            yield group
            group, size = [], 0
        group.append(request)
        size += weight
    if group:
        yield group


def choose_fields(fields: str) -> dict[str, Any]:
    """The arguments that have only some fields answered."""
    names = name_fields(fields)
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def _explain_credentials(error: Exception, where: str) -> StorageRefusedError | None:
    from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    if not isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound):
        return None
    return StorageRefusedError(
        f"There are no credentials of AWS for the {where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give "
        "this machine a role."
    )


async def open_client(options: DynamodbOptions) -> DynamodbClient:
    """A client; it connects at its first request.

    Raises:
        StorageRefusedError: the options do not make an address.
    """
    from aiobotocore.config import AioConfig  # pyright: ignore[reportMissingTypeStubs]
    from aiobotocore.session import AioSession  # pyright: ignore[reportMissingTypeStubs]
    from botocore.exceptions import BotoCoreError  # pyright: ignore[reportMissingTypeStubs]

    session: Any = AioSession()
    loader = session.get_component("data_loader")
    # The descriptions are large files; nobody shall wait for the event loop meanwhile.
    await asyncio.to_thread(loader.load_service_model, "dynamodb", "service-2")
    config = AioConfig(
        connect_timeout=3,
        read_timeout=5,
        max_pool_connections=_MOST_CONNECTIONS,
        retries={"total_max_attempts": 3, "mode": "standard"},
        # Both take the SDK longer than the rest of a request.
        parameter_validation=False,
        user_agent="duologue",
    )
    try:
        opening = session.create_client(
            "dynamodb", region_name=options.region, endpoint_url=options.endpoint_url, config=config
        )
        return DynamodbClient(await opening.__aenter__(), options)
    except (BotoCoreError, ValueError) as error:
        if refusal := _explain_credentials(error, options.where):
            raise refusal from error
        raise StorageRefusedError(
            f"The {options.where} cannot be addressed: {str(error).rstrip('.')[:200]}; mend `region` in endpoints.yml."
        ) from error
