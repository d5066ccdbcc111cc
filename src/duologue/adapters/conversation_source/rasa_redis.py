"""Conversations that a Rasa project keeps in Redis: JSON under `[prefix:]tracker:<sender_id>`."""

from collections.abc import Sequence
from typing import Any

import msgspec

from duologue.adapters.conversation_source.raw_json import read_json
from duologue.adapters.redis_failures import describe_failure
from duologue.ports.conversation_source import ConversationSource, SourceConversation, SourcePage, UnreadEntry
from duologue.wire.members import is_list, is_object

PREFIX = "tracker:"
TIMEOUT = 10.0
# `Any`: the client's replies depend on the command.
Client = Any


class RedisPlace(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the Redis of a Rasa project."""

    host: str = "localhost"
    port: int = 6379
    db: int = 0
    username: str | None = None
    password: str | None = None
    key_prefix: str | None = None
    use_ssl: bool = False
    ssl_keyfile: str | None = None
    ssl_certfile: str | None = None
    ssl_ca_certs: str | None = None
    deployment_mode: str = "standard"
    endpoints: tuple[str, ...] = ()
    sentinel_service: str = "mymaster"


class RasaRedisSource:
    """Walks over the keys of every primary server; the cursor is `<server>:<position>`."""

    def __init__(self, place: RedisPlace) -> None:
        self._place = place
        self._prefix = f"{place.key_prefix}:{PREFIX}" if place.key_prefix else PREFIX
        self._clients: list[Client] = []
        """The one that is asked, then those that find it."""

    async def count(self) -> int | None:
        # Redis does not know how many keys have a prefix without looking at every one.
        return None

    async def read(self, *, after: str | None = None, limit: int = 100) -> SourcePage:
        from redis.exceptions import RedisError

        try:
            return await self._read(after, limit)
        except (RedisError, OSError) as error:
            raise describe_failure(error, self._shown, is_tls=self._place.use_ssl) from error

    async def close(self) -> None:
        clients, self._clients = self._clients, []
        for client in clients:
            await client.aclose()
            # Behind sentinels the connections are not the client's own.
            if self._place.deployment_mode == "sentinel":
                await client.connection_pool.disconnect()

    @property
    def _client(self) -> Client:
        return self._clients[0]

    @property
    def _shown(self) -> str:
        return ", ".join(self._place.endpoints) or f"{self._place.host}:{self._place.port}"

    async def _read(self, after: str | None, limit: int) -> SourcePage:
        if not self._clients:
            self._clients = _connect(self._place)
        server, position = (int(part) for part in (after or "0:0").split(":"))
        next_position, servers, keys = await self._scan(server, position, limit)
        values = await self._fetch(sorted(set(keys)))
        conversations: list[SourceConversation] = []
        unread: list[UnreadEntry] = []
        for key, value in values:
            found = _read_conversation(key.removeprefix(self._prefix), value)
            if isinstance(found, SourceConversation):
                conversations.append(found)
            elif found is not None:
                unread.append(found)
        if next_position == 0:
            server += 1
        return SourcePage(
            conversations=tuple(conversations),
            unread=tuple(unread),
            next_cursor=f"{server}:{next_position}" if server < servers else None,
        )

    async def _scan(self, server: int, position: int, limit: int) -> tuple[int, int, list[str]]:
        """The next position on that server, how many servers there are, and the keys."""
        options: dict[str, Any] = {"match": f"{_escape(self._prefix)}*", "count": limit}
        if self._place.deployment_mode != "cluster":
            next_position, keys = await self._client.scan(position, **options)
            return int(next_position), 1, [_text(key) for key in keys]
        await self._client.initialize()
        nodes = sorted(self._client.get_primaries(), key=lambda node: str(node.name))
        positions, keys = await self._client.scan(position, target_nodes=nodes[server], **options)
        return int(positions[nodes[server].name]), len(nodes), [_text(key) for key in keys]

    async def _fetch(self, keys: Sequence[str]) -> list[tuple[str, object]]:
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.get(key)
        # A key that is no text, or of another kind, is named; the others are still read.
        return list(zip(keys, await pipeline.execute(raise_on_error=False), strict=True))


def _read_conversation(conversation_id: str, value: object) -> SourceConversation | UnreadEntry | None:
    if value is None:  # it ended while we looked
        return None
    if not isinstance(value, bytes | str):
        return UnreadEntry(name=conversation_id, reason="Its key in Redis holds no text.")
    try:
        stored = read_json(value)
    except (ValueError, RecursionError):
        return UnreadEntry(name=conversation_id, reason="It is no JSON.")
    events = stored.get("events") if is_object(stored) else None
    if not is_object(stored) or not is_list(events):
        return UnreadEntry(name=conversation_id, reason="It has no list of events.")
    user_id = stored.get("user_id")
    return SourceConversation(
        conversation_id=conversation_id,
        user_id=user_id if isinstance(user_id, str) and user_id else None,
        events=tuple(events),
    )


def _text(key: bytes | str) -> str:
    return key.decode("utf-8", "surrogateescape") if isinstance(key, bytes) else key


def _escape(prefix: str) -> str:
    return "".join(f"\\{character}" if character in "*?[]\\^" else character for character in prefix)


def _connect(place: RedisPlace) -> list[Client]:
    from redis.asyncio import Redis, RedisCluster
    from redis.asyncio.cluster import ClusterNode
    from redis.asyncio.retry import Retry
    from redis.asyncio.sentinel import Sentinel
    from redis.backoff import NoBackoff

    options: dict[str, Any] = {
        "username": place.username,
        "password": place.password,
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        # Who reads tries again, and says so.
        "retry": Retry(NoBackoff(), 1),
    }
    if place.use_ssl:
        options |= {
            "ssl": True,
            "ssl_keyfile": place.ssl_keyfile,
            "ssl_certfile": place.ssl_certfile,
            "ssl_ca_certs": place.ssl_ca_certs,
        }
    nodes = [_split(endpoint, place.port) for endpoint in place.endpoints] or [(place.host, place.port)]
    match place.deployment_mode:
        case "cluster":
            return [RedisCluster(startup_nodes=[ClusterNode(host, port) for host, port in nodes], **options)]
        case "sentinel":
            sentinel: Any = Sentinel(nodes, socket_timeout=TIMEOUT)
            master = sentinel.master_for(place.sentinel_service, db=place.db, **options)
            return [master, *sentinel.sentinels]
        case _:
            host, port = nodes[0] if place.endpoints else (place.host, place.port)
            return [Redis(host=host, port=port, db=place.db, **options)]


def _split(endpoint: str, default_port: int) -> tuple[str, int]:
    host, separator, port = endpoint.rpartition(":")
    return (host, int(port)) if separator else (endpoint, default_port)


def open_source(place: RedisPlace) -> ConversationSource:
    """The conversations in a Redis."""
    return RasaRedisSource(place)
