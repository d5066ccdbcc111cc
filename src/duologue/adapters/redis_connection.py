"""A Redis as the stores see it: one server, a master behind sentinels, or a cluster."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from duologue.adapters.redis_connection_options import RedisConnectionOptions
from duologue.adapters.redis_connection_settings import Address, ConnectionSettings, read_connection_settings
from duologue.adapters.redis_failures import describe_failure
from duologue.adapters.redis_node import Command, RedisNode, RedisScript, Reply
from duologue.core.errors import DuologueError

_MOST_REDIRECTIONS = 40
_REDIRECTION_PAUSE = 0.05
_UNKNOWN_TO_SENTINELS = ("db", "username", "password", "credential_provider")


class RedisConnection:
    """Finds the server that has a key, sends it commands, and says in a sentence what went wrong."""

    def __init__(
        self, options: RedisConnectionOptions, *, timeout: float, scripts: Sequence[RedisScript]
    ) -> None:
        self._options = options
        self._timeout = timeout
        self._scripts = scripts
        self._settings = read_connection_settings(options)
        self._nodes: dict[Address, RedisNode] = {}
        self._master: Address | None = None
        self._slots: list[tuple[int, int, Address]] = []
        self._is_closed = False
        self.where = _describe(options, self._settings)

    @property
    def is_cluster(self) -> bool:
        return self._options.deployment_mode == "cluster"

    async def run(self, key: bytes, commands: Sequence[Command]) -> list[Reply]:
        """Send commands to the server that has the key, in one go; errors of the server stand as exceptions.

        Raises:
            RedisError, OSError, TimeoutError: the server cannot be asked.
        """
        async with asyncio.timeout(self._timeout):
            for _ in range(_MOST_REDIRECTIONS):
                try:
                    node = await self._find_node(key)
                    replies = await node.run(commands)
                except BaseException:
                    self._forget_places()
                    raise
                redirection = _find_redirection(replies)
                if redirection is None:
                    return replies
                replies = await self._follow(redirection, commands, replies)
                if replies is not None:
                    return replies
                await asyncio.sleep(_REDIRECTION_PAUSE)
            return await (await self._find_node(key)).run(commands)

    async def run_each(self, commands: Sequence[tuple[bytes, Command]]) -> list[Reply]:
        """Send each command to the server that has its key; those of one server keep their order."""
        if not self.is_cluster:
            return await self.run(b"", [command for _, command in commands])
        places: dict[Address, list[int]] = {}
        async with asyncio.timeout(self._timeout):
            for index, (key, _) in enumerate(commands):
                places.setdefault(await self._find_slot_owner(key), []).append(index)
        replies: list[Reply] = [None] * len(commands)

        async def run_at(indexes: list[int]) -> None:
            found = await self._run_at_one(indexes, commands)
            for index, reply in zip(indexes, found, strict=True):
                replies[index] = reply

        async with asyncio.timeout(self._timeout):
            await asyncio.gather(*(run_at(indexes) for indexes in places.values()))
        return replies

    async def _run_at_one(
        self, indexes: Sequence[int], commands: Sequence[tuple[bytes, Command]]
    ) -> list[Reply]:
        key = commands[indexes[0]][0]
        try:
            node = await self._find_node(key)
            found = await node.run([commands[index][1] for index in indexes])
        except BaseException:
            self._forget_places()
            raise
        if _find_redirection(found) is None:
            return found
        self._forget_places()
        return [(await self.run(commands[index][0], [commands[index][1]]))[0] for index in indexes]

    async def ask_masters(self, commands: Sequence[Command]) -> list[list[Reply]]:
        """The replies of every server that takes writes.

        Raises:
            RedisError, OSError, TimeoutError: one cannot be asked.
        """
        async with asyncio.timeout(self._timeout):
            try:
                return await asyncio.gather(*(node.run(commands) for node in await self._list_masters()))
            except BaseException:
                self._forget_places()
                raise

    async def check_writable(self, key: bytes) -> None:
        """Return if every server that takes writes takes them now.

        Raises:
            RedisError, OSError, TimeoutError: one does not.
        """
        from redis.exceptions import MovedError

        for (reply,) in await self.ask_masters([("SET", key, "1", "PX", 1000)]):
            # A node of a cluster that sends us to another one is in good health.
            if isinstance(reply, Exception) and not (self.is_cluster and isinstance(reply, MovedError)):
                self._forget_places()
                raise reply

    async def listen(self, channel: str) -> AsyncIterator[bytes]:
        """What is published in a channel, until the connection breaks.

        Raises:
            RedisError, OSError, TimeoutError: it broke.
        """
        async with asyncio.timeout(self._timeout):
            nodes = await self._list_masters()
            connection = self._settings.make(nodes[0].address)
            try:
                await connection.connect()
                await connection.send_command("SUBSCRIBE", channel)
                await connection.read_response(disable_decoding=True)
            except BaseException:
                await connection.disconnect(nowait=True)
                raise
        try:
            while True:
                message: Any = await connection.read_response(disable_decoding=True)
                if message[0] == b"message":
                    yield message[2]
        finally:
            await connection.disconnect(nowait=True)

    def describe(self, error: BaseException) -> DuologueError:
        """The error of ours for one of the driver or of the network."""
        return describe_failure(error, self.where, is_tls=self._settings.is_tls)

    async def close(self) -> None:
        """Let go of all connections."""
        self._is_closed = True
        nodes, self._nodes = self._nodes, {}
        for node in nodes.values():
            await node.close()

    # ---------------------------------------------------------------- who has what

    async def _find_node(self, key: bytes) -> RedisNode:
        match self._options.deployment_mode:
            case "cluster":
                return self._node_at(await self._find_slot_owner(key))
            case "sentinel":
                if self._master is None:
                    self._master = await self._ask_sentinels()
                return self._node_at(self._master)
            case _:
                return self._node_at(self._settings.address)

    async def _list_masters(self) -> list[RedisNode]:
        if not self.is_cluster:
            return [await self._find_node(b"")]
        if not self._slots:
            self._slots = await self._load_slots()
        return [self._node_at(address) for address in dict.fromkeys(owner for _, _, owner in self._slots)]

    def _node_at(self, address: Address) -> RedisNode:
        node = self._nodes.get(address)
        if node is None:
            node = self._nodes[address] = RedisNode(
                lambda: self._settings.make(address), address=address, scripts=self._scripts
            )
        return node

    def _forget_places(self) -> None:
        """Ask again who is the master of what."""
        self._master = None
        self._slots = []

    async def _ask_sentinels(self) -> Address:
        from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
        from redis.exceptions import ConnectionError as RedisConnectionError

        service = self._options.sentinel_service
        failure: Exception | None = None
        patience = max(0.3, self._timeout / (len(self._options.endpoints) + 1))
        for address in self._settings.seeds:
            question: Command = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
            try:
                async with asyncio.timeout(patience):
                    try:
                        found = await self._ask_one(address, question, without=_UNKNOWN_TO_SENTINELS)
                    except (AuthenticationError, NoPermissionError):
                        # Most sentinels have no password, and refuse whoever gives them one.
                        found = await self._ask_one(address, question, without=("db",))
            except (RedisError, OSError, TimeoutError) as error:
                failure = error
                continue
            if found:
                return _to_text(found[0]), int(found[1])
            failure = RedisConnectionError(f"No master found for {service}")
        raise failure or RedisConnectionError("No sentinel is named")

    async def _find_slot_owner(self, key: bytes) -> Address:
        from redis.crc import key_slot
        from redis.exceptions import ClusterDownError

        if not self._slots:
            self._slots = await self._load_slots()
        slot = key_slot(key)
        for first, last, owner in self._slots:
            if first <= slot <= last:
                return owner
        raise ClusterDownError("CLUSTERDOWN nobody has these keys")

    async def _load_slots(self) -> list[tuple[int, int, Address]]:
        from redis.exceptions import ConnectionError as RedisConnectionError
        from redis.exceptions import RedisError

        failure: Exception | None = None
        # Nodes that were found later than those in the options help when the latter are gone.
        for address in dict.fromkeys([*self._settings.seeds, *self._nodes]):
            try:
                async with asyncio.timeout(max(0.3, self._timeout / 3)):
                    found = await self._ask_one(address, ("CLUSTER", "SLOTS"))
            except (RedisError, OSError, TimeoutError) as error:
                failure = error
                continue
            slots = [
                (int(first), int(last), (_to_text(master[0]) or address[0], int(master[1])))
                for first, last, master, *_ in found
            ]
            if slots:
                return slots
        raise failure or RedisConnectionError("CLUSTERDOWN the cluster has no slots")

    async def _ask_one(self, address: Address, command: Command, *, without: Collection[str] = ()) -> Reply:
        connection = self._settings.make(address, without=without)
        try:
            await connection.connect()
            await connection.send_command(*command)
            return await connection.read_response(disable_decoding=True)
        finally:
            await connection.disconnect(nowait=True)

    async def _follow(
        self, redirection: Any, commands: Sequence[Command], replies: list[Reply]
    ) -> list[Reply] | None:
        """The replies of the node that we were sent to; None if the question has to be asked anew."""
        from redis.exceptions import AskError, MovedError

        if isinstance(redirection, MovedError) or not isinstance(redirection, AskError):
            if not self.is_cluster:
                return replies
            self._forget_places()
            return None
        asked: list[Command] = [part for command in commands for part in (("ASKING",), command)]
        host, _, port = str(redirection).rpartition(" ")[2].rpartition(":")
        found = (await self._node_at((host, int(port))).run(asked))[1::2]
        return None if _find_redirection(found) else found


def _describe(options: RedisConnectionOptions, settings: ConnectionSettings) -> str:
    if options.deployment_mode == "standard":
        host, port = settings.address
        return f"{host}:{port}/{settings.db}"
    return f"{options.deployment_mode} {', '.join(f'{host}:{port}' for host, port in settings.seeds)}"


def _find_redirection(replies: Sequence[Reply]) -> Any:  # the driver's error
    for reply in replies:
        if isinstance(reply, Exception) and type(reply).__name__ in (
            "MovedError",
            "AskError",
            "TryAgainError",
        ):
            return reply
    return None


def _to_text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
