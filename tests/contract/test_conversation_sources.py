"""Every source gives the conversations of a Rasa project, from real servers that are filled as Rasa fills them."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis import Redis, RedisCluster

from duologue.adapters.conversation_source import rasa_dynamodb, rasa_mongodb, rasa_redis, sql_readers
from duologue.adapters.conversation_source.json_lines import open_file
from duologue.adapters.tracker_store.memory import InMemoryTrackerStore
from duologue.core.errors import AdapterError, DuologueError
from duologue.core.ids import ConversationId
from duologue.ports.conversation_source import ConversationSource, SourceConversation
from duologue.runtime.conversation_sources import open_source
from duologue.runtime.importing import Import
from duologue.runtime.settings import Settings
from duologue.runtime.stored_states import load_state
from tests.peers.mariadb import share_server
from tests.peers.moto_server import aws_credentials, moto_url, name_table  # noqa: F401 fixtures
from tests.peers.postgresql import PostgresqlPeer
from tests.peers.secantus import mongodb_url, name_database  # noqa: F401 fixture
from tests.peers.valkey import ValkeyCluster, ValkeyPeer, ValkeySentinel
from tests.rasa_conversations import (
    CREATE_EVENTS,
    CREATE_INDEX,
    CREATE_USERS,
    RasaEvent,
    list_rows,
    tell_conversation,
    write_json_lines,
    write_sqlite,
)

ODD_IDS = ("Ada", "ada", "ada ", "é", "e\u0301", "日本", "a:b:c", "a/b%20c", "'; --", "\\", "x" * 255)
TOLD: dict[str, list[RasaEvent]] = {name: tell_conversation(name, turns=2) for name in ODD_IDS}
TOLD |= {f"c{number}": tell_conversation(f"c{number}") for number in range(12)}
TOLD["empty text"] = [{**tell_conversation("x")[3], "text": "", "message_id": "😀"}]
USERS = {"Ada": "user-1", "c7": "user-2"}
_numbers = count()


class ConversationSourceContract:
    """What every source does."""

    @pytest.fixture
    def source(self) -> ConversationSource:
        raise AssertionError("A source has a fixture that fills it.")

    @pytest.mark.parametrize("limit", [1, 4, 1000])
    async def test_it_gives_each_conversation_whole_whatever_the_size_of_a_page(
        self, source: ConversationSource, limit: int
    ) -> None:
        found = await read_all(source, limit=limit)
        assert {one.conversation_id: list(one.events) for one in found} == TOLD
        assert len(found) == len(TOLD)

    async def test_it_knows_whose_a_conversation_is(self, source: ConversationSource) -> None:
        users = {one.conversation_id: one.user_id for one in await read_all(source) if one.user_id}
        assert users == USERS

    async def test_it_counts_them_or_says_that_it_cannot(self, source: ConversationSource) -> None:
        assert await source.count() in (len(TOLD), None)

    async def test_everything_comes_across_once(self, source: ConversationSource) -> None:
        store = InMemoryTrackerStore()
        first = await Import(source, store).run()
        assert first.is_complete
        assert (first.conversations_carried, first.events_carried) == (
            len(TOLD),
            sum(len(events) for events in TOLD.values()),
        )
        second = await Import(source, store).run()
        assert (second.conversations_there, second.events_carried) == (len(TOLD), 0)
        state = await load_state(store, ConversationId("Ada"))
        assert state is not None
        assert (state.turns, state.slots, state.user_id) == (2, {"amount": 1}, "user-1")


async def read_all(source: ConversationSource, *, limit: int = 10) -> list[SourceConversation]:
    found: list[SourceConversation] = []
    after: str | None = None
    while True:
        page = await source.read(after=after, limit=limit)
        assert page.unread == ()
        found += page.conversations
        if page.next_cursor is None:
            return found
        after = page.next_cursor


def wrap(sender_id: str) -> dict[str, Any]:
    """The JSON that Rasa keeps of a conversation as a whole."""
    whole: dict[str, Any] = {"name": sender_id, "events": TOLD[sender_id]}
    return {**whole, "user_id": USERS[sender_id]} if sender_id in USERS else whole


class TestSqlite(ConversationSourceContract):
    @pytest.fixture
    async def source(self, tmp_path: Path) -> AsyncIterator[ConversationSource]:
        source = sql_readers.open_sqlite(write_sqlite(tmp_path / "rasa.db", TOLD, USERS))
        yield source
        await source.close()


class TestJsonLines(ConversationSourceContract):
    @pytest.fixture
    async def source(self, tmp_path: Path) -> AsyncIterator[ConversationSource]:
        # A message names the user beside its event; the events themselves are compared without.
        path = write_json_lines(tmp_path / "events.jsonl", TOLD)
        with path.open("a", encoding="utf-8") as file:
            for sender_id, user_id in USERS.items():
                last = TOLD[sender_id].pop()
                file.write(json.dumps({**last, "sender_id": sender_id, "user_id": user_id}) + "\n")
                TOLD[sender_id] += [last, last]
        source = open_file(path)
        yield source
        await source.close()
        for sender_id in USERS:
            TOLD[sender_id].pop()


class TestPostgresql(ConversationSourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def peer(cls) -> Iterator[PostgresqlPeer]:
        with PostgresqlPeer() as peer:
            yield peer

    @pytest.fixture(params=["public", "Old Rasa"])
    async def source(
        self, peer: PostgresqlPeer, request: pytest.FixtureRequest
    ) -> AsyncIterator[ConversationSource]:
        schema = request.param
        name = f"rasa_{next(_numbers)}"
        url = peer.create_database(name)
        await self.fill(url, schema)
        server = sql_readers.SqlServer(
            host=peer.host, port=peer.port, username="postgres", database=name, schema=schema
        )
        source = sql_readers.open_server("postgresql", server)
        yield source
        await source.close()

    async def fill(self, url: str, schema: str) -> None:
        import asyncpg

        connection = await asyncpg.connect(url)
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute(f'SET search_path TO "{schema}"')
        await connection.execute(CREATE_EVENTS.replace("id INTEGER", "id SERIAL"))
        await connection.execute(CREATE_INDEX)
        await connection.execute(CREATE_USERS)
        await connection.executemany(
            "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            list_rows(TOLD),
        )
        await connection.executemany("INSERT INTO users VALUES ($1, $2, 1.5)", USERS.items())
        await connection.close()


class TestMariadb(ConversationSourceContract):
    @pytest.fixture
    async def source(self) -> AsyncIterator[ConversationSource]:
        url = share_server().create_database(f"rasa_{next(_numbers)}")
        source = open_source(url, Settings())
        await self.fill(url)
        yield source
        await source.close()

    async def test_it_counts_them_or_says_that_it_cannot(self, source: ConversationSource) -> None:
        # Ids that differ in case or in spaces at the end are one to the table.
        assert len(TOLD) - 4 < (await source.count() or 0) < len(TOLD)

    async def fill(self, url: str) -> None:
        import asyncmy

        parts = split_address(url)
        async with (
            asyncmy.connect(**parts, charset="utf8mb4", autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            await cursor.execute(
                CREATE_EVENTS.replace("NOT NULL PRIMARY KEY", "AUTO_INCREMENT PRIMARY KEY", 1)
            )
            await cursor.execute(CREATE_INDEX)
            # Ids that differ in case alone are one to this table, as they are to Rasa's.
            await cursor.execute(
                CREATE_USERS.replace("NOT NULL PRIMARY KEY", "COLLATE utf8mb4_bin PRIMARY KEY")
            )
            await cursor.executemany(
                "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                list_rows(TOLD),
            )
            await cursor.executemany("INSERT INTO users VALUES (%s, %s, 1.5)", list(USERS.items()))


def split_address(url: str) -> dict[str, Any]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password or "",
        "db": parts.path.lstrip("/"),
    }


class _RedisContract(ConversationSourceContract):
    @pytest.fixture
    async def source(self, place: rasa_redis.RedisPlace) -> AsyncIterator[ConversationSource]:
        source = rasa_redis.open_source(place)
        yield source
        await source.close()


def fill_redis(client: Any, prefix: str = "") -> None:
    for sender_id in TOLD:
        client.set(f"{prefix}tracker:{sender_id}", json.dumps(wrap(sender_id)), ex=3600)
    # What else such a Redis holds.
    client.set("lock:ada", "{}")
    client.set("other:tracker:ada", "{}")
    client.zadd(f"{prefix}user_trackers:user-1", {"Ada": 1})


class TestRedis(_RedisContract):
    @pytest.fixture(scope="class", params=[None, "bank"])
    @classmethod
    def place(cls, request: pytest.FixtureRequest) -> Iterator[rasa_redis.RedisPlace]:
        with ValkeyPeer(password="secret") as peer:
            prefix = f"{request.param}:" if request.param else ""
            with Redis(port=peer.port, db=3, password="secret") as client:
                fill_redis(client, prefix)
            yield rasa_redis.RedisPlace(
                host="127.0.0.1", port=peer.port, db=3, password="secret", key_prefix=request.param
            )


@pytest.mark.slow
class TestRedisCluster(_RedisContract):
    @pytest.fixture(scope="class")
    @classmethod
    def place(cls) -> Iterator[rasa_redis.RedisPlace]:
        with ValkeyCluster() as cluster:
            client = RedisCluster(host="127.0.0.1", port=cluster.nodes[0].port)
            fill_redis(client)
            client.disconnect_connection_pools()
            client.close()
            yield rasa_redis.RedisPlace(deployment_mode="cluster", endpoints=cluster.endpoints)


@pytest.mark.slow
class TestRedisBehindSentinels(_RedisContract):
    @pytest.fixture(scope="class")
    @classmethod
    def place(cls) -> Iterator[rasa_redis.RedisPlace]:
        with ValkeySentinel() as sentinel:
            with Redis(port=sentinel.get_master_port()) as client:
                fill_redis(client)
            yield rasa_redis.RedisPlace(deployment_mode="sentinel", endpoints=sentinel.endpoints)


class TestMongodb(ConversationSourceContract):
    @pytest.fixture
    async def source(self, mongodb_url: str) -> AsyncIterator[ConversationSource]:  # noqa: F811
        from pymongo import MongoClient

        name = name_database()
        client: MongoClient[dict[str, Any]] = MongoClient(mongodb_url)
        collection = client[name]["conversations"]
        collection.create_index("sender_id", unique=True)
        for sender_id in TOLD:
            whole = wrap(sender_id)
            state = {"slots": {}, "latest_event_time": 1.5, "paused": False}
            collection.update_one({"sender_id": sender_id}, {"$set": {**state, **whole}}, upsert=True)
        source = rasa_mongodb.open_source(rasa_mongodb.MongodbPlace(url=mongodb_url, db=name))
        yield source
        await source.close()
        client.drop_database(name)
        client.close()


class TestDynamodb(ConversationSourceContract):
    @pytest.fixture
    async def source(self, moto_url: str) -> AsyncIterator[ConversationSource]:  # noqa: F811
        import boto3

        name = name_table()
        service: Any = boto3.resource("dynamodb", region_name="us-east-1", endpoint_url=moto_url)
        table = service.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "sender_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "sender_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for sender_id in TOLD:
            item = json.loads(json.dumps(wrap(sender_id)), parse_float=to_decimal)
            table.put_item(Item={**item, "sender_id": sender_id})
        source = rasa_dynamodb.open_source(
            rasa_dynamodb.DynamodbPlace(table_name=name, endpoint_url=moto_url)
        )
        yield source
        await source.close()
        table.delete()

    async def test_it_counts_them_or_says_that_it_cannot(self, source: ConversationSource) -> None:
        # The service brings its count up to date every few hours only.
        assert await source.count() is None or await source.count() == len(TOLD)


def to_decimal(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("1.000000000"))


def find_dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://rasa:secret@127.0.0.1:{port}/rasa",
        "mysql://rasa:secret@127.0.0.1:{port}/rasa",
        "redis://:secret@127.0.0.1:{port}/0",
    ],
)
def test_a_server_that_is_not_there_is_a_sentence_without_a_password(address: str) -> None:
    async def read() -> None:
        source = open_source(address.format(port=find_dead_port()), Settings())
        try:
            await source.read()
        finally:
            await source.close()

    with pytest.raises(AdapterError) as failure:
        asyncio.run(read())
    assert failure.value.is_retryable
    assert "secret" not in str(failure.value)
    assert str(failure.value).endswith(".")


async def test_a_wrong_password_is_not_tried_again() -> None:
    with ValkeyPeer(password="secret") as peer:
        source = open_source(f"redis://:wrong@127.0.0.1:{peer.port}/0", Settings())
        with pytest.raises(DuologueError, match="refuses the user name or the password"):
            await source.read()
        await source.close()


async def test_keys_of_redis_that_hold_no_conversation_are_named() -> None:
    with ValkeyPeer() as peer, Redis(port=peer.port) as client:
        values: Mapping[str, str] = {"a": "no JSON", "b": "[]", "c": '{"name": "c"}'}
        for name, value in values.items():
            client.set(f"tracker:{name}", value)
        client.rpush("tracker:d", "x")
        client.set("tracker:e", json.dumps(wrap("Ada")))
        source = open_source(f"redis://127.0.0.1:{peer.port}/0", Settings())
        page = await source.read(limit=1000)
        await source.close()
    assert {entry.name for entry in page.unread} == {"a", "b", "c", "d"}
    assert [one.conversation_id for one in page.conversations] == ["e"]
