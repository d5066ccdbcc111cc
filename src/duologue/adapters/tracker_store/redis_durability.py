"""Whether a Redis keeps what it has acknowledged, and what an append has to wait for."""

import logging
from collections.abc import Sequence

from duologue.adapters.redis_connection import RedisConnection
from duologue.adapters.redis_node import Command, Reply
from duologue.adapters.tracker_store.redis_options import RedisTrackerStoreOptions
from duologue.core.errors import StorageUnavailableError

_SETTINGS = ("appendonly", "appendfsync", "maxmemory", "maxmemory-policy")

_log = logging.getLogger(__name__)


class Durability:
    """What goes out behind a change, so that its answer means that it is kept."""

    def __init__(
        self,
        options: RedisTrackerStoreOptions,
        where: str,
        *,
        port: str = "tracker_store",
        things: str = "conversations",
        changes: str = "turns",
    ) -> None:
        """`things` are what is kept there, `changes` what is added to them."""
        self._port, self._things, self._changes = port, things, changes
        self._patience = max(1, int(options.socket_timeout * 450))
        self._replicas = options.wait_for_replicas
        self._where = where
        self._waits_for_disk = False
        self._wants_disk = options.wait_for_disk
        self._is_replicated = options.deployment_mode == "sentinel"

    @property
    def waits(self) -> list[Command]:
        """Commands that answer when what was written before them on the same connection is kept."""
        waits: list[Command] = []
        if self._waits_for_disk:
            waits.append(("WAITAOF", 1, 0, self._patience))
        if self._replicas:
            waits.append(("WAIT", self._replicas, self._patience))
        return waits

    def check(self, waits: Sequence[Command], replies: Sequence[Reply]) -> None:
        """Return if what was waited for has come.

        Raises:
            StorageUnavailableError: it has not; the change may be lost.
        """
        for (command, wanted, *_), reply in zip(waits, replies, strict=True):
            if command == "WAITAOF" and isinstance(reply, Exception):
                # The append-only file was switched off, or another server took over that has none.
                self._waits_for_disk = False
                self._warn(
                    f"has stopped writing to its disk, so that a crash loses acknowledged {self._changes}"
                )
                continue
            if isinstance(reply, Exception):
                raise reply
            reached: int = reply[0] if command == "WAITAOF" else reply
            if reached < int(wanted):
                what = "its disk" if command == "WAITAOF" else f"{wanted} replicas"
                raise StorageUnavailableError(
                    f"Redis at {self._where} did not bring a change to {what} within {self._patience / 1000:g} seconds."
                )

    async def examine(self, connection: RedisConnection, key: bytes) -> None:
        """Look at the server and say what could be lost."""
        questions: list[Command] = [("CONFIG", "GET", name) for name in _SETTINGS]
        found = [_read_settings(replies) for replies in await connection.ask_masters(questions)]
        can_wait = await self._can_wait(connection, key) if self._wants_disk else False
        self._waits_for_disk = can_wait and not all(
            settings.get("appendfsync") == "always" for settings in found
        )
        for sentence in sorted(
            {sentence for settings in found for sentence in self._find_risks(settings, can_wait)}
        ):
            self._warn(sentence)
        if self._is_replicated and not self._replicas:
            self._warn(
                f"may lose {self._changes} that the replica does not have yet when it takes over; set `wait_for_replicas: 1`"
            )

    async def _can_wait(self, connection: RedisConnection, key: bytes) -> bool:
        """Whether Redis says when a write is on disk: 7.2 or newer, or Valkey, with an append-only file."""
        reply = (
            await connection.run(key, [("SET", key, "1", "PX", 1000), ("WAITAOF", 1, 0, self._patience)])
        )[1]
        return not isinstance(reply, Exception) and reply[0] > 0

    def _find_risks(self, settings: dict[str, str], can_wait: bool) -> list[str]:
        risks: list[str] = []
        if settings.get("appendonly") == "no":
            risks.append(
                f"keeps {self._things} in memory only, so that a crash loses them; set its `appendonly yes`"
            )
        elif settings.get("appendfsync") == "no":
            risks.append(
                f"leaves it to the system when it writes to its disk, so that a power cut loses {self._changes};"
                " set its `appendfsync always`"
            )
        elif settings.get("appendfsync") == "everysec" and not can_wait:
            risks.append(
                f"writes to its disk once a second, so that a power cut loses the {self._changes} of the last second;"
                " set its `appendfsync always`"
            )
        elif settings.get("appendfsync") == "everysec":
            risks.append(
                f"writes to its disk once a second, and {self._changes} wait for that; its `appendfsync always` is faster"
            )
        policy = settings.get("maxmemory-policy", "noeviction")
        if policy != "noeviction" and settings.get("maxmemory", "0") != "0":
            risks.append(
                f"may drop {self._things} when its memory is full (maxmemory-policy {policy});"
                " set its `maxmemory-policy noeviction`"
            )
        return risks

    def _warn(self, sentence: str) -> None:
        _log.warning(f"{self._port}.redis_risk", extra={"reason": f"Redis at {self._where} {sentence}."})


def _read_settings(replies: Sequence[Reply]) -> dict[str, str]:
    """The settings that the server told; a user may not be allowed to ask."""
    pairs = [reply for reply in replies if not isinstance(reply, Exception) and reply]
    return {pair[0].decode(): pair[1].decode() for pair in pairs}
