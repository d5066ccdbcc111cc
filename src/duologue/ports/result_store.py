"""What an action server remembers: the result of each call, by its idempotency key."""

from typing import Protocol, TypeAlias

import msgspec


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The call is the first of its key: run it, then `finish` or `release` it with this fence."""

    fence: int
    """Higher than that of every earlier holder of the key; who comes with a lower one is refused."""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """The call was made before, and this is what came of it."""

    result: bytes


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody runs the call right now, or died while running it."""

    until: float
    """Unix time at which the holder counts as dead, unless it renews."""


Claim: TypeAlias = Begun | Remembered | UnderWay


class ResultStore(Protocol):
    """Remembers results. Keys are compared byte by byte; any text up to 512 characters is one.

    Time comes from the arguments alone, in Unix seconds. A store that cannot be reached raises `StorageUnavailableError`.
    """

    async def claim(self, key: str, *, now: float, lease: float) -> Claim:
        """Take the key for `lease` seconds, unless its result is there or a living holder has it. One of many callers wins."""
        ...

    async def renew(self, key: str, fence: int, *, now: float, lease: float) -> bool:
        """Hold on to the key; False if somebody else has taken it since."""
        ...

    async def finish(self, key: str, fence: int, result: bytes, *, now: float, keep: float) -> bool:
        """Remember the result for `keep` seconds, durably when this returns; False if somebody else has taken the key."""
        ...

    async def release(self, key: str, fence: int) -> None:
        """Let go of the key without a result: the next call of it runs."""
        ...

    async def delete_expired(self, *, now: float, limit: int = 1000) -> int:
        """Delete results whose time is over, at most that many; how many went."""
        ...

    async def check_health(self) -> None:
        """Return if results can be remembered now, raise `StorageUnavailableError` otherwise."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
