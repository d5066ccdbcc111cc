"""One Redis server: connections that are used again and commands that go out together."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Command: TypeAlias = tuple[str | bytes | int | float, ...]
Reply: TypeAlias = Any
"""What the server said, undecoded; an error of the server stands as its exception."""

_MOST_CONNECTIONS = 64


class RedisScript:
    """A script that the server keeps and that is called by its digest."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def call(self, keys: Sequence[bytes], *arguments: str | bytes | int | float) -> Command:
        """The command that runs the script."""
        return ("EVALSHA", self._digest, len(keys), *keys, *arguments)


class RedisNode:
    """One server. Whatever it is asked to do may be done twice without harm: a lost connection is tried once more."""

    def __init__(
        self,
        make_connection: Callable[[], Any],
        *,
        address: tuple[str, int],
        scripts: Sequence[RedisScript] = (),
    ) -> None:
        self.address = address
        self._make_connection = make_connection
        self._scripts = scripts
        self._idle: list[Any] = []
        self._vacancies = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._is_closed = False

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        """Send the commands in one go, in order, and read a reply to each. Takes as long as it takes.

        Raises:
            RedisError, OSError: there is no telling which of them were done.
        """
        async with self._vacancies:
            replies = await self._try(commands)
            if any(_is_unknown_script(reply) for reply in replies):
                await self._try([("SCRIPT", "LOAD", script.source) for script in self._scripts])
                replies = await self._try(commands)
            return replies

    async def close(self) -> None:
        """Let go of the connections; those in use end with what they do."""
        self._is_closed = True
        await self._drop_idle()

    async def _try(self, commands: Sequence[Command]) -> list[Reply]:
        from redis.exceptions import ConnectionError as RedisConnectionError

        if self._idle:
            try:
                return await self._exchange(self._idle.pop(), commands)
            except (RedisConnectionError, OSError) as error:
                if isinstance(error, TimeoutError):
                    raise
                # The server was started again since, and the other idle ones are as dead as this one.
                await self._drop_idle()
        return await self._exchange(self._make_connection(), commands)

    async def _exchange(self, connection: Any, commands: Sequence[Command]) -> list[Reply]:
        try:
            await connection.connect()
            await connection.send_packed_command(_pack(commands), check_health=False)
            replies = [await _read_reply(connection) for _ in commands]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        if self._is_closed:
            await connection.disconnect(nowait=True)
        else:
            self._idle.append(connection)
        return replies

    async def _drop_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.disconnect(nowait=True)


def _pack(commands: Sequence[Command]) -> bytes:
    """The commands as they go over the wire; the driver's own way takes several times as long."""
    parts: list[bytes] = []
    for command in commands:
        parts.append(b"*%d\r\n" % len(command))
        for word in command:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


async def _read_reply(connection: Any) -> Reply:
    from redis.exceptions import ResponseError

    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        return error


def _is_unknown_script(reply: Reply) -> bool:
    return isinstance(reply, Exception) and type(reply).__name__ == "NoScriptError"
